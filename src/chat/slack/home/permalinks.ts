import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Log } from '../../../flow/ports.ts';
import { soon } from '../../acknowledge.ts';
import { slackCode } from '../failures.ts';
import { readMessage } from '../thread.ts';
import type { CardLinks } from './view.ts';

/** So long a home waits for its links, in milliseconds; what comes later stands on the next one. */
const WITHIN = 2_000;
/** Messages whose link is remembered: a link never changes. */
const KEPT = 2_000;

const Answer = z.object({ permalink: z.url({ protocol: /^https$/ }) });

/** Where messages are for people. What Slack doesn't tell, or not in time, is missing. Never rejects. */
export type Permalinks = (messages: readonly string[]) => Promise<CardLinks>;

/** Creates the look-up. */
export function createPermalinks(deps: { client: WebClient; log: Log; within?: number }): Permalinks {
  const known = new Map<string, string>();

  async function ask(message: string): Promise<void> {
    try {
      const { channel, ts } = readMessage(message);
      const answer = await deps.client.chat.getPermalink({ channel, message_ts: ts });
      known.set(message, Answer.parse(answer).permalink);
      for (const oldest of known.keys()) {
        if (known.size <= KEPT) break;
        known.delete(oldest);
      }
    } catch (error) {
      deps.log.debug({ platform: 'slack', code: slackCode(error) }, 'Slack does not say where a message is');
    }
  }

  return async (messages) => {
    const missing = [...new Set(messages)].filter((message) => !known.has(message));
    await soon(Promise.all(missing.map(ask)), deps.within ?? WITHIN);
    return new Map(
      messages.flatMap((message) => {
        const url = known.get(message);
        return url === undefined ? [] : [[message, url] as const];
      }),
    );
  };
}
