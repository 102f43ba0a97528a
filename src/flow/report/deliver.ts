import { ChatError } from '../../errors.ts';
import { link, type PrivateAnswer, text } from '../../model/notice.ts';
import { chatOf, type Deps } from '../deps.ts';
import { mintLink } from '../results.ts';

/** Nothing that waiting would mend. */
const HELPLESS: ReadonlySet<string> = new Set([
  'chat_gone',
  'chat_refused',
  'chat_too_long',
  'chat_not_in_channel',
  'chat_blocked',
]);

/** Delivers a private answer. One that can't be delivered for half an hour is given up: its handle is dead by then. */
export async function deliver(deps: Deps, answerId: string): Promise<void> {
  const row = await deps.store.sender.answer(answerId);
  if (row === null) return;
  const words = await withLink(deps, row.answer);
  try {
    await chatOf(deps, row.platform).answer(row.to, words);
    await deps.store.sender.answerDone(answerId);
  } catch (error) {
    await deps.store.sender.answerTried(answerId);
    const old = deps.clock.now() - row.createdAt > 30 * 60_000;
    const code = error instanceof ChatError ? error.code : 'unexpected';
    const helpless = HELPLESS.has(code);
    // Said twice does less harm than not said at all: answers are tried again even when one may have arrived.
    if (!old && !helpless) throw error;
    deps.log.warn({ code }, 'a private answer could not be delivered');
    await deps.store.sender.answerDone(answerId);
  }
}

/** A link to results is made for the person now, and never stored. */
async function withLink(deps: Deps, words: PrivateAnswer): Promise<PrivateAnswer> {
  const { resultsFor } = words;
  if (resultsFor === undefined) return words;
  const url = await mintLink(deps, resultsFor.requestId, resultsFor.person);
  const minutes = Math.round(deps.policy().results.linkFor / 60_000);
  const line = [link(url, `Open results of ${resultsFor.requestId}`), text(` · works for ${minutes} min`)];
  return { ...words, lines: [...words.lines, line] };
}
