import { answer, type PrivateAnswer } from '../model/notice.ts';
import type { Time } from '../model/request.ts';
import type { Deps } from './deps.ts';

/** Milliseconds between two looks, for a click that another instance decides; what is decided here is told at once. */
const LOOK_EVERY = 400;

const SLOW = answer(
  'I have your click and am still checking it. The card shows what comes of it; if there is more to say, I write to you.',
);
const ELSEWHERE = answer('I’m sending it to you in our private chat.');

/**
 * What came of a stored click, for the clicker whose call the platform holds open until then. Null: the card says it. What is more
 * than plain words goes to their private chat instead.
 */
export async function whatCameOfIt(deps: Deps, inboundId: string, until: Time): Promise<PrivateAnswer | null> {
  for (;;) {
    // Heard from here on, so that nothing is missed between the look and the wait.
    const decided = toldOf(inboundId);
    try {
      if ((await deps.store.transaction((tx) => tx.inbound(inboundId))) === null) break;
      const left = until - deps.clock.now();
      if (left <= 0) return SLOW;
      await Promise.race([decided.told, deps.sleep(Math.min(LOOK_EVERY, left))]);
    } finally {
      decided.forget();
    }
  }
  const row = await deps.store.sender.answer(inboundId);
  if (row === null) return null;
  if (isWords(row.answer)) return (await deps.store.sender.takeAnswer(inboundId))?.answer ?? null;
  await deps.store.transaction((tx) => tx.enqueue({ queue: `answer.${row.platform}`, id: inboundId }));
  return ELSEWHERE;
}

/** Clicks whose calls are open in this process. */
const open = new Map<string, () => void>();

function toldOf(inboundId: string): { told: Promise<void>; forget(): void } {
  const told = new Promise<void>((resolve) => open.set(inboundId, resolve));
  return { told, forget: () => open.delete(inboundId) };
}

/** A stored click was decided: whoever holds its call open in this process looks at once. */
export function tellOpenCall(inboundId: string): void {
  open.get(inboundId)?.();
}

/** Links are secrets and made at delivery; buttons and output need a message of their own. */
function isWords(said: PrivateAnswer): boolean {
  const linked = said.lines.some((line) => line.some((span) => span.kind === 'link'));
  return said.resultsFor === undefined && said.buttons.length === 0 && said.output.length === 0 && !linked;
}
