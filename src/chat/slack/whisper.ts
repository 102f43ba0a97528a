import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Clock } from '../../flow/ports.ts';
import { isLoopback } from '../../model/hosts.ts';
import type { PrivateAnswer } from '../../model/notice.ts';
import { CALL_TIMEOUT, guarded } from './client.ts';
import { chatError, neverConnected, noAnswer, slackCode, throttled, unreachable } from './failures.ts';
import { type Rendered, renderAnswer } from './render.ts';
import { type ReplyTo, readReplyTo } from './thread.ts';

/** Delivers a private answer to the handle that came with what somebody typed or clicked. Throws ChatError. */
export type Whisper = (to: string, answer: PrivateAnswer) => Promise<void>;

/** A response address works for 30 minutes; the last one is left for the way. */
const ADDRESS_LIFE = 29 * 60_000;
/** Commercial and government Slack. */
const SLACK_HOSTS = /^([a-z0-9-]+\.)*(slack\.com|slack-gov\.com|slack-mil\.com)$/;

/** Creates the whisperer. `loopback`: the Web API is a stand-in on this machine, so response addresses may be too. */
export function createWhisper(deps: {
  client: WebClient;
  clock: Clock;
  loopback: boolean;
  fetch?: typeof fetch;
}): Whisper {
  const send = guarded(deps.fetch ?? fetch);
  return async (to, answer) => {
    const handle = readReplyTo(to);
    const rendered = renderAnswer(answer);
    const fresh = deps.clock.now() - handle.at < ADDRESS_LIFE;
    if (handle.url !== null && fresh && mayAnswerTo(handle.url, deps.loopback)) {
      if (await respond(send, handle.url, rendered)) return;
    }
    await postEphemeral(deps.client, handle, rendered);
  };
}

/** Whether this is an address that answers may be sent to; what a payload says is not reason enough. */
export function mayAnswerTo(url: string, loopback: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  if (loopback && protocol === 'http:' && isLoopback(hostname)) return true;
  return protocol === 'https:' && SLACK_HOSTS.test(hostname);
}

/** True when it was taken, false when the address is used up (5 answers) or expired. */
async function respond(send: typeof fetch, url: string, { text, blocks }: Rendered): Promise<boolean> {
  try {
    const response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        response_type: 'ephemeral',
        replace_original: false,
        text,
        ...(blocks.length === 0 ? {} : { blocks }),
      }),
      signal: AbortSignal.timeout(CALL_TIMEOUT),
    });
    if (response.status === 429) throw throttled(Number(response.headers.get('retry-after')) * 1000);
    if (response.status >= 500) throw noAnswer(undefined, 'post');
    return response.ok && !refuses(await response.text());
  } catch (error) {
    if (error instanceof ChatError) throw error;
    throw neverConnected(error) ? unreachable(withoutUrl(error)) : noAnswer(withoutUrl(error), 'post');
  }
}

const Refused = z.object({ ok: z.literal(false) });

function refuses(body: string): boolean {
  try {
    return Refused.safeParse(JSON.parse(body)).success;
  } catch {
    return false;
  }
}

/** The address is a bearer secret, so no error that may name it goes on. */
function withoutUrl(error: unknown): Error {
  return new Error(error instanceof Error ? error.name : 'no answer');
}

/** Slack shows such a message only where both are, the person and the bot. */
const NOT_THERE =
  /^(?:user_not_in_channel|not_in_channel|channel_not_found|is_archived|restricted_action.*|cannot_reply_to_message)$/;

async function postEphemeral(client: WebClient, handle: ReplyTo, rendered: Rendered): Promise<void> {
  if (handle.channel === null) return postDirectly(client, handle.person, rendered);
  try {
    await client.chat.postEphemeral({
      channel: handle.channel,
      user: handle.person,
      ...partsOf(rendered),
      ...(handle.thread === null ? {} : { thread_ts: handle.thread }),
    });
  } catch (error) {
    if (NOT_THERE.test(slackCode(error) ?? '')) return postDirectly(client, handle.person, rendered);
    const failure = chatError(error, 'post');
    // In words alone it certainly fits; what was refused wasn't said.
    if (failure.code !== 'chat_too_long' || rendered.blocks.length === 0) throw failure;
    return postEphemeral(client, handle, { ...rendered, blocks: [] });
  }
}

/** Into the person's chat with the bot: what was asked for by a shortcut was asked for nowhere. */
async function postDirectly(client: WebClient, person: string, rendered: Rendered): Promise<void> {
  try {
    await client.chat.postMessage({ channel: person, unfurl_links: false, unfurl_media: false, ...partsOf(rendered) });
  } catch (error) {
    const failure = chatError(error, 'post');
    if (failure.code !== 'chat_too_long' || rendered.blocks.length === 0) throw failure;
    await postDirectly(client, person, { ...rendered, blocks: [] });
  }
}

function partsOf({ text, blocks }: Rendered) {
  return { text, ...(blocks.length === 0 ? {} : { blocks }), parse: 'none', link_names: false } as const;
}
