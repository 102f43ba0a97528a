import { link, type Reply, type Span, type Text, text } from '../../model/notice.ts';
import { type Deps, namesOf } from '../deps.ts';
import { endReply } from '../end-reply.ts';
import type { ReplyRow } from '../ports.ts';
import { readersOf } from '../render.ts';
import { mintLink } from '../results.ts';

/** So long a reply waits for a platform that doesn't say who reads the channel; then it is said without the output. Milliseconds. */
const WORTH_WAITING = 2 * 60_000;

/**
 * The reply as it goes out: the end is told from the record, links are made now and never stored. Null: it waits, since output or a link
 * would be left out only because the platform doesn't say just now who reads the channel.
 */
export async function replyNow(deps: Deps, row: ReplyRow): Promise<Reply | null> {
  const stored = row.key === 'end' ? await endReply(deps, row.requestId) : row.reply;
  const reply = { ...stored, text: await withNames(deps, stored.text) };
  if (reply.output.length === 0 && reply.resultsLink !== true) return reply;
  const request = await deps.store.transaction((tx) => tx.request(row.requestId));
  const readers = request === null ? 'others_too' : await readersOf(deps, request);
  if (readers === 'untold' && deps.clock.now() < row.createdAt + WORTH_WAITING) return null;
  if (readers !== 'ours') return { ...reply, output: [], moreLines: 0 };
  if (reply.resultsLink !== true) return reply;
  const url = await mintLink(deps, row.requestId, null);
  return { ...reply, text: [...reply.text, text('\n'), link(url, 'Open results')] };
}

/** Mentions are stored by id alone; whoever reads plain text needs the names. */
async function withNames(deps: Deps, words: Text): Promise<Text> {
  return Promise.all(
    words.map(async (span): Promise<Span> => {
      if (span.kind !== 'person' || span.name !== '') return span;
      const [found] = await namesOf(deps, span.platform, [span.id]);
      return { ...span, name: found?.name ?? 'an approver' };
    }),
  );
}
