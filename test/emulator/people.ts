import { randomBytes, randomUUID } from 'node:crypto';
import { stringify } from 'yaml';
import { PLAYGROUND_POLICY } from '../../src/playground/policy.ts';

/** Somebody whom the emulator plays; `id` is its own, and `entra` the object id. */
export interface Actor {
  id: string;
  name: string;
  entra: string;
}

/** The emulator's own cast. Its Entra ids have a digit too many for a GUID, so these stand in for them. */
const actor = (number: number, name: string): Actor => ({
  id: `user-id-${number}`,
  name,
  entra: `00000000-0000-4000-8000-00000000002${number}`,
});
/** The one who sits in front of the emulator's page: all messages are theirs. */
export const ALEX = actor(0, 'Alex Wilber');
/** May approve. */
export const MEGAN = actor(1, 'Megan Bowen');
/** May nothing. */
export const ADELE = actor(2, 'Adele Vance');
/** The emulator insists on five beside the first. */
const CAST = [ALEX, MEGAN, ADELE, actor(3, 'Isaiah Langer'), actor(4, 'Patti Fernandez'), actor(5, 'Lynne Robbins')];

/** A team with General and one more channel is all that the emulator has. */
export const PLACES = {
  team: '19:team0f0a1b2c3d4e5f60718293a4b5c6@thread.tacv2',
  channel: '19:soc00f0a1b2c3d4e5f60718293a4b5c6@thread.tacv2',
  personal: 'a:1personal-chat-of-alex',
  groupChat: '19:group0f0a1b2c3d4e5f60718293a4b5c@thread.v2',
} as const;

/** Who the bot is, and where. */
export interface Identity {
  appId: string;
  appPassword: string;
  tenantId: string;
}

/** Made up for one run. */
export function mintIdentity(): Identity {
  return { appId: randomUUID(), appPassword: randomBytes(24).toString('hex'), tenantId: randomUUID() };
}

/** The emulator's settings: its own people and places, under ids as Teams has them. */
export function emulatorSettings({ appId, tenantId }: Identity): string {
  const [me, ...others] = CAST.map(settingsOf);
  return stringify({
    version: '0.1.1',
    tenantId,
    bot: { id: `28:${appId}`, name: 'Live Response' },
    currentUser: me,
    users: others,
    personalChat: { id: PLACES.personal },
    groupChat: { id: PLACES.groupChat, name: 'Group Chat' },
    team: {
      id: PLACES.team,
      name: 'My Team',
      aadGroupId: '00000000-0000-4000-8000-000000000031',
      channels: [{ id: PLACES.channel, name: 'soc' }],
    },
  });
}

function settingsOf({ id, name, entra }: Actor) {
  const [givenName = '', surname = ''] = name.split(' ');
  const email = `${givenName.toLowerCase()}@example.com`;
  return { id, name, userPrincipleName: email, aadObjectId: entra, givenName, surname, email };
}

/** The playground's rules for these people, in the channel `soc` alone. */
export const POLICY = PLAYGROUND_POLICY.replace(/^ {2}slack: .*\n/m, '')
  .replace(/^ {2}teams: .*$/m, `  teams: ["${PLACES.channel}"]`)
  .replace(/^ {2}analysts: .*$/m, `  analysts: { teams: { users: ["${ALEX.entra}"] } }`)
  .replace(/^ {2}leads: .*$/m, `  leads: { teams: { users: ["${MEGAN.entra}"] } }`);
