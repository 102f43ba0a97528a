import { createHash } from 'node:crypto';
import type { Json } from './json.ts';
import { TEAM } from './people.ts';
import type { State } from './state.ts';
import type { TeamsConversation, TeamsMessage, TeamsPerson } from './view.ts';

/** Where everybody of the tenant sits: in activities as a name, an offset and a language. */
const PLACE = { locale: 'en-GB', country: 'GB', platform: 'Web', timezone: 'Europe/London' } as const;

/** Who does something, and where. */
export interface Scene {
  person: TeamsPerson;
  conversation: TeamsConversation;
  /** The message that began the thread; null in chats, and where no thread is meant. */
  root: string | null;
  serviceUrl: string;
}

/** Seven digits after the second, as the service writes them. */
function timestamps(ms: number): { timestamp: string; localTimestamp: string } {
  const below = createHash('sha1').update(String(ms)).digest().readUInt16BE() % 10_000;
  const digits = String(below).padStart(4, '0');
  const utc = new Date(ms).toISOString().slice(0, -1) + digits;
  return { timestamp: `${utc}Z`, localTimestamp: `${utc}+00:00` };
}

/** The conversation as activities name it: a channel with its thread. */
export function conversationOf(state: State, { conversation, root }: Pick<Scene, 'conversation' | 'root'>): Json {
  const { id, kind } = conversation;
  const whole = kind === 'channel' && root !== null ? `${id};messageid=${root}` : id;
  const group = kind === 'personal' ? {} : { isGroup: true };
  return { ...group, conversationType: kind, tenantId: state.tenantId, id: whole };
}

/**
 * What Teams adds. In a shared channel the tenant is the channel's own also for people of another one: whoever wants to
 * know where they come from must look it up.
 */
function channelDataOf(state: State, conversation: TeamsConversation): Json {
  const tenant = { tenant: { id: state.tenantId } };
  if (conversation.kind !== 'channel') return tenant;
  return {
    teamsChannelId: conversation.id,
    teamsTeamId: TEAM.id,
    channel: { id: conversation.id },
    team: { id: TEAM.id },
    ...tenant,
  };
}

/** What every activity of a person carries. */
function base(state: State, scene: Scene, type: string, id: string): Json {
  const { person } = scene;
  return {
    type,
    id,
    ...timestamps(state.now()),
    localTimezone: PLACE.timezone,
    channelId: 'msteams',
    serviceUrl: scene.serviceUrl,
    from: { id: person.mri, name: person.name, aadObjectId: person.id },
    conversation: conversationOf(state, scene),
    recipient: { ...state.bot },
    entities: [{ ...PLACE, type: 'clientInfo' }],
    channelData: channelDataOf(state, scene.conversation),
    locale: PLACE.locale,
  };
}

/** A message that somebody typed. */
export function messageActivity(
  state: State,
  scene: Scene,
  words: { id: string; text: string; html: string; mentions: readonly unknown[] },
): Json {
  const whole = base(state, scene, 'message', words.id);
  const client = whole.entities as unknown[];
  return {
    ...whole,
    text: words.text,
    textFormat: 'plain',
    attachments: [{ contentType: 'text/html', content: words.html }],
    entities: [...words.mentions, ...client],
  };
}

/** The id of an activity that is no message: `f:` and something like a GUID. */
function eventId(seed: string): string {
  const hex = createHash('sha1').update(seed).digest('hex');
  return `f:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** What comes from a card rather than from words: the message it stands on is named. */
function fromCard(state: State, scene: Scene, type: string, message: TeamsMessage): Json {
  const whole = base(state, scene, type, eventId(state.nextId()));
  const legacy = { replyToId: `1:${createHash('sha1').update(message.id).digest('base64url')}` };
  const channelData = { ...(whole.channelData as Json), source: { name: 'message' }, legacy };
  return { ...whole, channelData, replyToId: message.id };
}

/** A question of a client that wants its answer in the same exchange. */
export function invokeActivity(
  state: State,
  scene: Scene,
  invoke: { name: string; value: unknown; message: TeamsMessage },
): Json {
  const { name, value, message } = invoke;
  return { ...fromCard(state, scene, 'invoke', message), name, value };
}

/** An Action.Submit that opens no dialog: a message without words. */
export function submitActivity(state: State, scene: Scene, value: unknown, message: TeamsMessage): Json {
  return { ...fromCard(state, scene, 'message', message), value };
}

/**
 * The app was added to a conversation or removed from it: the two activities that tell of it, in their order. They name
 * whoever did it without their name, and say more of the team than messages do.
 */
export function updateActivities(state: State, scene: Scene, kind: 'added' | 'removed'): Json[] {
  const { person, conversation } = scene;
  const inTeam = conversation.kind === 'channel';
  const selected = { settings: { selectedChannel: { id: conversation.id } } };
  const team = { channel: { id: conversation.id }, team: { id: TEAM.id, name: TEAM.name, aadGroupId: TEAM.groupId } };
  const channelData = { ...(inTeam ? { ...selected, ...team } : {}), tenant: { id: state.tenantId } };
  const activity = (type: string, more: Json): Json => {
    const { localTimestamp: _time, localTimezone: _zone, ...whole } = base(state, scene, type, eventId(state.nextId()));
    return { ...whole, from: { id: person.mri, aadObjectId: person.id }, ...more };
  };
  const members = kind === 'added' ? 'membersAdded' : 'membersRemoved';
  const eventType = kind === 'added' ? 'teamMemberAdded' : 'teamMemberRemoved';
  return [
    activity('conversationUpdate', {
      channelData: { ...channelData, ...(inTeam ? { eventType } : {}) },
      [members]: [{ id: state.bot.id }],
    }),
    activity('installationUpdate', {
      channelData: { ...channelData, source: { name: 'message' } },
      action: kind === 'added' ? 'add' : 'remove',
    }),
  ];
}
