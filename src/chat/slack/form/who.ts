import type { PersonRef } from '../../../model/person.ts';
import { writeReplyTo } from '../thread.ts';
import type { Origin } from './origin.ts';
import type { Acting } from './shapes.ts';

/** Who acted, as Slack says. */
export function personOf({ user, team, enterprise }: Acting): PersonRef {
  return {
    platform: 'slack',
    id: user.id,
    tenant: user.team_id || team?.id || enterprise?.id || '',
    name: user.name || user.username || user.id,
  };
}

/** The ids of the workspace that an interaction is about. */
export function teamsOf({ team, enterprise }: Acting): (string | null | undefined)[] {
  return [team?.id, team?.enterprise_id, enterprise?.id];
}

/** How a person is answered who filled something in: where they asked for the form, which is no secret, so without an address. */
export function replyToOf(acting: Acting, { channel, thread }: Pick<Origin, 'channel' | 'thread'>, at: number): string {
  return writeReplyTo({ url: null, channel, person: acting.user.id, thread, at });
}
