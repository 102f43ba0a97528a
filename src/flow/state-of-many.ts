import { shortName } from '../model/machine.ts';
import { type Card, text } from '../model/notice.ts';
import type { Decision, Request, Run } from '../model/request.ts';
import { duration } from './collect.ts';
import { finished, pausedWords, stateOf } from './state-words.ts';
import type { Surroundings } from './surroundings.ts';

const BAR = 10;

/** How machines are counted, in the order in which they want attention. */
export const KINDS = [
  { kind: 'unclear', symbol: '?', words: 'unclear' },
  { kind: 'failed', symbol: '✘', words: 'failed' },
  { kind: 'erred', symbol: '⚠', words: 'finished with errors' },
  { kind: 'unread', symbol: '?', words: 'finished, exit unknown' },
  { kind: 'running', symbol: '▶', words: 'running' },
  { kind: 'waiting', symbol: '◌', words: 'waiting' },
  { kind: 'reading', symbol: '◌', words: 'finished, reading the output' },
  { kind: 'cancelled', symbol: '–', words: 'cancelled' },
  { kind: 'finished', symbol: '✔', words: 'finished' },
] as const;
export type Kind = (typeof KINDS)[number]['kind'];

/** Of what Defender calls succeeded: which symbol its own state has. */
const SUCCEEDED: Record<string, Kind> = { '✔': 'finished', '⚠': 'erred', '◌': 'reading', '?': 'unread' };

export type Runs = readonly [Run, ...Run[]];

/** The state of a request in one line, on however many machines. */
export function stateOfAll(
  request: Request,
  runs: Runs,
  decisions: readonly Decision[],
  around: Surroundings,
): Card['state'] {
  const [only, ...others] = runs;
  const begun = request.status === 'approved' || request.status === 'done';
  if (others.length > 0 && begun) return sumOf(request, runs, around);
  // Where a person had to settle one of them, not even that nothing was sent is sure.
  return stateOf(request, runs.find(({ settledBy }) => settledBy !== null) ?? only, decisions, around);
}

/** Where a request runs, as people say it: `ws-042`, or `37 machines`. */
export function machinesOf(runs: Runs): string {
  const [only, ...others] = runs;
  return others.length === 0 ? shortName(only.machine) : `${runs.length} machines`;
}

/** `24 of 37 done · ✔ 21 finished · ▶ 9 running · ◌ 4 waiting · ✘ 3 failed · ███████░░░ 65 % · about 2 min left`. */
function sumOf(request: Request, runs: readonly Run[], around: Surroundings): Card['state'] {
  const kinds = new Set(runs.map((run) => kindOf(request, run)));
  const done = runs.filter(({ endedAt }) => endedAt !== null).length;
  const left = around.paused === null ? timeLeft(runs, done, around.now) : null;
  const words = [
    `${done} of ${runs.length} done`,
    ...countsOf(request, runs),
    bar(done / runs.length),
    ...(around.paused !== null && runs.some(({ status }) => status === 'queued') ? [pausedWords(around.paused)] : []),
    ...(left === null ? [] : [`about ${duration(left)} left`]),
  ];
  return { symbol: symbolOf(kinds, done === runs.length), words: [text(words.join(' · '))] };
}

/** `✔ 21 finished`, `✘ 3 failed`: how many there are of each kind, the good news first. */
export function countsOf(request: Request, runs: readonly Run[]): string[] {
  const kinds = runs.map((run) => kindOf(request, run));
  return KINDS.toReversed().flatMap(({ kind, symbol, words }) => {
    const count = kinds.filter((one) => one === kind).length;
    return count === 0 ? [] : [`${symbol} ${count} ${words}`];
  });
}

/** What is unclear comes first; at the end, the worst of all. */
function symbolOf(kinds: ReadonlySet<Kind>, ended: boolean): string {
  if (kinds.has('unclear')) return '?';
  if (!ended && !kinds.has('running')) return '◌';
  return ended ? (KINDS.find(({ kind }) => kinds.has(kind))?.symbol ?? '✔') : '▶';
}

function bar(share: number): string {
  const full = Math.floor(share * BAR);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${Math.floor(share * 100)} %`;
}

/** Reckoned from how long those took that have ended. Milliseconds; null where nothing tells. */
function timeLeft(runs: readonly Run[], done: number, now: number): number | null {
  const ran = runs.flatMap(({ sentAt, endedAt }) => (sentAt === null || endedAt === null ? [] : [sentAt]));
  if (ran.length === 0 || done === runs.length) return null;
  return Math.round(((now - Math.min(...ran)) / ran.length) * (runs.length - done));
}

/** How a machine is counted. */
export function kindOf(request: Request, run: Run): Kind {
  switch (run.status) {
    case 'unclear':
    case 'reconciling':
      return 'unclear';
    case 'failed':
    case 'timed_out':
      return 'failed';
    case 'succeeded':
      return SUCCEEDED[finished(request, run).symbol] ?? 'unread';
    case 'cancelled':
      return 'cancelled';
    case 'submitting':
      return 'running';
    case 'running':
      return run.pickedUpAt === null ? 'waiting' : 'running';
    default:
      return 'waiting';
  }
}
