import type { Deps } from './deps.ts';
import type { Chat, Rate } from './ports.ts';

/** What is sent to a channel: platforms may limit messages and edits apart. A `tick` is an edit that only tells how things go. */
export type Sending = 'post' | 'edit' | 'tick';

/** Longest waits here for one send, in milliseconds: an edit gives way to what else there is to say; a post is worth a little wait. */
const PATIENCE: Record<Sending, number> = { post: 5_000, edit: 1_000, tick: 1_000 };
/** The part of a budget of edits that ticks may use: the rest stays for decisions and ends, wherever they are to be shown. */
const FOR_TICKS = 2 / 3;

/** One send of a budget. */
export interface Turn {
  /**
   * Makes the send. The platform counts it when it arrives, which is later than the turn was taken, so the window starts anew from its
   * answer, before anything else is done with that. Otherwise a slow send and a quick one a window later would be one too many.
   */
  use<T>(send: () => Promise<T>): Promise<T>;
}

/** Takes one send of the budget, waiting a little for it; null when it would take too long to wait here. */
export async function takeTurn(deps: Deps, chat: Chat, channel: string, sending: Sending): Promise<Turn | null> {
  const rates = ratesOf(chat, sending);
  const budget = budgetOf(chat, channel, sending);
  let patience = PATIENCE[sending];
  for (;;) {
    const wait = await deps.store.transaction((tx) => tx.takeCall(budget, rates));
    if (wait === 0) break;
    if (wait > patience) return null;
    patience -= wait;
    await deps.sleep(wait);
  }
  const takenAt = deps.clock.now();
  // What became of the send matters more than when it was counted.
  const made = () =>
    deps.store
      .transaction((tx) => tx.callMade(budget, takenAt))
      .catch((error: unknown) => deps.log.warn({ budget, error }, 'a send could not be counted from its answer'));
  return { use: (send) => send().finally(made) };
}

/** After the platform asked for a pause: nothing of this budget is sent for so many milliseconds. */
export async function blockSending(
  deps: Deps,
  chat: Chat,
  channel: string,
  sending: Sending,
  wait: number,
): Promise<void> {
  await deps.store.transaction((tx) => tx.blockBudget(budgetOf(chat, channel, sending), deps.clock.now() + wait));
}

function ratesOf({ pace }: Chat, sending: Sending): readonly Rate[] {
  if (sending === 'post' || pace.edits === 'shared') return pace.posts;
  if (sending === 'edit') return pace.edits;
  return pace.edits.map(({ count, within }) => ({ count: Math.max(1, Math.floor(count * FOR_TICKS)), within }));
}

/** Messages have a budget for each channel. Edits share it, or have one over all channels of the platform. */
function budgetOf(chat: Chat, channel: string, sending: Sending): `chat:${string}` {
  const own = sending !== 'post' && chat.pace.edits !== 'shared';
  return own ? `chat:edit:${chat.platform}` : `chat:post:${channel}`;
}
