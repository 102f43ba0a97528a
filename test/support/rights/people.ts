import { ChatError } from '../../../src/errors.ts';
import type { Chat } from '../../../src/flow/ports.ts';
import type { KnownPerson, Person, PersonRef, Platform, Standing } from '../../../src/model/person.ts';
import { fakeChat } from '../fake-chat.ts';

/** What somebody is to the policy and to the request. */
export type Role = 'requester' | 'lead who asked' | 'analyst' | 'lead' | 'in no group';

/** Somebody who does something. */
export interface Kind {
  /** How a failing cell calls them. */
  name: string;
  role: Role;
  platform: Platform;
  standing: Standing;
  /** Nobody says who they are. */
  lookUpFails: boolean;
  /** In the policy through an Entra group, not by id. */
  byGroup: boolean;
}

export const CHANNELS: Record<Platform, string> = { slack: 'C0SOC', teams: '19:soc@thread.tacv2' };

const SOC = '50c00000-0000-4000-8000-000000000001';
const SENIORS = '5e000000-0000-4000-8000-000000000002';
const ROLES: readonly Role[] = ['requester', 'lead who asked', 'analyst', 'lead', 'in no group'];
const SLACK = ['U0ANA', 'U0LEO', 'U0ART', 'U0LEA', 'U0EVE'] as const;
const TEAMS = ['a', 'b', 'c', 'd', 'e'].map((one) => `${one.repeat(8)}-0000-4000-8000-000000000000`);
/** Nobody lists these ids: their groups are what counts. */
const BY_GROUP = ['a', 'b', 'c', 'd', 'e'].map((one) => `${one.repeat(8)}-0000-4000-8000-000000009999`);

/** Both platforms, people by id and by Entra group; leads may ask too, and break the glass. */
export const POLICY = `version: 1
channels: { slack: [${CHANNELS.slack}], teams: ["${CHANNELS.teams}"] }
groups:
  analysts:
    slack: { users: [U0ANA, U0ART] }
    teams: { users: [${TEAMS[0]}, ${TEAMS[2]}], entraGroups: [${SOC}] }
  leads:
    slack: { users: [U0LEA, U0LEO] }
    teams: { users: [${TEAMS[1]}, ${TEAMS[3]}], entraGroups: [${SENIORS}] }
requesters: [analysts, leads]
approvers: [leads]
default: { breakGlass: true }
breakGlass: { allowed: [leads] }
`;

/** Somebody as a delivery names them: the platform proves no more than this. */
export function refOf(kind: Pick<Kind, 'role' | 'platform' | 'byGroup'>): PersonRef {
  const { role, platform } = kind;
  const ids = platform === 'slack' ? SLACK : kind.byGroup ? BY_GROUP : TEAMS;
  return { platform, id: ids[ROLES.indexOf(role)] ?? '', tenant: 'CONTOSO', name: `the ${role}` };
}

/** … and as the records know them, with the Entra groups they were found in. */
export function knownAs(kind: Pick<Kind, 'role' | 'platform' | 'byGroup'>): KnownPerson {
  return { ...refOf(kind), ...(kind.platform === 'teams' ? { groups: groupsOf(kind) } : {}) };
}

function groupsOf({ role, byGroup }: Pick<Kind, 'role' | 'byGroup'>): string[] {
  if (!byGroup || role === 'in no group') return [];
  return role === 'lead' || role === 'lead who asked' ? [SENIORS] : [SOC];
}

function groupsById(id: string): string[] {
  const role = ROLES[BY_GROUP.indexOf(id)];
  return role === undefined ? [] : groupsOf({ role, byGroup: true });
}

/** A platform on which this person is what they are, and everybody else a full member. */
export function chatWith(kind: Kind, platform: Platform): Chat {
  return {
    ...fakeChat(),
    platform,
    channelName: (channel) => channel,
    lookUp: async ({ id }): Promise<Person> => {
      const asked = id === refOf(kind).id;
      if (asked && kind.lookUpFails) throw new ChatError('chat_refused', 'It won’t say who that is.');
      const known = asked
        ? knownAs(kind)
        : { platform, id, tenant: 'CONTOSO', name: `Person ${id}`, groups: groupsById(id) };
      return { ...known, standing: asked ? kind.standing : 'member' };
    },
  };
}

const MEMBER = { standing: 'member', lookUpFails: false, byGroup: false } as const;

/** Slack's own kinds of people and Teams', as their look-ups tell them apart. Listed in the policy all the same. */
const OUTSIDERS: Record<Platform, [name: string, standing: Standing][]> = {
  slack: [
    ['guest', 'guest'],
    ['Slack Connect user', 'external'],
    ['deactivated', 'deactivated'],
    ['bot', 'bot'],
    ['unknown', 'unknown'],
  ],
  teams: [
    ['guest', 'guest'],
    ['of a foreign tenant', 'external'],
    ['deactivated', 'deactivated'],
    ['bot', 'bot'],
    ['anonymous', 'anonymous'],
    ['unknown', 'unknown'],
  ],
};

/** Everybody there is on a platform. */
export function kindsOn(platform: Platform): Kind[] {
  const members = ROLES.map((role): Kind => ({ name: role, role, platform, ...MEMBER }));
  const byGroup = (['requester', 'lead who asked', 'lead'] as const).map(
    (role): Kind => ({ name: `${role}, by Entra group`, role, platform, ...MEMBER, byGroup: true }),
  );
  const outsiders = (['requester', 'lead'] as const).flatMap((role) => [
    ...OUTSIDERS[platform].map(
      ([name, standing]): Kind => ({ ...MEMBER, name: `${role}, ${name}`, role, platform, standing }),
    ),
    { ...MEMBER, name: `${role} whose look-up fails`, role, platform, lookUpFails: true },
  ]);
  return [...members, ...(platform === 'teams' ? byGroup : []), ...outsiders];
}
