import type { Channel, Member, View } from './view.ts';

/** Whom one can be on this page, and what the policy of the playground makes of them. */
export const ROLES: Record<string, string> = {
  U0ANA: 'Analyst, may ask',
  U0LEA: 'Lead, may approve',
  U0LEO: 'Lead, may approve',
  U0GUS: 'Guest, may nothing',
};

/** Who asks and who approves on the guided way. */
export const ANALYST = 'U0ANA';
export const LEAD = 'U0LEA';

/** The people of ROLES, in its order. */
export function playable(view: View): Member[] {
  return Object.keys(ROLES).flatMap((id) => view.slack.members.filter((member) => member.id === id));
}

/** What stands for somebody whom the workspace doesn't list: Slack itself. */
export function memberOf(view: View, id: string): Member {
  const known = view.slack.members.find((member) => member.id === id);
  return known ?? { id, realName: id === 'USLACKBOT' ? 'Slackbot' : id, guest: false, bot: false };
}

/** The channels that a person is in. */
export const channelsOf = (view: View, me: string): Channel[] =>
  view.slack.channels.filter((channel) => channel.members.includes(me));

/** `#soc`, or the bot's name for a direct message. */
export const channelName = (view: View, channel: Channel): string =>
  channel.kind === 'im' ? view.app.name : `#${channel.name}`;
