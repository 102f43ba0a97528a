import type { State } from './state.ts';
import type { TeamsConversation } from './view.ts';
import { type Answer, refused } from './wire.ts';

/** A conversation that the bot may write in, and the thread that is meant. */
export interface Thread {
  conversation: TeamsConversation;
  /** The message that began it; null for a new one, and in chats. */
  root: string | null;
}

/** Reads a conversation id from a path: `19:…@thread.tacv2;messageid=123`. */
export function findThread(state: State, whole: string): Thread | { refusal: Answer } {
  const [id = '', ...suffixes] = whole.split(';');
  const conversation = state.conversation(id);
  if (conversation === null) return { refusal: refused(404, 'ConversationNotFound', 'Conversation not found.') };
  if (!conversation.installed) {
    return { refusal: refused(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.') };
  }
  if (suffixes.length === 0) return { conversation, root: null };
  const root = /^messageid=(\d+)$/.exec(suffixes.join(';'))?.[1];
  if (root === undefined || conversation.kind !== 'channel') {
    return { refusal: refused(400, 'BadArgument', 'Failed to decrypt conversation id.') };
  }
  const first = state.message(root);
  if (first === null || first.conversation !== id || first.root !== null) {
    const why = `No thread begins with message ${root}.`;
    return { refusal: refused(404, 'ConversationNotFound', 'Conversation not found.', [why]) };
  }
  return { conversation, root };
}
