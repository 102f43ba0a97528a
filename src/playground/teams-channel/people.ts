import { createHash } from 'node:crypto';
import type { TeamsConversation, TeamsPerson } from './view.ts';

/** Contoso's tenant, unless another is asked for. */
export const TENANT_ID = '5c1e8d3a-6f0b-4c52-9d7e-8a41b2f3c601';
/** Where Eve comes from. */
export const OTHER_TENANT_ID = 'f7a0c2b4-91d3-4e68-a5f2-3c8b6d0e7f19';

/** Entra object ids of everybody: an analyst, two leads, and those whom a bot must turn away or reach in another way. */
export const PEOPLE = {
  ana: 'a1b0c5d2-0001-4a7e-9c31-5f2e8d6b4a01',
  lea: 'a1b0c5d2-0002-4a7e-9c31-5f2e8d6b4a02',
  leo: 'a1b0c5d2-0003-4a7e-9c31-5f2e8d6b4a03',
  /** Invited to the tenant as a guest. */
  gus: 'a1b0c5d2-0004-4a7e-9c31-5f2e8d6b4a04',
  max: 'a1b0c5d2-0005-4a7e-9c31-5f2e8d6b4a05',
  /** Of another tenant; sits in the shared channel only. */
  eve: 'e9d8c7b6-0006-4f5a-8b4c-1d2e3f4a5b06',
  /** Has left: the account is disabled, the memberships are still there. */
  dee: 'a1b0c5d2-0007-4a7e-9c31-5f2e8d6b4a07',
  /** Can't be written to alone: the app isn't installed for her. */
  nina: 'a1b0c5d2-0008-4a7e-9c31-5f2e8d6b4a08',
} as const;

/** Entra groups. `duty` is inside `leads`. */
export const GROUPS = {
  analysts: 'b7c6d5e4-0001-4b3a-8c2d-6e5f4a3b2c01',
  leads: 'b7c6d5e4-0002-4b3a-8c2d-6e5f4a3b2c02',
  duty: 'b7c6d5e4-0003-4b3a-8c2d-6e5f4a3b2c03',
} as const;

export const TEAM = {
  id: '19:kQ7v2Jm4Xw9sRb1nTz6yHc3dLf8gPa5eUo0iVqMjSx41@thread.tacv2',
  groupId: 'c3d2e1f0-4a5b-4c6d-8e7f-9a0b1c2d3e4f',
  name: 'Security operations',
} as const;

/** The bot's name in Teams. */
export const BOT_NAME = 'Live Response';

/** Conversation ids. The app isn't in `general`. */
export const CONVERSATIONS = {
  soc: '19:0c5a1f7e2b8d4c6a9e3f5b7d1a2c4e60@thread.tacv2',
  socPrivate: '19:1d6b2a8f3c9e4d7baf4a6c8e2b3d5f71@thread.tacv2',
  socShared: '19:2e7c3b9a4daf4e8cba5b7d9f3c4e6a82@thread.tacv2',
  general: '19:3f8d4cab5eba4f9dcb6c8eaa4d5f7b93@thread.tacv2',
  groupChat: '19:4a9e5dbc6fcb40aedc7d9fbb5e6a8ca4@thread.v2',
} as const;

const opaque = (what: string): string => createHash('sha256').update(what).digest('base64url');

/** How the Bot Framework names a person to this bot. */
export const mriOf = (person: string): string => `29:1${opaque(`mri ${person}`)}`;

/** The id of somebody's chat with the bot. */
export const personalChat = (person: string): string => `a:1${opaque(`personal ${person}`)}`;

/** An Entra group, with people and groups that are in it directly. */
export interface Group {
  id: string;
  name: string;
  members: string[];
}

/** The groups of the tenant. */
export function seedGroups(): Group[] {
  const { ana, gus, nina, lea, leo, dee } = PEOPLE;
  return [
    { id: GROUPS.analysts, name: 'soc-analysts', members: [ana, gus, nina] },
    { id: GROUPS.leads, name: 'soc-leads', members: [lea, dee, GROUPS.duty] },
    { id: GROUPS.duty, name: 'soc-duty', members: [leo] },
  ];
}

/** Ids of the groups that somebody is in, also through other groups. */
export function groupsOf(member: string, groups: readonly Group[]): string[] {
  const direct = groups.filter((group) => group.members.includes(member)).map((group) => group.id);
  return [...new Set(direct.flatMap((id) => [id, ...groupsOf(id, groups)]))];
}

/** Everybody. */
export function seedPeople(tenantId: string, groups: readonly Group[]): TeamsPerson[] {
  const person = (id: string, name: string, odd: Partial<TeamsPerson> = {}): TeamsPerson => ({
    id,
    mri: mriOf(id),
    name,
    tenantId,
    role: 'user',
    enabled: true,
    groups: groupsOf(id, groups),
    personalApp: true,
    ...odd,
  });
  return [
    person(PEOPLE.ana, 'Ana Analyst'),
    person(PEOPLE.lea, 'Lea Lead'),
    person(PEOPLE.leo, 'Leo Lead'),
    person(PEOPLE.gus, 'Gus Guest', { role: 'guest' }),
    person(PEOPLE.max, 'Max Member'),
    person(PEOPLE.eve, 'Eve External', { tenantId: OTHER_TENANT_ID, personalApp: false }),
    person(PEOPLE.dee, 'Dee Departed', { enabled: false }),
    person(PEOPLE.nina, 'Nina NoApp', { personalApp: false }),
  ];
}

/** How to write to them; the name in front of the @ follows from the name. */
export function principalNameOf(person: TeamsPerson): string {
  const name = person.name.toLowerCase().replace(' ', '.');
  if (person.role === 'guest') return `${name}_fabrikam.com#EXT#@contoso.onmicrosoft.com`;
  return `${name}@${person.tenantId === OTHER_TENANT_ID ? 'fabrikam.com' : 'contoso.com'}`;
}

/** All conversations: the channels of the team, one group chat, and everybody's chat with the bot. */
export function seedConversations(people: readonly TeamsPerson[]): TeamsConversation[] {
  const { ana, lea, leo, gus, max, eve, dee, nina } = PEOPLE;
  const team = [ana, lea, leo, gus, max, dee, nina];
  const channel = (
    id: string,
    name: string,
    members: string[],
    odd: Partial<TeamsConversation> = {},
  ): TeamsConversation => ({ id, name, kind: 'channel', membership: 'standard', members, installed: true, ...odd });
  return [
    channel(CONVERSATIONS.soc, 'soc', team),
    channel(CONVERSATIONS.socPrivate, 'soc-private', [ana, lea], { membership: 'private' }),
    channel(CONVERSATIONS.socShared, 'soc-shared', [ana, lea, leo, gus, max, eve], { membership: 'shared' }),
    channel(CONVERSATIONS.general, 'general', team, { installed: false }),
    channel(CONVERSATIONS.groupChat, 'Incident 1234', [ana, lea, max], { kind: 'groupChat' }),
    ...people.map(({ id, name, personalApp }) =>
      channel(personalChat(id), name, [id], { kind: 'personal', installed: personalApp }),
    ),
  ];
}
