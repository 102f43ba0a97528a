import { ChatError } from '../../errors.ts';
import type { Deps } from '../deps.ts';
import type { Turn } from '../pace.ts';
import type { Chat } from '../ports.ts';
import type { Troubles } from './channel-trouble.ts';

/**
 * What came of one step. `pause`: the platform's limits ask for a pause too long to wait for here. `unanswered`: an edit that the platform
 * didn't answer, which may have taken long. `looked`: a look at a card in vain, which may have taken long, too.
 */
export type Step = 'something' | 'nothing' | 'pause' | 'unanswered' | 'looked';

/** The channel that is being brought up to date, and what is known of its troubles. */
export interface At {
  deps: Deps;
  chat: Chat;
  channel: string;
  troubles: Troubles;
}

/**
 * The claim ran out while this process was stopped, and somebody else has posted since, or is about to: what they store counts, and the
 * message of ours stays as it is.
 */
export function tooLate(deps: Deps, row: { requestId: string }): void {
  deps.log.warn({ request: row.requestId }, 'a post was answered after another sender had taken it over');
}

/** Sends it whole; where that is more than the platform takes, plain and short, in a turn of its own. */
export async function wholeOrPlain<T>(
  { turn, take }: { turn: Turn; take: () => Promise<Turn | null> },
  send: (plain: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await turn.use(() => send(false));
  } catch (error) {
    if (!(error instanceof ChatError) || error.code !== 'chat_too_long') throw error;
    const another = await take();
    if (another === null)
      throw new ChatError('chat_unreachable', 'There is no room for it this moment.', { cause: error });
    return await another.use(() => send(true));
  }
}
