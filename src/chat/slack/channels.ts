import type { WebClient } from '@slack/web-api';
import NodeCache from 'node-cache';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Log } from '../../flow/ports.ts';
import { createAskOnce } from '../ask-once.ts';
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
  /** What Slack said nothing about a moment ago isn't to be asked about with every command. */
  const askOnce = createAskOnce(askAndSay, AGAIN);

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

  async function askAndSay(channel: string): Promise<boolean> {
    try {
      return await ask(channel);
    } catch (error) {
      const code = error instanceof ChatError ? (slackCode(error.cause) ?? error.code) : 'unexpected';
      deps.log.warn({ platform: 'slack', channel, code }, 'Slack does not say whether the channel is shared');
      throw error;
    }
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
