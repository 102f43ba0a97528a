import type { Day } from './day.ts';
import { lagsOf, lagTable } from './lag.ts';

/** What somebody wants to know who has played a whole day. */
export async function summaryOf(day: Day): Promise<string> {
  const { witness, troubles, asked, reader } = day;
  const ends = new Map<string, number>();
  for (const { id } of asked) {
    const { status } = await day.world.request(id);
    const end = status === 'done' ? (await day.world.run(id)).status : status;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  const twice = asked.filter(({ id }) => reader.cards(id).length > 1).length;
  const shows = asked.reduce((sum, one) => sum + one.shows, 0);
  const posts = witness.posts.most(1_000);
  const edits = witness.edits.most(60_000);
  return [
    `ends: ${listed(ends)}`,
    lagTable(await lagsOf(day)),
    `calls: ${listed(witness.total)}; refused as too many: ${listed(witness.tooMany) || 'none'}`,
    `at most ${posts.count} message within a second in a channel, ${edits.count} edits within a minute`,
    `${troubles.unclear.length} posts without an answer, ${troubles.unclear.filter(({ arrived }) => arrived).length} of them arrived; ${twice} requests with two cards, ${day.doubles} of them stale until clicked, ${shows} fresh ones asked for`,
    `trouble: ${listed(troubles.met)}`,
  ].join('\n');
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
}
