import { APP, type Channel, type Member } from '../../../src/playground/slack-workspace/index.ts';
import { libraryFile, machine } from '../fake-defender.ts';

const numbered = (count: number, name: (n: string) => string): string[] =>
  Array.from({ length: count }, (_, index) => name(String(index + 1).padStart(2, '0')));

export const ANALYSTS = numbered(24, (n) => `U0ANALYST${n}`);
export const LEADS = numbered(8, (n) => `U0LEAD${n}`);

/** What is odd about some of the channels. */
export const PRIVATE = 'C0DAY01';
export const SHARED = 'C0DAY02';
/** The bot is thrown out of it, and invited again. */
export const THROWN_OUT = 'C0DAY03';
/** It is archived for a while. */
export const ARCHIVED = 'C0DAY04';
export const CHANNELS = numbered(8, (n) => `C0DAY${n}`);

export const members: Member[] = [...ANALYSTS, ...LEADS].map((id) => ({
  id,
  name: id.toLowerCase(),
  realName: `${id.startsWith('U0LEAD') ? 'Lead' : 'Analyst'} ${id.slice(-2)}`,
  teamId: 'T0CONTOSO',
  guest: false,
  bot: false,
  deleted: false,
}));

export const channels: Channel[] = CHANNELS.map((id) => ({
  id,
  name: `soc-${id.slice(-2)}`,
  kind: id === PRIVATE ? 'private' : 'public',
  members: [...ANALYSTS, ...LEADS, APP.userId],
  shared: id === SHARED,
}));

/** Requests expire soon, so that some do; Defender takes more at once than a small tenant's, so that the line moves. */
export const policyOf = (expireAfter: number): string => `version: 1
channels: { slack: [${CHANNELS.join(', ')}] }
groups:
  analysts: { slack: { users: [${ANALYSTS.join(', ')}] } }
  leads: { slack: { users: [${LEADS.join(', ')}] } }
requesters: [analysts]
approvers: [leads]
default: { approvals: 1, expireAfter: ${Math.round(expireAfter / 1_000)}s, startWithin: 8h }
limits: { callsPerMinute: 30, concurrentSessions: 60 }
`;

export const machines = numbered(300, (n) => n.padStart(3, '0')).map((n) =>
  machine({ id: `aa${n.padStart(38, '0')}`, name: `ws-${n}.contoso.com` }),
);

export const library = [libraryFile()];
