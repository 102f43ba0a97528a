import { ChatError } from '../../errors.ts';
import { type PrivateAnswer, person, type Reply, text } from '../../model/notice.ts';
import type { Connector } from './connector.ts';
import { chatError } from './failures.ts';
import { activityOf } from './message.ts';
import type { Places } from './places.ts';
import type { PrivateChats } from './private-chats.ts';
import { renderAnswer, renderFormButton, renderReply } from './render.ts';
import { type ReplyTo, readReplyTo } from './thread.ts';

/** Answers one person privately: in their chat with the bot. */
export type Whisper = (to: string, answer: PrivateAnswer) => Promise<void>;

/**
 * Creates the whisperer. Where the app isn't installed for somebody, a neutral reply stands where they asked instead, which says
 * nothing but that there is an answer. The button of the form goes where they asked: what it opens is answered in that thread.
 */
export function createWhisper(deps: { connector: Connector; places: Places; chats: PrivateChats }): Whisper {
  return async (handle, said) => {
    const to = readReplyTo(handle);
    const serviceUrl = await deps.places.serviceUrl(to.conversation);
    try {
      if (said.form === true) {
        await deps.connector.send(serviceUrl, to.conversation, activityOf(renderFormButton()));
        return;
      }
      const chat = to.kind === 'personal' ? to.conversation : await deps.chats.with(serviceUrl, to.mri);
      await deps.connector.send(serviceUrl, chat, activityOf(renderAnswer(said)));
    } catch (cause) {
      const error = chatError(cause, 'post');
      const closed = error.code === 'chat_blocked' || error.code === 'chat_gone' || error.code === 'chat_refused';
      if (!closed || to.kind === 'personal' || said.form === true) throw error;
      deps.chats.forget(to.mri);
      await neutral(serviceUrl, to);
    }
  };

  async function neutral(serviceUrl: string, to: ReplyTo): Promise<void> {
    const reply: Reply = {
      text: [
        person({ platform: 'teams', id: to.person, name: to.name }, true),
        text(' I have an answer for you alone, but we have no chat. Add me to your apps in Teams, then ask again.'),
      ],
      output: [],
      moreLines: 0,
      buttons: [],
    };
    try {
      await deps.connector.send(serviceUrl, to.conversation, activityOf(renderReply(reply)));
    } catch (cause) {
      throw cause instanceof ChatError ? cause : chatError(cause, 'post');
    }
  }
}
