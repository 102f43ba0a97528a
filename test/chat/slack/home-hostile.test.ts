import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countWords } from '../../../src/chat/slack/check.ts';
import { checkHomeView } from '../../../src/chat/slack/home/check.ts';
import { homeView, readOffset } from '../../../src/chat/slack/home/view.ts';
import type { Home, HomeEntry } from '../../../src/model/home.ts';
import { type Span, text, time } from '../../../src/model/notice.ts';

const RUNS = Number(process.env.RUNS ?? 150);

const hostile = fc.oneof(
  fc.constantFrom(
    '<!channel>',
    '<@U0LEA>',
    '<https://evil.example|Card ↗>',
    '*b* `c`',
    '\u202Egnp',
    '\uD800',
    '',
    ' ',
    '\n',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ minLength: 1500, maxLength: 4000 }),
);
const spans: fc.Arbitrary<Span[]> = fc.array(
  fc.oneof(
    hostile.map(text),
    hostile.map((words): Span => ({ kind: 'strong', text: words })),
    hostile.map((name): Span => ({ kind: 'person', platform: 'slack', id: 'U0LEA', name, mention: false })),
    fc.double().map((at) => time(at)),
  ),
  { maxLength: 12 },
);
const entry: fc.Arbitrary<HomeEntry> = fc.record({
  requestId: fc.constant('LR-8K3F2Q'),
  asker: hostile,
  askedAt: fc.oneof(fc.double(), fc.nat()),
  machine: fc.option(hostile),
  commands: hostile,
  state: fc.record({ symbol: fc.constant('✔'), words: spans }),
  todo: fc.option(spans),
  message: fc.option(fc.constantFrom('C0SOC:1.1', 'C0SOC:2.2')),
  results: fc.boolean(),
});
const section = fc.record({ title: hostile, entries: fc.array(entry, { maxLength: 4 }), none: hostile });
const offset = fc.option(fc.nat(9_999));
const home: fc.Arbitrary<Home> = fc.record({
  at: fc.double(),
  notices: fc.array(hostile, { maxLength: 2 }),
  sections: fc.array(section, { minLength: 4, maxLength: 4 }),
  offset: fc.nat(9_999),
  newer: offset,
  older: offset,
  footer: fc.option(hostile),
});
const links = new Map([['C0SOC:1.1', 'https://contoso.slack.com/archives/C0SOC/p11']]);

describe('a Home tab full of hostile words', () => {
  it(`is one that Slack takes, each request at most 3,000 characters, and calls nobody (${RUNS} of them)`, () => {
    fc.assert(
      fc.property(home, (one) => {
        const view = homeView(one, links);
        assert.deepEqual(checkHomeView(view), []);
        for (const block of view.blocks) assert.ok(countWords([block]) <= 3_000);
        const whole = JSON.stringify(view);
        assert.ok(whole.length < 250_000);
        assert.doesNotMatch(whole, /"type":"(user|usergroup|broadcast|mrkdwn|emoji|channel)"/);
        const urls = [...whole.matchAll(/"url":"([^"]*)"/g)].map(([, url]) => url);
        assert.deepEqual(new Set([...urls, ...links.values()]), new Set(links.values()));
      }),
      { numRuns: RUNS },
    );
  });

  it('has buttons that carry an id or where a page begins; anything else is the first page', () => {
    for (const value of ['12abc', '-1', '1e3', '99999', '', ' 7', null, undefined]) assert.equal(readOffset(value), 0);
    assert.equal(readOffset('36'), 36);
  });
});
