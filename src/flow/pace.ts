import type { Deps } from './deps.ts';
import type { Chat, Rate } from './ports.ts';

/** What is sent to a channel: platforms may limit the two apart. */
export type Sending = 'post' | 'edit';

/** Longest waits here for one send, in milliseconds: an edit gives way to what else there is to say; a post is worth a little wait. */
const PATIENCE: Record<Sending, number> = { post: 5_000, edit: 1_000 };

/** One send of a channel's budget. */
export interface Turn {
  /**
   * To be called when the platform has answered or was given up: it counts a send when it arrives, which is later than the turn was
   * taken, so the window starts anew from here. Otherwise a slow send and a quick one a window later would be one too many.
   */
  made(): Promise<void>;
}

/** Takes one send of the channel's budget, waiting a little for it; null when it would take too long to wait here. */
export async function takeTurn(deps: Deps, chat: Chat, channel: string, sending: Sending): Promise<Turn | null> {
  const { edits, posts } = chat.pace;
  const rates: readonly Rate[] = sending === 'post' || edits === 'shared' ? posts : edits;
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
  return { made: () => deps.store.transaction((tx) => tx.callMade(budget, takenAt)) };
}

/** After a refusal of the platform: nothing is sent there for so many milliseconds. */
export async function blockChannel(
  deps: Deps,
  chat: Chat,
  channel: string,
  sending: Sending,
  wait: number,
): Promise<void> {
  await deps.store.transaction((tx) => tx.blockBudget(budgetOf(chat, channel, sending), deps.clock.now() + wait));
}

function budgetOf(chat: Chat, channel: string, sending: Sending) {
  return `chat:${chat.pace.edits === 'shared' ? 'post' : sending}:${channel}` as const;
}
