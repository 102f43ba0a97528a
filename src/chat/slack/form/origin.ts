import { z } from 'zod';
import { SLACK_CONVERSATION } from '../../../model/slack-ids.ts';
import { MOST_COMMANDS } from '../../form.ts';
import { TS } from '../thread.ts';

/** Where somebody asked for a form. It travels with the form (any client shows it to its user), so it holds no secret. */
export interface Origin {
  /** Where private answers go; null for the chat with the person. */
  channel: string | null;
  thread: string | null;
  /** How many commands the form has room for now. */
  commands: number;
  /** Names out of a message that may be machines'. */
  names: string[];
  /** The request that a reason is given for. */
  request: string | null;
}

export const NOWHERE: Origin = { channel: null, thread: null, commands: 1, names: [], request: null };

const Metadata = z.object({
  c: z.string().regex(SLACK_CONVERSATION).nullable().catch(null),
  t: z.string().regex(TS).nullable().catch(null),
  n: z.int().min(1).max(MOST_COMMANDS).catch(1),
  m: z.array(z.string().max(100)).max(10).catch([]),
  r: z.string().max(60).nullable().catch(null),
});

/** As `private_metadata` of a modal. */
export function writeOrigin({ channel: c, thread: t, commands: n, names: m, request: r }: Origin): string {
  return JSON.stringify({ c, t, n, m, r });
}

/** The other way round. What can't be read counts as nothing: all of it helps, none of it decides. */
export function readOrigin(metadata: string | null | undefined): Origin {
  const parsed = Metadata.safeParse(json(metadata ?? ''));
  if (!parsed.success) return NOWHERE;
  const { c: channel, t: thread, n: commands, m: names, r: request } = parsed.data;
  return { channel, thread, commands, names, request };
}

function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
