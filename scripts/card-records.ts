// A part of `npm run screenshots`: cards made from records, of states that last milliseconds, or hours, or hang on chance.
import { plainCard } from '../src/chat/slack/plain-form.ts';
import { type Rendered, renderCard } from '../src/chat/slack/render.ts';
import { cardOf } from '../src/flow/card.ts';
import { BOT } from '../src/flow/comment.ts';
import type { Surroundings } from '../src/flow/surroundings.ts';
import type { Command } from '../src/model/command.ts';
import type { Card } from '../src/model/notice.ts';
import type { BoundFile, CommandProgress, Decision, Request, Run } from '../src/model/request.ts';
import { ANA, aCommand, aDecision, aRequest, aRun, around, LEA, LEO, terms } from '../test/support/records.ts';
import { deletionCards } from './card-records-deletion.ts';
import { manyCards } from './card-records-many.ts';
import type { StateName } from './card-states.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What differs from a plain request that Lea approved four minutes ago. */
interface Scene {
  request?: Partial<Request>;
  run?: Partial<Run>;
  decisions?: Decision[];
  around?: Partial<Surroundings>;
  /** Of its one command. */
  command?: Partial<CommandProgress>;
}

export type RecordedCards = Partial<Record<StateName, Rendered>>;

/** The cards as Slack gets them; `now`: the time of the pictures. */
export function recordedCards(now: number): RecordedCards {
  const { ended } = scenes(now);
  const output: Partial<CommandProgress> = { result: 'collected', exitCode: 0, head: ['PID 4711  4.2 MB written'] };
  const cards = {
    ...{ ...deciding(now), ...inLine(now), ...atDefender(now), ...doubts(now), ...ends(now) },
    'In a channel that other organisations read: no output': ended({ command: output, around: { shared: true } }),
  } satisfies Partial<Record<StateName, Card>>;
  return {
    ...Object.fromEntries(Object.entries(cards).map(([name, card]) => [name, renderCard(card)])),
    'Slack refused the long form': plainCard(ended({ command: output })),
    ...manyCards(now),
    ...deletionCards(now),
  };
}

/** Makers of cards around a time. */
function scenes(now: number) {
  const began = now - 4 * MINUTE;
  const times = { createdAt: began - MINUTE, approvedAt: began, expiresAt: now + 7 * HOUR, startBy: now + 7 * HOUR };
  const file: BoundFile = {
    command: 0,
    fileName: 'minidump.ps1',
    sha256: '14cf3ab1d4a8'.padEnd(64, '0'),
    description: 'Writes a memory dump of a process to the Windows temp folder and zips it.',
    addedBy: 'carol@contoso.com',
    updatedAt: new Date(now - 70 * 24 * HOUR).toISOString(),
  };
  const card = ({ request, run, decisions, around: place }: Scene) =>
    cardOf(
      aRequest({ ...times, files: [file], reason: 'INC-1244 odd service', ...request }),
      aRun(run),
      decisions ?? [aDecision({ at: began })],
      around({ now, ...place }),
    );
  const sent = { status: 'running', sentAt: began, pickedUpAt: began + 20_000, actionId: 'action' } as const;
  const running = ({ run, command, ...scene }: Scene) =>
    card({
      ...scene,
      run: { ...sent, commands: [aCommand({ state: 'running', startedAt: began + 20_000, ...command })], ...run },
    });
  const done = { state: 'completed', startedAt: began + 20_000, endedAt: now - MINUTE } as const;
  const ended = ({ run, request, command, ...scene }: Scene) =>
    card({
      ...scene,
      request: { status: 'done', endedAt: now, ...request },
      run: { ...sent, status: 'succeeded', endedAt: now, commands: [aCommand({ ...done, ...command })], ...run },
    });
  return { began, file, card, running, ended, done };
}

function deciding(now: number) {
  const { card, file, began } = scenes(now);
  const waiting = { status: 'waiting', approvedAt: null } as const;
  const held = { status: 'held' } as const;
  return {
    'Others may approve whom nobody can list': card({
      request: { ...waiting, files: [{ ...file, sha256: '', addedBy: '' }] },
      run: held,
      decisions: [],
      around: { others: ['incident-leads'], mention: false },
    }),
    'Another policy asks for more, while it waits': card({
      request: {
        ...waiting,
        terms: terms({ approvals: 2 }),
        judgedAnew: { from: terms(), note: 'The policy changed, and it now asks for 2 approvals by leads.' },
      },
      run: held,
      decisions: [],
    }),
    'Withdrawn, after somebody had to say whether it ran': card({
      request: { status: 'withdrawn', approvedAt: null, note: 'done by hand', endedAt: now, endedBy: ANA },
      run: { status: 'cancelled', settledBy: LEO, endedAt: now },
      decisions: [aDecision({ at: began })],
    }),
  };
}

