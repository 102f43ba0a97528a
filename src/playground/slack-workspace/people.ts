/** A member as users.info tells of them. */
export interface Member {
  id: string;
  name: string;
  realName: string;
  teamId: string;
  guest: boolean;
  bot: boolean;
  deleted: boolean;
}

/** A conversation, with who can read it. */
export interface Channel {
  id: string;
  name: string;
  kind: 'public' | 'private' | 'im';
  members: string[];
  /** Shared with another organisation by Slack Connect. */
  shared: boolean;
}

export const TEAM = { id: 'T0CONTOSO', domain: 'contoso', name: 'Contoso' } as const;
const OTHER_TEAM = 'T0FABRIKAM';

/** The app as Slack knows it. */
export const APP = { id: 'A0LIVE', botId: 'B0LIVE', userId: 'U0LIVE', name: 'Live Response' } as const;

/** Who speaks when Slack itself has something to say to one person. */
export const SLACKBOT = 'USLACKBOT';

const member = (id: string, realName: string, odd: Partial<Member> = {}): Member => ({
  id,
  name: realName.toLowerCase().replace(' ', '.'),
  realName,
  teamId: TEAM.id,
  guest: false,
  bot: false,
  deleted: false,
  ...odd,
});

/** Everybody: an analyst, two leads, and those whom a bot must turn away. */
export function seedMembers(): Member[] {
  return [
    member('U0ANA', 'Ana Analyst'),
    member('U0LEA', 'Lea Lead'),
    member('U0LEO', 'Leo Lead'),
    member('U0GUS', 'Gus Guest', { guest: true }),
    member('U0MAX', 'Max Member'),
    member('U0EVE', 'Eve External', { teamId: OTHER_TEAM }),
    member('U0DEE', 'Dee Departed', { deleted: true }),
    member('U0OTHERBOT', 'Alert Bot', { bot: true }),
    member(APP.userId, APP.name, { bot: true }),
  ];
}

/** The bot is in #soc, #soc-shared and the direct message; not in #soc-private, nor in #general. */
export function seedChannels(): Channel[] {
  const staff = ['U0ANA', 'U0LEA', 'U0LEO', 'U0GUS', 'U0MAX'];
  return [
    { id: 'C0SOC', name: 'soc', kind: 'public', members: [...staff, APP.userId], shared: false },
    { id: 'C0PRIVATE', name: 'soc-private', kind: 'private', members: ['U0ANA', 'U0LEA'], shared: false },
    { id: 'C0GENERAL', name: 'general', kind: 'public', members: staff, shared: false },
    { id: 'C0SHARED', name: 'soc-shared', kind: 'public', members: [...staff, 'U0EVE', APP.userId], shared: true },
    { id: 'D0ANA', name: 'directmessage', kind: 'im', members: ['U0ANA', APP.userId], shared: false },
  ];
}
