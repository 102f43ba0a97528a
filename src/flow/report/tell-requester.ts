import { answer } from '../../model/notice.ts';
import type { Platform } from '../../model/person.ts';
import type { Deps } from '../deps.ts';
import type { CardRow, Chat } from '../ports.ts';
import type { Trouble } from './channel-trouble.ts';

const NAMES: Record<Platform, string> = { slack: 'Slack', teams: 'Teams' };

/** A trouble of one request's card or thread, as its requester and the audit trail have it. */
export interface Told {
  requestId: string;
  /** Tells it from other troubles of the request: each is told once. */
  trouble: string;
  audit: { action: string; data: Record<string, unknown> };
  words: string;
}

/** Tells the requester privately, and the audit trail, once for each request and trouble. */
export async function tellRequester(deps: Deps, { requestId, trouble, audit, words }: Told): Promise<void> {
  await deps.store.transaction(async (tx) => {
    if (!(await tx.takeDelivery(`trouble:${requestId}:${trouble}`))) return;
    const request = await tx.request(requestId);
    if (request === null) return;
    await tx.audit({ actor: 'bot', requestId, ...audit });
    const { platform, replyTo } = request;
    const id = await tx.insertAnswer({ platform, to: replyTo, answer: answer(words) });
    await tx.enqueue({ queue: `answer.${platform}`, id });
  });
}

/** Of a card or reply. */
type Row = { id: string; requestId: string; channel: string };

/** With `since`, a trouble of the channel; without, one of this message. */
type Refused = Pick<Trouble, 'code' | 'message' | 'reason'> & Partial<Pick<Trouble, 'since'>>;

/**
 * What the channel refuses is one trouble, whatever it is seen by, until it takes something again. What one message is refused for isn't
 * what another is: `what` tells them apart, since not every platform says why.
 */
function troubleOf({ code, reason, since }: Refused, what: string): string {
  return `${since === undefined ? what : `channel:${since}`}:${code}:${reason ?? ''}`;
}

/** The card waits until somebody helps. */
export function notPosted(chat: Chat, row: Row, refused: Refused): Told {
  const { requestId } = row;
  const where = chat.channelName(row.channel);
  const outside = refused.code === 'chat_not_in_channel' && (refused.reason ?? 'not_in_channel') === 'not_in_channel';
  return {
    requestId,
    trouble: troubleOf(refused, `not_posted:${row.id}`),
    audit: { action: 'card.not_posted', data: { code: refused.code, reason: refused.reason } },
    words: outside
      ? `I’m not in ${where}, so I can’t post the card there. Invite me with /invite @Live Response; ${requestId} waits for it.`
      : `I can’t post the card of ${requestId} in ${where}: ${refused.message} It waits, and I keep trying.`,
  };
}

/** The card stands, and shows an old state. */
export function notEdited(chat: Chat, row: Row & Pick<CardRow, 'shown'>, refused: Refused): Told {
  const { requestId } = row;
  return {
    requestId,
    // It shows something else once it was edited in between.
    trouble: troubleOf(refused, `not_edited:${row.id}:${row.shown}`),
    audit: { action: 'card.not_edited', data: { code: refused.code, reason: refused.reason } },
    words: `The card of ${requestId} in ${chat.channelName(row.channel)} shows an old state, since I can’t change it: ${refused.message} I keep trying; “status ${requestId}” tells how it stands.`,
  };
}

/** The thread lacks something that was to be said. */
export function notSaid(chat: Chat, row: Row, refused: Refused): Told {
  const { requestId } = row;
  return {
    requestId,
    trouble: troubleOf(refused, 'not_said'),
    audit: { action: 'reply.not_posted', data: { code: refused.code, reason: refused.reason } },
    words: `I can’t write in the thread of ${requestId} in ${chat.channelName(row.channel)}: ${refused.message} I keep trying for a day; its card says the same, and so does “status ${requestId}”.`,
  };
}

/** A fresh card takes the place of one that can't be changed or answered any more. */
export function replaced(chat: Chat, row: Row, refused: Refused): Told {
  const { requestId } = row;
  return {
    requestId,
    trouble: troubleOf(refused, 'replaced'),
    audit: { action: 'card.replaced', data: { code: refused.code, reason: refused.reason } },
    words: `I post the card of ${requestId} in ${chat.channelName(row.channel)} anew: ${refused.message}`,
  };
}

/** It was posted twice, and nobody knows whether it stands there. */
export function unclearCard(chat: Chat, row: Row): Told {
  const { requestId } = row;
  return {
    requestId,
    // Each card by itself: another may have been asked for since, and be given up, too.
    trouble: `unclear:${row.id}`,
    audit: { action: 'card.unclear', data: { code: 'chat_unclear' } },
    words: `${NAMES[chat.platform]} didn’t say whether the card of ${requestId} stands in ${chat.channelName(row.channel)}. If you don’t see it there: show ${requestId}`,
  };
}

/** The bot was taken out of there: the card doesn't change any more. */
export function stopped(chat: Chat, row: Row, refused: Refused): Told {
  const { requestId } = row;
  return {
    requestId,
    trouble: troubleOf(refused, `stopped:${row.id}`),
    audit: { action: 'card.stopped', data: { code: refused.code } },
    words: `I can’t write in ${chat.channelName(row.channel)} any more, so the card of ${requestId} doesn’t change: ${refused.message} Then type: show ${requestId}`,
  };
}
