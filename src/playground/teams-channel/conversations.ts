import { readContent } from './content.ts';
import { object, objects, text } from './json.ts';
import { personalChat } from './people.ts';
import type { State } from './state.ts';
import { findThread } from './threads.ts';
import { type Answer, accepted, refused } from './wire.ts';

const NOT_IN_ROSTER = refused(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');

/** Begins a thread in a channel, or finds somebody's chat with the bot. */
export function createConversation(state: State, body: unknown): Answer {
  const asked = object(body);
  if (asked === null) return refused(400, 'BadSyntax', 'The body is no JSON object.');
  const channel = object(object(asked.channelData)?.channel);
  if (channel !== null) return beginThread(state, text(channel.id), asked.activity);
  return findChat(state, asked);
}

function beginThread(state: State, channel: string, activity: unknown): Answer {
  if (channel.includes(';')) return refused(400, 'BadArgument', 'A channel’s id has no message in it.');
  if (activity === undefined) return refused(400, 'BadSyntax', 'The activity to begin with is missing.');
  const found = findThread(state, channel);
  if ('refusal' in found) return found.refusal;
  if (found.conversation.kind !== 'channel') return refused(400, 'BadArgument', 'The conversation is no channel.');
  const content = readContent(state, activity);
  if ('refusal' in content) return content.refusal;
  const id = state.nextId();
  state.addMessage({ id, conversation: channel, root: null, from: 'bot', ...content.words });
  return accepted(201, { id: `${channel};messageid=${id}`, activityId: id }, content.warnings);
}

function findChat(state: State, asked: Record<string, unknown>): Answer {
  const members = objects(asked.members);
  if (asked.isGroup === true || members.length !== 1) {
    return refused(400, 'BadArgument', 'A bot can’t begin a group chat: name one member, or a channel.');
  }
  const tenants = [asked.tenantId, object(object(asked.channelData)?.tenant)?.id].map(text).filter((id) => id !== '');
  if (tenants.length === 0) return refused(400, 'BadArgument', 'The tenant is missing.');
  if (tenants.some((id) => id !== state.tenantId)) return NOT_IN_ROSTER;
  const person = state.person(text(members[0]?.id));
  if (person === null) return refused(400, 'BadArgument', 'Nobody has that id.');
  const chat = state.conversation(personalChat(person.id));
  if (chat === null || !chat.installed) return NOT_IN_ROSTER;
  if (asked.activity === undefined) return accepted(201, { id: chat.id });
  const content = readContent(state, asked.activity);
  if ('refusal' in content) return content.refusal;
  const id = state.nextId();
  state.addMessage({ id, conversation: chat.id, root: null, from: 'bot', ...content.words });
  return accepted(201, { id: chat.id, activityId: id }, content.warnings);
}
