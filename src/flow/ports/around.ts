import type { Platform } from '../../model/person.ts';
import type { Time } from '../../model/request.ts';

/** The clock, passed in so that tests own it. Milliseconds since 1970. */
export interface Clock {
  now(): Time;
}

/** A structured log. Never a token, a link or the output of a machine. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

// ─── Chat ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is counted, for operators. Labels are a closed set; nothing a person typed. */
export interface Metrics {
  command(
    platform: Platform,
    command: string,
    outcome: 'accepted' | 'refused' | 'usage' | 'answered' | 'duplicate',
  ): void;
  acknowledged(platform: Platform, seconds: number): void;
  rejectedInbound(platform: Platform, why: string): void;
  defenderCall(endpoint: string, status: string): void;
  throttled(): void;
  dispatchWait(seconds: number): void;
  reportLag(platform: Platform, seconds: number): void;
  policyValid(valid: boolean): void;
  policyInForce(inForce: boolean): void;
}
