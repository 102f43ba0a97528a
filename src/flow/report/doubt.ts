import type { Chat, Posted, Sought } from '../ports.ts';

/**
 * What is known of a post that may have arrived, before it is repeated. `down`: the platform doesn't answer at all, so a repetition would
 * tell no more than the first try.
 */
export async function settleDoubt(chat: Chat, sought: Sought): Promise<Posted | 'not_there' | 'not_told' | 'down'> {
  if (chat.isUp !== undefined && !(await chat.isUp())) return 'down';
  return chat.lookFor?.(sought) ?? 'not_told';
}

/** Posts that may have arrived: one that is still being posted had a sender that died. */
export function doubtsOf(row: { state: string; doubts: number }): number {
  return row.state === 'posting' ? row.doubts + 1 : row.doubts;
}
