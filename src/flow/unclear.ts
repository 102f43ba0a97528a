import { strong, text } from '../model/notice.ts';
import type { PersonRef } from '../model/person.ts';
import type { Request, Run } from '../model/request.ts';
import { startedForSure } from './buttons.ts';
import { backInLine, endRun } from './changes.ts';
import type { Deps } from './deps.ts';
import { mentionApprovers } from './mentions.ts';
import type { Tx } from './ports.ts';

/** Asks those who may approve whether an unclear run ran. The card carries the buttons; the reply makes them look. */
export async function askWhetherItRan(tx: Tx, deps: Deps, run: Run, request: Request): Promise<void> {
  const approvers = mentionApprovers(deps, request);
  const look = approvers.length === 0 ? [text('Look')] : [...approvers, text(': look')];
  const words = startedForSure(run) ? 'It ran' : 'It ran, or It didn’t run';
  await tx.insertReply({
    requestId: request.id,
    key: `unclear:${run.id}:${run.attempt}`,
    channel: request.channel,
    reply: {
      text: [
        text('? Still unclear whether it ran. '),
        ...look,
        text(` at the machine, then say on the card: ${words}.`),
      ],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
}

/** Why nobody can look what Defender shows: it stays so until somebody changes it, and a machine must not be taken until then. */
const BLIND = {
  defender_forbidden: 'Defender doesn’t allow the application to look',
  defender_unexpected: 'I don’t understand what Defender shows of this machine',
} as const;
export type Blind = keyof typeof BLIND;

export const isBlind = (code: string): code is Blind => code in BLIND;

/** What an approver says of an unclear run. `still`: Defender's word for an action that it shows without an end, for too long. */
interface Word {
  by: PersonRef;
  ran: boolean;
  /** Null where Defender was looked at. */
  blind: Blind | null;
  still: string | null;
}

/** An approver settles an unclear run by their word; it is audited as theirs. Nothing is guessed. */
export async function settleUnclear(tx: Tx, deps: Deps, run: Run, request: Request, word: Word): Promise<void> {
  const { by, ran, blind, still } = word;
  const again = still === null && run.cancel === null;
  await tx.audit({
    actor: by,
    action: ran ? 'run.settled_ran' : 'run.settled_not_ran',
    requestId: request.id,
    runId: run.id,
    data: {
      attempt: run.attempt,
      ...(blind === null ? {} : { notLookedAt: blind }),
      ...(still === null ? {} : { still }),
    },
  });
  await tx.insertReply({
    requestId: request.id,
    key: `settled:${run.id}:${run.attempt}`,
    channel: request.channel,
    reply: {
      text: [
        strong(by.name),
        text(ran ? ' says that it ran.' : ` says that it didn’t run. ${again ? 'It goes back in line.' : ''}`),
      ],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
  if (ran) {
    const unended = still === null ? 'Defender shows no action for it' : `Defender shows no end of it, only “${still}”`;
    const why = blind === null ? unended : BLIND[blind];
    await endRun(tx, deps, run, request, 'succeeded', {
      settledBy: by,
      note: `${by.name} says that it ran. ${why}, so there are no results here.`,
    });
    return;
  }
  if (still !== null) {
    // What Defender still has may start yet, so nothing is sent beside it.
    const note = `${by.name} says that it didn’t run. Defender still calls it “${still}”, so it isn’t sent again.`;
    await endRun(tx, deps, run, request, 'cancelled', { settledBy: by, note });
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
