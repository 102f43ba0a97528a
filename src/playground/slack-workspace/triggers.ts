import { randomBytes } from 'node:crypto';
import { TEAM } from './people.ts';

/** https://docs.slack.dev/interactivity/handling-user-interaction: milliseconds within which a trigger opens something, once. */
const LIFE = 3000;
const REMEMBERED = 1000;

let minted = 0;

/** A fresh trigger id, of Slack's form. */
export function mintTrigger(now: number): string {
  minted += 1;
  return `${now}${minted}.${TEAM.id.length}.${randomBytes(16).toString('hex')}`;
}

/** Trigger ids: what somebody did, for as long as an app may open a modal for it. */
export function createTriggers(now: () => number) {
  const known = new Map<string, { user: string; at: number; used: boolean }>();
  return {
    /** A fresh one of this person. */
    mint(user: string): string {
      const id = mintTrigger(now());
      known.set(id, { user, at: now(), used: false });
      if (known.size > REMEMBERED) known.delete(known.keys().next().value ?? '');
      return id;
    },
    /** Whose it is, if it may still be used; it is used up then. */
    exchange(id: string): { user: string } | { error: string } {
      const trigger = known.get(id);
      if (trigger === undefined) return { error: 'invalid_trigger_id' };
      if (trigger.used) return { error: 'exchanged_trigger_id' };
      if (now() - trigger.at > LIFE) return { error: 'expired_trigger_id' };
      trigger.used = true;
      return { user: trigger.user };
    },
  };
}
