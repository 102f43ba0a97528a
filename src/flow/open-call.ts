import { answer, type PrivateAnswer } from '../model/notice.ts';
import type { Time } from '../model/request.ts';
import type { Deps } from './deps.ts';

/** Milliseconds between two looks: any instance may be the one that decides. */
const LOOK_EVERY = 60;

const SLOW = answer(
  'I have your click and am still checking it. The card shows what comes of it; if there is more to say, I write to you.',
);
const ELSEWHERE = answer('I’m sending it to you in our private chat.');

/**
 * What came of a stored click, for the clicker whose call the platform holds open until then. Null: the card says it. What is more
 * than plain words goes to their private chat instead.
 */
export async function whatCameOfIt(deps: Deps, inboundId: string, until: Time): Promise<PrivateAnswer | null> {
  while ((await deps.store.transaction((tx) => tx.inbound(inboundId))) !== null) {
    if (deps.clock.now() + LOOK_EVERY >= until) return SLOW;
    await deps.sleep(LOOK_EVERY);
  }
  const row = await deps.store.sender.answer(inboundId);
  if (row === null) return null;
  if (isWords(row.answer)) return (await deps.store.sender.takeAnswer(inboundId))?.answer ?? null;
  await deps.store.transaction((tx) => tx.enqueue({ queue: `answer.${row.platform}`, id: inboundId }));
  return ELSEWHERE;
}

/** Links are secrets and made at delivery; buttons and output need a message of their own. */
function isWords(said: PrivateAnswer): boolean {
  const linked = said.lines.some((line) => line.some((span) => span.kind === 'link'));
  return said.resultsFor === undefined && said.buttons.length === 0 && said.output.length === 0 && !linked;
}
