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
  /** The same from memory and at once: unknown counts as shared, since output must not leak on a guess. Asks behind the scenes. */
  maybeShared(channel: string): boolean;
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

/** Seconds that an answer about sharing is good for: a channel can be shared any time. */
const FRESH = 300;
/** Seconds until a question that failed is asked again behind the scenes. */
const AGAIN = 60;

/** Creates the memory about channels. */
export function createChannels(deps: { client: WebClient; log: Log }): Channels {
  const names = new Map<string, string>();
  const shared = new NodeCache({ stdTTL: FRESH, checkperiod: 0, useClones: false });
  /** Channels that Slack said nothing about a moment ago: not to be asked about with every command. */
  const failed = new NodeCache({ stdTTL: AGAIN, checkperiod: 0 });
  const asking = new Map<string, Promise<boolean>>();

  function learn(channel: string, name: string | undefined): void {
    // Private chats carry words like `directmessage` where a name should be.
    if (name !== undefined && /^[\p{L}\p{N}_-]{1,80}$/u.test(name) && channel.startsWith('C')) names.set(channel, name);
  }

  async function ask(channel: string): Promise<boolean> {
    try {
      const info = Info.parse(await deps.client.conversations.info({ channel })).channel;
      learn(channel, info.name);
      // Only a clear no is a no.
      const answer = info.is_ext_shared !== false || info.is_pending_ext_shared === true;
      shared.set(channel, answer);
      return answer;
    } catch (error) {
      throw error instanceof z.ZodError
        ? new ChatError('chat_unreachable', "Slack didn't say whether the channel is shared.", { cause: error })
        : chatError(error, 'other');
    }
  }

  /** One question at a time for each channel. */
  function askOnce(channel: string): Promise<boolean> {
    const running = asking.get(channel);
    if (running !== undefined) return running;
    const question = ask(channel).finally(() => asking.delete(channel));
    asking.set(channel, question);
    return question;
  }

  function askQuietly(channel: string): void {
    if (failed.has(channel)) return;
    askOnce(channel).catch((error: ChatError) => {
      failed.set(channel, true);
      const code = slackCode(error.cause) ?? error.code;
      deps.log.warn({ platform: 'slack', channel, code }, 'Slack does not say whether the channel is shared');
    });
  }

  return {
    learn,
    nameOf: (channel) => (names.has(channel) ? `#${names.get(channel)}` : 'the channel of the policy'),
    async isShared(channel) {
      return shared.get<boolean>(channel) ?? askOnce(channel);
    },
    maybeShared(channel) {
      const known = shared.get<boolean>(channel);
      if (known === undefined) askQuietly(channel);
      return known ?? true;
    },
    warm(channels) {
      for (const channel of channels) askQuietly(channel);
    },
  };
}