function inLine(now: number) {
  const { card, began } = scenes(now);
  const broke = aDecision({ verdict: 'break_glass', why: 'ransomware spreading', at: began });
  const review = { by: now + 24 * HOUR, remindAt: now + 12 * HOUR, doneAt: null };
  return {
    'Approved and next in line': card({}),
    'Next in line, since a rule asks for nobody': card({ request: { terms: terms({ approvals: 0 }) }, decisions: [] }),
    'Break-glass, and in line': card({ request: { requester: asked(LEA), review }, decisions: [broke] }),
    'All sessions are taken': card({ around: { place: 2, freeSessions: 1 } }),
    'Something else is in its way': card({
      run: { waits: { for: 'defender', why: 'Defender doesn’t answer. Try again in a moment.' }, notBefore: now },
    }),
    'On its way to Defender': card({ run: { status: 'submitting', intentAt: now, sendStartedAt: now } }),
  };
}

const asked = (who: typeof LEA): Request['requester'] => ({ ...aRequest().requester, ...who });

function atDefender(now: number) {
  const { running, done } = scenes(now);
  const cancel = { by: ANA, why: 'wrong machine', at: now - MINUTE, sent: true, note: null };
  const off = { pickedUpAt: null, commands: [aCommand()] };
  return {
    'Running: all is done but for Defender': running({
      run: { note: 'Defender shows a second action for LR-8K3F2Q.1. Look at it in the portal.' },
      command: { ...done, result: 'pending' },
    }),
    'A cancel was asked for': running({ run: { ...off, cancel } }),
    'A cancel that Defender turned down': running({
      run: { cancel: { ...cancel, note: 'Defender says that it is too late to cancel.' } },
    }),
  };
}

function doubts(now: number) {
  const { running, ended } = scenes(now);
  const unseen = { since: now - 2 * MINUTE, why: 'Defender doesn’t answer', told: true };
  const trouble = 'Its output couldn’t be read yet: Defender doesn’t answer. I keep trying.';
  return {
    'Sent, and Defender tells nothing of it': running({ run: { unseen, pickedUpAt: null, commands: [aCommand()] } }),
    'It ran when Defender last told': running({ run: { unseen } }),
    'Finished, and its output is on its way': ended({}),
    'Finished, and its output can’t be read yet': ended({ command: { trouble } }),
    'Finished, and its output was never read': ended({
      command: { result: 'failed', trouble: 'Its output could not be read: Defender doesn’t have it.' },
    }),
  };
}

function ends(now: number) {
  const { ended, began } = scenes(now);
  const never = { pickedUpAt: null, commands: [aCommand()] };
  const stopped = { by: ANA, why: 'wrong machine', at: now, sent: false, note: null };
  const broke = aDecision({ verdict: 'break_glass', why: 'ransomware spreading', at: began - 30 * HOUR });
  const review = { by: now - 2 * HOUR, remindAt: now, doneAt: null };
  const stuck = (commands: Command[], progress: Partial<CommandProgress>[], status: Run['status'] = 'failed') =>
    ended({ request: { commands, files: [] }, run: { status, commands: progress.map(aCommand) } });
  const failed = { state: 'failed', startedAt: began, endedAt: began + 2_000, result: 'none' } as const;
  const put: Command = { kind: 'put', file: 'yara-rules.yar' };
  const yara: Command = { kind: 'run', script: 'Start-Yara.ps1', args: [] };
  return {
    'Failed, and Defender doesn’t say why': ended({ run: { ...never, status: 'failed' } }),
    'Failed: a file was not placed': stuck(
      [put, yara],
      [{ ...failed, errors: ['The disk is full.'] }, { raw: 'Created' }],
    ),
    'Failed: a file was not collected': stuck(
      [{ kind: 'get', path: String.raw`C:\Windows\Temp\removed.log` }],
      [{ ...failed, errors: ['The file does not exist.'] }],
    ),
    'Timed out while a script ran': stuck([yara], [{ state: 'running', startedAt: began }], 'timed_out'),
    'Timed out, and the machine was never seen at it': ended({ run: { ...never, status: 'timed_out' } }),
    'Cancelled in line': ended({
      run: {
        ...{ ...never, status: 'cancelled', sentAt: null, actionId: null, cancel: stopped },
        note: 'Cancelled by Ana Analyst: wrong machine. Nothing was sent to the machine.',
      },
    }),
    'An approver said that it didn’t run': ended({
      run: {
        ...{ ...never, status: 'cancelled', settledBy: LEA },
        cancel: { ...stopped, by: BOT, why: 'it did not start in time' },
        note: 'Lea Lead says that it didn’t run. Defender still calls it “Pending”, so it isn’t sent again.',
      },
    }),
    'Break-glass: to be reviewed': ended({
      request: { requester: asked(LEA), review },
      decisions: [broke],
      command: { result: 'collected', exitCode: 0 },
    }),
  };
}
