import assert from 'node:assert/strict';
import { wrongWith } from '../support/slack-day/check.ts';
import { type Day, playDay } from '../support/slack-day/day.ts';
import { summaryOf } from '../support/slack-day/summary.ts';

/** 2,000 are a whole day; fewer are a part of it, with the same density of everything, and the bad hour shorter. */
const REQUESTS = Number(process.env.DAY ?? 30);
const SEED = Number(process.env.SEED ?? 1);
/** HISTORY=true: the app may read its channels, so that what may have arrived can be looked for. */
const HISTORY = process.env.HISTORY === 'true';

describe(`a day of ${REQUESTS} requests at a Slack that throttles, fails and hangs (SEED=${SEED})`, () => {
  let day: Day;

  before(async function () {
    this.timeout(0);
    day = await playDay({ requests: REQUESTS, seed: SEED, mayRead: HISTORY });
    if (process.env.DAY !== undefined) process.stdout.write(`${await summaryOf(day)}\n`);
  });

  after(() => day.close());

  it('has every thread right at its end', async () => {
    const wrong: string[] = [];
    for (const one of day.asked) wrong.push(...(await wrongWith(day, one)));
    assert.equal(day.asked.length, REQUESTS);
    assert.deepEqual(wrong, []);
  });

  // Where it can look, it knows, and posts as often as it takes.
  if (!HISTORY) {
    it('posts nothing a third time after two posts without an answer', () => {
      const tries = new Map<string, number>();
      for (const { mark } of day.troubles.unclear) tries.set(mark, (tries.get(mark) ?? 0) + 1);
      assert.deepEqual(
        [...tries].filter(([, times]) => times > 2),
        [],
      );
    });
  }

  it('never sends faster than Slack allows, in any channel and any window', () => {
    const posts = day.witness.posts.most(1_000);
    assert.ok(posts.count <= 1, `${posts.count} messages within a second in ${posts.key}`);
    const edits = day.witness.edits.most(60_000);
    assert.ok(edits.count <= 50, `${edits.count} edits within a minute`);
    assert.deepEqual([...day.witness.tooMany], []);
  });

  it('meets nothing that nobody foresaw', () => {
    assert.deepEqual(day.bot.errors, []);
  });
});
