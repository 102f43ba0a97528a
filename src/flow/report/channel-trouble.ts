import type { ChatError } from '../../errors.ts';
import type { Time } from '../../model/request.ts';
import { channelKey } from '../changes.ts';
import type { Deps } from '../deps.ts';
import type { Chat } from '../ports.ts';
import { HELP_WAIT } from './waits.ts';

/** Why a channel takes no messages, or no edits, as the platform said last; and when it is asked again. */
export interface Trouble extends Pick<ChatError, 'code' | 'message' | 'reason' | 'holdsFor'> {
  /** Refusals, one after the other. */
  times: number;
  until: Time;
  /** The first of them, in posts or edits: when the channel takes something again, the next trouble is another. */
  since: Time;
}

export type Troubles = Partial<Record<'post' | 'edit', Trouble>>;

/** Edits that are refused use up a budget that other channels need. A card that waits is asked for more often: somebody may be at it. */
const LONGEST = { post: HELP_WAIT, edit: 15 * 60_000 };
/** What holds for everything is mended in one place, which is no reason to let every channel wait. */
const LONGEST_EVERYWHERE = 60_000;

const keyOf = (chat: Chat, channel: string) => `trouble:${channelKey({ platform: chat.platform, channel })}`;

/** What is known of the channel's troubles. */
export async function seeTroubles(deps: Deps, chat: Chat, channel: string): Promise<Troubles> {
  return deps.store.transaction(async (tx) => (await tx.setting<Troubles>(keyOf(chat, channel))) ?? {});
}

/** Whether a refusal holds for more than the one message. */
export function isOfTheChannel(error: ChatError): boolean {
  return error.code === 'chat_not_in_channel' || error.holdsFor !== 'message';
}

/** The trouble while it isn't time yet to ask the platform again. */
export function stillIn(deps: Deps, trouble: Trouble | undefined): Trouble | null {
  return trouble !== undefined && trouble.until > deps.clock.now() ? trouble : null;
}

/** The channel was refused, perhaps again: when it is asked next. */
export async function noteTrouble(
  deps: Deps,
  chat: Chat,
  where: { channel: string; sending: 'post' | 'edit' },
  error: ChatError,
): Promise<Trouble> {
  const { channel, sending } = where;
  return deps.store.transaction(async (tx) => {
    const seen = (await tx.setting<Troubles>(keyOf(chat, channel))) ?? {};
    const times = (seen[sending]?.times ?? 0) + 1;
    const longest = error.holdsFor === 'everything' ? Math.min(LONGEST[sending], LONGEST_EVERYWHERE) : LONGEST[sending];
    const wait = Math.min(HELP_WAIT * 2 ** Math.min(times - 1, 20), longest);
    const { code, message, reason, holdsFor } = error;
    const now = deps.clock.now();
    const since = seen.post?.since ?? seen.edit?.since ?? now;
    const trouble = { code, message, reason, holdsFor, times, until: now + wait, since };
    await tx.setSetting(keyOf(chat, channel), { ...seen, [sending]: trouble });
    return trouble;
  });
}

/**
 * The channel took something: what was put off is due at once. An edit tells of edits only. After a message, edits are asked for again, and
 * if they are refused still, it is the same trouble that people have heard of.
 */
export async function takesAgain(
  deps: Deps,
  chat: Chat,
  where: { channel: string; sending: 'post' | 'edit' },
  seen: Troubles,
): Promise<void> {
  const { channel, sending } = where;
  if (sending === 'post' ? seen.post === undefined && seen.edit === undefined : seen.edit === undefined) return;
  const { post, edit } = seen;
  // Edits that are due by now need no start: each further message would only have them refused once more.
  if (sending === 'post' && post === undefined && (edit?.until ?? 0) <= deps.clock.now()) return;
  const ofEdits = edit === undefined ? null : { edit: { ...edit, until: deps.clock.now() } };
  const ofPosts = post === undefined ? null : { post };
  await deps.store.transaction((tx) => tx.setSetting(keyOf(chat, channel), sending === 'post' ? ofEdits : ofPosts));
  await deps.store.sender.freshStart(channel);
}
