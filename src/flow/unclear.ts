import { strong, text } from '../model/notice.ts';
import type { PersonRef } from '../model/person.ts';
import type { Request, Run } from '../model/request.ts';
import { startedForSure } from './buttons.ts';
import { backInLine, endRun } from './changes.ts';
import type { Deps } from './deps.ts';
import { mentionApprovers } from './mentions.ts';
import type { Tx } from './ports.ts';
import { whichOf } from './told-apart.ts';

/** What is seen and not seen in turns calls people once an hour at most. */
export const hourOf = ({ clock }: Pick<Deps, 'clock'>): number => Math.floor(clock.now() / 3_600_000);

/** Asks those who may approve whether an unclear run ran. The card carries the buttons; the reply makes them look. */
export async function askWhetherItRan(tx: Tx, deps: Deps, run: Run, request: Request): Promise<void> {
  const approvers = mentionApprovers(deps, request);
  const look = approvers.length === 0 ? [text('Look')] : [...approvers, text(': look')];
  const several = request.machineCount !== undefined;
  const words = startedForSure(run) ? 'It ran' : 'It ran, or It didn’t run';
  await tx.insertReply({
    requestId: request.id,
    // Of several machines one call is enough: the card says which ones.
    key: several ? `unclear:${hourOf(deps)}` : `unclear:${run.id}:${run.attempt}:${hourOf(deps)}`,
    channel: request.channel,
    reply: {
      text: [
        text('? '),
        ...whichOf(request, run),
        text(`Still unclear whether it ran${several ? ', and maybe on others: the card says where' : ''}. `),
        ...look,
        text(` at the ${several ? 'machines' : 'machine'}, then say on the card: ${words}.`),
      ],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
}

/** Why nobody can look what Defender shows: it stays so until somebody changes it, and a machine must not be taken until then. */
export const BLIND = {
  defender_forbidden: 'Defender doesn’t allow the application to look',
  defender_unexpected: 'I don’t understand what Defender shows of this machine',
} as const;
export type Blind = keyof typeof BLIND;

export const isBlind = (code: string): code is Blind => code in BLIND;

/** Defender's word for an action of which nobody knows an end. `seen`: it shows it just now, else it did so last. */
export interface Still {
  word: string;
  seen: boolean;
}

/** What an approver says of an unclear run. */
interface Word {
  by: PersonRef;
  ran: boolean;
  /** Null where Defender was looked at. */
  blind: Blind | null;
  still: Still | null;
}

/** An approver settles an unclear run by their word; it is audited as theirs. Nothing is guessed. */
export async function settleUnclear(tx: Tx, deps: Deps, run: Run, request: Request, word: Word): Promise<void> {
  const { by, ran, blind, still } = word;
  await tx.audit({
    actor: by,
    action: ran ? 'run.settled_ran' : 'run.settled_not_ran',
    requestId: request.id,
    runId: run.id,
    data: {
      attempt: run.attempt,
      ...(blind === null ? {} : { notLookedAt: blind }),
      ...(still === null ? {} : { actionId: run.actionId, still: still.word }),
    },
  });
  await tx.insertReply({
    requestId: request.id,
    key: `settled:${run.id}:${run.attempt}`,
    channel: request.channel,
    reply: {
      text: [
        ...whichOf(request, run),
        strong(by.name),
        text(ran ? ' says that it ran.' : ` says that it didn’t run. ${whatNow(run, still)}`),
      ],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
  if (ran) {
    const unended = still?.seen === true ? `shows no end of it, only “${still.word}”` : 'shows no action for it';
    const why = blind === null ? `Defender ${unended}` : BLIND[blind];
    await endRun(tx, deps, run, request, 'succeeded', {
      settledBy: by,
      note: `${by.name} says that it ran. ${why}, so there are no results here.`,
    });
    return;
  }
  if (still !== null) {
    await endStill(tx, deps, run, request, by, still);
    return;
  }
  await backInLine(tx, deps, run, request, {
    settledBy: by,
    notBefore: deps.clock.now(),
    waits: { for: 'turn' },
    // What it ran under before isn't what it will run under.
    ...{ actionId: null, actionStatus: null, sentAt: null, note: null },
  });
}

/** What their word that it didn't run leads to. */
function whatNow(run: Run, still: Still | null): string {
  if (still !== null) return 'It isn’t sent again, and I ask Defender to cancel it.';
  return run.cancel === null ? 'It goes back in line.' : '';
}

/** What Defender may still have could start yet: nothing is sent beside it, and Defender is asked to cancel it. */
async function endStill(
  tx: Tx,
  deps: Deps,
  run: Run,
  request: Request,
  by: PersonRef,
  { word, seen }: Still,
): Promise<void> {
  const calls = seen ? `Defender still calls it “${word}”` : `The last that Defender said of it is “${word}”`;
  const wished = run.cancel !== null && run.cancel.note === null;
  const why = 'it didn’t run, by the word of an approver';
  const cancel = wished ? run.cancel : { by, why, at: deps.clock.now(), sent: false, note: null };
  if (cancel?.sent === false) await tx.enqueue({ queue: 'cancel', id: run.id });
  await endRun(tx, deps, run, request, 'cancelled', {
    settledBy: by,
    cancel,
    note: `${by.name} says that it didn’t run. ${calls}, so it isn’t sent again.`,
  });
}
