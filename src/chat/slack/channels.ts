import type { WebClient } from '@slack/web-api';
import NodeCache from 'node-cache';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Log } from '../../flow/ports.ts';
import { chatError, slackCode } from './failures.ts';

/** What is known about channels: their names, and whether people of other organisations are in them. */
export interface Channels {
  /** Takes a name that came with a delivery. */
  learn(channel: string, name: string | undefined): void;
  /** `#soc`, or words that need no name. */
  nameOf(channel: string): string;
  /** Whether the channel is shared with another organisation. Asks Slack where the answer isn't fresh; throws ChatError. */
  isShared(channel: string): Promise<boolean>;
  /** Asks about these channels behind the scenes. */
  warm(channels: readonly string[]): void;
}

const Info = z.object({
  channel: z.object({
    name: z.string().optional(),
    is_ext_shared: z.boolean().optional(),
    is_pending_ext_shared: z.boolean().optional(),
    is_im: z.boolean().optional(),
  }),
});

/** What deliveries from private places carry where a name should be. */
const NO_NAME = /^(?:privategroup|directmessage|mpdm-.*)$/;
/** Seconds that an answer about sharing is good for: a channel can be shared any time. */
const FRESH = 60;
/** Seconds until a question that failed is asked again. */
const AGAIN = 15;

/** Creates the memory about channels. */
export function createChannels(deps: { client: WebClient; log: Log }): Channels {
  const names = new Map<string, string>();
  const shared = new NodeCache({ stdTTL: FRESH, checkperiod: 0, useClones: false });
  /** Channels that Slack said nothing about a moment ago: not to be asked about with every command. */
  const failed = new NodeCache({ stdTTL: AGAIN, checkperiod: 0, useClones: false });
  const asking = new Map<string, Promise<boolean>>();

  function learn(channel: string, name: string | undefined): void {
    if (name === undefined || NO_NAME.test(name) || !channel.startsWith('C')) return;
    if (/^[\p{L}\p{N}_-]{1,80}$/u.test(name)) names.set(channel, name);
  }

  function remember(channel: string, answer: boolean): boolean {
    shared.set(channel, answer);
    return answer;
  }

  async function ask(channel: string): Promise<boolean> {
    try {
      const info = Info.parse(await deps.client.conversations.info({ channel })).channel;
      learn(channel, info.name);
      return remember(channel, info.is_ext_shared === true || info.is_pending_ext_shared === true);
    } catch (error) {
      // A Slack without this method has no channels that it could tell about.
      if (slackCode(error) === 'unknown_method') return remember(channel, false);
      throw error instanceof z.ZodError
        ? new ChatError('chat_unreachable', "Slack didn't say whether the channel is shared.", { cause: error })
        : chatError(error, 'other');
    }
  }

  /** One question at a time for each channel, and after a failure none for a while. */
  function askOnce(channel: string): Promise<boolean> {
    const before = failed.get<ChatError>(channel);
    if (before !== undefined) return Promise.reject(before);
    const running = asking.get(channel);
    if (running !== undefined) return running;
    const question = ask(channel)
      .catch((error: ChatError) => {
        failed.set(channel, error);
        const code = slackCode(error.cause) ?? error.code;
        deps.log.warn({ platform: 'slack', channel, code }, 'Slack does not say whether the channel is shared');
        throw error;
      })
      .finally(() => asking.delete(channel));
    asking.set(channel, question);
    return question;
  }

  return {
    learn,
    nameOf: (channel) => (names.has(channel) ? `#${names.get(channel)}` : 'the channel of the policy'),
    async isShared(channel) {
      return shared.get<boolean>(channel) ?? askOnce(channel);
    },
    warm(channels) {
      for (const channel of channels) askOnce(channel).catch(() => undefined);
    },
  };
}
