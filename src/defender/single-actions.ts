import { DefenderError } from '../errors.ts';
import type { Clock, Look, MachineAction } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import type { Api } from './http.ts';
import { machineActionShape } from './wire.ts';

/** Reads in one go, so that a slow Defender doesn't keep the others waiting. The budget of single reads allows no more either. */
const AT_ONCE = 6;
/**
 * The pause before the next look at the same action: a share of the time in which nothing has changed about it, since people wait for
 * what is fresh and in motion, while a machine that has been off for an hour isn't missed for a minute. Milliseconds.
 */
const PAUSE = { share: 1 / 20, least: 4_000, most: 60_000 };
/** What Defender doesn't show (yet) isn't asked about more often than this. */
const UNKNOWN_PAUSE = 10_000;
/** Troubles of one action, which say nothing about the others. */
const OF_ONE = new Set<string>(['defender_refused', 'defender_unexpected']);

/** One that Defender doesn't answer may be the only one; after so many in one go nobody else is asked about. */
const IN_VAIN = 2;

/** Looks at actions one by one, for what lists don't show: a few at a time, the most urgent first. */
export interface SingleActions {
  /** What these few looks have shown. Throws DefenderError where none was answered; having to wait for one's turn is no error. */
  look(ids: readonly string[]): Promise<Look>;
  /** Forgets all others. */
  keep(ids: readonly string[]): void;
}

interface Seen {
  at: Time;
  /** What it was like, and since when; null: unknown to Defender. */
  state: string | null;
  since: Time;
}

/** Creates the looks; they remember when each action was looked at, and since when it looks as it does. */
export function createSingleActions({ api, clock }: { api: Api; clock: Clock }): SingleActions {
  const seen = new Map<string, Seen>();

  async function read(id: string): Promise<MachineAction | null> {
    try {
      const single = { endpoint: 'action', path: `/machineactions/${id}`, purpose: 'single' } as const;
      const action = await api.read(single, machineActionShape);
      if (action.id.toLowerCase() === id.toLowerCase()) return action;
    } catch (error) {
      if (error instanceof DefenderError && error.code === 'defender_not_found') return null;
      throw error;
    }
    throw new DefenderError('defender_unexpected', 'Defender answered with another action than was asked for.');
  }

  /** How many of its pauses have passed since the last look; from 1 on it is due. */
  function urgency(id: string): number {
    const last = seen.get(id);
    if (last === undefined) return Number.POSITIVE_INFINITY;
    const least = last.state === null ? UNKNOWN_PAUSE : PAUSE.least;
    const pause = Math.min(Math.max((last.at - last.since) * PAUSE.share, least), PAUSE.most);
    return (clock.now() - last.at) / pause;
  }

  function remember(id: string, state: string | null): void {
    const last = seen.get(id);
    const at = clock.now();
    seen.set(id, { at, state, since: last !== undefined && last.state === state ? last.since : at });
  }

  /** The answer for one, or the trouble; either way its turn is over. */
  async function lookAt(id: string): Promise<MachineAction | null | DefenderError> {
    try {
      const action = await read(id);
      remember(id, action && stateOf(action));
      return action;
    } catch (error) {
      if (!(error instanceof DefenderError)) throw error;
      // Where it was asked in vain, others are more urgent next time, or one that can't be told would keep all from being seen.
      if (OF_ONE.has(error.code) || isUnanswered(error)) remember(id, seen.get(id)?.state ?? '');
      return error;
    }
  }

  return {
    async look(ids) {
      const due = ids.filter((id) => urgency(id) >= 1).sort((a, b) => compare(urgency(b), urgency(a)));
      const found: Look = { shown: [], unknown: [] };
      const unread: NonNullable<Look['unread']> = [];
      let trouble: DefenderError | null = null;
      let vain = 0;
      let stopped = false;
      for (const id of due.slice(0, AT_ONCE)) {
        const answer = await lookAt(id);
        if (answer === null) found.unknown.push(id);
        else if (!(answer instanceof DefenderError)) found.shown.push(answer);
        else {
          trouble = answer;
          vain += isUnanswered(answer) ? 1 : 0;
          stopped = vain >= IN_VAIN || !(OF_ONE.has(answer.code) || answer.code === 'defender_unreachable');
          if (stopped) break;
          unread.push({ id, code: answer.code });
        }
      }
      const answered = found.shown.length + found.unknown.length > 0;
      const inVain = !answered && (stopped || unread.length === ids.length);
      if (trouble !== null && trouble.code !== 'defender_throttled' && inVain) throw trouble;
      return unread.length === 0 ? found : { ...found, unread };
    },
    keep(ids) {
      const kept = new Set(ids);
      for (const id of seen.keys()) if (!kept.has(id)) seen.delete(id);
    },
  };
}

/** Whether Defender was asked and didn't answer. Where the question has to wait for its turn, nothing was asked, nor spent. */
function isUnanswered({ code, retryAfter }: DefenderError): boolean {
  return code === 'defender_unreachable' && retryAfter === null;
}

/** What may change about an action, in short. */
function stateOf({ status, commands }: MachineAction): string {
  return [status, ...commands.map((command) => command.status)].join('|');
}

/** For sorting; infinite values, too. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
