import type { WebClient } from '@slack/web-api';
import NodeCache from 'node-cache';
import { z } from 'zod';
import type { Chat, Log, Posted, Sought } from '../../flow/ports.ts';
import { LATE, soon } from '../acknowledge.ts';
import { chatError, slackCode } from './failures.ts';
import { readMessage, TS, writeMessage } from './thread.ts';
import type { Workspace } from './workspace.ts';

/** Looks for messages of ours that may have arrived. */
export type Find = NonNullable<Chat['lookFor']>;

/** All calls of one look, and the question whether Slack is up, milliseconds: whoever waits for them holds the channel. */
const WITHIN = 5_000;
const UP_WITHIN = 3_000;
const PAGE = 200;
const PAGES = 5;
/** The clocks of Slack and of this machine may differ by so much, milliseconds. */
const SKEW = 60_000;
/** Seconds that a look that told nothing counts for the channel: a scope comes with a new installation, trouble passes sooner. */
const NOT_ALLOWED = 600;
const TROUBLE = 30;

const History = z.object({
  messages: z.array(
    z.object({
      ts: z.string().regex(TS),
      user: z.string().optional().catch(undefined),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.object({ mark: z.string().optional().catch(undefined) }) })
        .optional()
        .catch(undefined),
    }),
  ),
  has_more: z.boolean().optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
type History = z.infer<typeof History>;

/**
 * Creates the look into channels and threads. It needs `channels:history`, or `groups:history` in a private channel, which the manifest
 * doesn't ask for. `https://docs.slack.dev/reference/methods/conversations.history`
 */
export function createFind(deps: { client: WebClient; workspace: Workspace; log: Log; within?: number }): Find {
  const { client, workspace, log } = deps;
  const silent = new NodeCache({ checkperiod: 0, useClones: false });
  const said = new Set<string>();

  /** Says once for each cause why posts that may have arrived can't be looked for. */
  function remember(channel: string, cause: string, seconds: number): 'not_told' {
    silent.set(channel, true, seconds);
    if (said.has(cause)) return 'not_told';
    said.add(cause);
    log.warn(
      { platform: 'slack', channel, code: cause },
      'Posts that got no answer can’t be looked for: a card may stand twice then',
    );
    return 'not_told';
  }

  async function look(channel: string, sought: Sought): Promise<Posted | 'not_there' | 'not_told'> {
    const me = workspace.known()?.botUser ?? null;
    if (me === null) return 'not_told';
    const oldest = String(Math.max(0, sought.since - SKEW) / 1000);
    const thread = sought.thread === null ? null : readMessage(sought.thread);
    const asked = { channel, oldest, limit: PAGE, include_all_metadata: true };
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const more = cursor === undefined ? {} : { cursor };
      const answer = History.parse(
        thread === null
          ? await client.conversations.history({ ...asked, ...more })
          : await client.conversations.replies({ ...asked, ...more, ts: thread.ts }),
      );
      // Other apps may write the same metadata; nobody else writes as us.
      const found = answer.messages.find(({ user, metadata }) => user === me && isOurs(metadata, sought.mark));
      if (found !== undefined) return postedAs(channel, found.ts, sought.thread);
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return answer.has_more === true ? 'not_told' : 'not_there';
    }
    return 'not_told';
  }

  return async (sought) => {
    const channel = sought.thread === null ? sought.place : readMessage(sought.thread).channel;
    // A person's place is their chat with the app, whose id we don't know.
    if (!/^[CG]/.test(channel) || silent.get(channel) === true) return 'not_told';
    try {
      const seen = await soon(look(channel, sought), deps.within ?? WITHIN);
      return seen === LATE ? remember(channel, 'no_answer', TROUBLE) : seen;
    } catch (error) {
      const code = slackCode(error);
      return remember(
        channel,
        code ?? chatError(error, 'other').code,
        code === 'missing_scope' ? NOT_ALLOWED : TROUBLE,
      );
    }
  };
}

function isOurs(metadata: History['messages'][number]['metadata'], mark: string): boolean {
  return metadata?.event_type.startsWith('liveresponse_') === true && metadata.event_payload.mark === mark;
}

function postedAs(channel: string, ts: string, thread: string | null): Posted {
  const message = writeMessage({ channel, ts });
  return { thread: thread ?? message, message };
}

/** Whether Slack answers at all: any word of it counts, also a no. */
export async function isUp(client: WebClient, within = UP_WITHIN): Promise<boolean> {
  try {
    return (await soon(client.auth.test(), within)) !== LATE;
  } catch (error) {
    const { code } = chatError(error, 'other');
    return code !== 'chat_unreachable' && code !== 'chat_throttled';
  }
}
