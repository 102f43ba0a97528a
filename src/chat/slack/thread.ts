import { z } from 'zod';
import { SLACK_CONVERSATION, SLACK_USER } from '../../model/slack-ids.ts';

/** A message of a channel: what Slack edits, and, for a first message, where its thread hangs. */
export interface MessageRef {
  channel: string;
  /** Slack's id of a message in its channel: `1700000001.123456`. */
  ts: string;
}

/** How to reach one person privately after what they typed or clicked. */
export interface ReplyTo {
  /** A bearer address of Slack, good for 5 answers in 30 minutes; null where the delivery had none. */
  url: string | null;
  channel: string | null;
  person: string;
  thread: string | null;
  /** When it arrived, milliseconds since 1970. */
  at: number;
}

export const TS = /^\d{1,12}\.\d{1,9}$/;

/** The opaque string of a message or thread: `C0SOC:1700000001.123456`. */
export function writeMessage({ channel, ts }: MessageRef): string {
  return `${channel}:${ts}`;
}

/** The other way round. Throws a TypeError for a string that this file didn't write. */
export function readMessage(message: string): MessageRef {
  const [channel = '', ts = '', ...rest] = message.split(':');
  if (rest.length > 0 || !SLACK_CONVERSATION.test(channel) || !TS.test(ts))
    throw new TypeError('Not a message of Slack.');
  return { channel, ts };
}

/** The opaque handle of a private answer. It holds a bearer address: never for logs. */
export function writeReplyTo({ url, channel, person, thread, at }: ReplyTo): string {
  return JSON.stringify({ u: url, c: channel, p: person, t: thread, at });
}

const Handle = z.strictObject({
  u: z.string().nullable(),
  c: z.string().regex(SLACK_CONVERSATION).nullable(),
  p: z.string().regex(SLACK_USER),
  t: z.string().regex(TS).nullable(),
  at: z.int(),
});

/** The other way round. Throws a TypeError for a string that this file didn't write. */
export function readReplyTo(handle: string): ReplyTo {
  const parsed = Handle.safeParse(json(handle));
  if (!parsed.success) throw new TypeError('Not a way to answer in Slack.');
  const { u, c, p, t, at } = parsed.data;
  return { url: u, channel: c, person: p, thread: t, at };
}

function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
