import type { Audience } from '../model/notice.ts';
import type { PersonRef } from '../model/person.ts';
import type { Deps } from './deps.ts';

/** What a card needs to know besides the records; gathered by `report`. */
export interface Surroundings {
  now: number;
  /** Whether other organisations read the channel: output never stands inline there. */
  shared: boolean;
  portalUrl: string;
  /** Those who may approve now, without the requester, with their names. */
  approvers: readonly PersonRef[];
  audience: Audience | null;
  /** Groups with people who may approve too, but whom nobody could list. */
  others: readonly string[];
  /** Whether the card mentions them while it waits. */
  mention: boolean;
  approvals: number;
  /** Runs before this one in line, and how fast the line moves. */
  place: number;
  callsPerMinute: number;
  /** The request whose run is in flight on this machine, if any. */
  blockedBy: string | null;
  /** Sessions that are free at Defender: those behind so many in line wait for one that ends. */
  freeSessions: number;
  /** Until when Defender wants no submission at all. */
  slowUntil: number | null;
  paused: { by: string; why: string | null } | null;
  offlineQueue: number;
}

/** Surroundings for places that show no line and no approvers: the thread's end, the results page, lists. */
export function plainSurroundings(deps: Pick<Deps, 'clock' | 'policy'>): Surroundings {
  const { limits } = deps.policy();
  return {
    now: deps.clock.now(),
    shared: true,
    portalUrl: '',
    approvers: [],
    audience: null,
    others: [],
    mention: false,
    approvals: 0,
    place: 0,
    callsPerMinute: limits.callsPerMinute,
    blockedBy: null,
    freeSessions: limits.concurrentSessions,
    slowUntil: null,
    paused: null,
    offlineQueue: limits.offlineQueue,
  };
}
