import fc from 'fast-check';
import type { Entered } from '../../../src/chat/slack/form/entered.ts';
import type { Home } from '../../../src/model/home.ts';
import {
  type Button,
  type Card,
  code,
  link,
  type PrivateAnswer,
  person,
  type Reply,
  type Span,
  strong,
  text,
  time,
} from '../../../src/model/notice.ts';
import { endless, hostile } from './texts.ts';

const URLS = [
  'https://bot.example.com/results/x',
  'https://evil.example/',
  'javascript:alert(1)',
  'https://a:b@bot.example.com/',
];
const moment = fc.oneof(
  fc.double(),
  fc.nat(2 ** 31).map((at) => at * 1000),
);
/** What isn't cut: names of machines, commands; so it is as long as a request can have it. */
const whole = hostile.map((value) => value.slice(0, 300));

/** Any span, with words in it that nobody checked: also in an address, an id, a time. */
const span: fc.Arbitrary<Span> = fc.oneof(
  { weight: 4, arbitrary: endless.map(text) },
  { weight: 1, arbitrary: whole.map(strong) },
  { weight: 1, arbitrary: whole.map(code) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.oneof(hostile, fc.constantFrom('U0LEA', 'W0LEO', 'u0lea', 'U0LEA>')), endless, fc.boolean())
      .map(([id, name, calls]) => person({ platform: 'slack', id, name }, calls)),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.oneof(hostile, fc.constantFrom(...URLS)), endless).map(([url, label]) => link(url, label)),
  },
  { weight: 1, arbitrary: fc.tuple(moment, fc.constantFrom('clock', 'date')).map(([at, style]) => time(at, style)) },
);
const line = fc.array(span, { maxLength: 3 });
const output = fc.array(endless, { maxLength: 8 });

const buttons: fc.Arbitrary<Button[]> = fc.array(
  fc.record({
    action: fc.constantFrom('approve', 'it_ran', 'results'),
    id: fc.constant('LR-8K3F2Q.1'),
    label: endless,
    tone: fc.constantFrom('primary', 'danger', 'plain'),
    confirm: fc.record({ title: endless, text: endless, yes: hostile, no: hostile }),
  }),
  { maxLength: 6 },
);

/** A card that says whatever anybody could make it say. */
export const cards: fc.Arbitrary<Card> = fc.record({
  requestId: fc.constant('LR-8K3F2Q'),
  title: whole,
  state: fc.record({ symbol: fc.constantFrom('✔', '⏳'), words: line }),
  headline: fc.tuple(whole.map(strong), line).map(([machine, rest]) => [machine, ...rest]),
  commands: fc.array(
    fc.record({ symbol: fc.constant('1'), label: whole, code: whole, note: line, output, moreLines: fc.nat(500) }),
    { maxLength: 3 },
  ),
  facts: fc.array(line, { maxLength: 8 }),
  warnings: fc.array(line, { maxLength: 3 }),
  footer: fc.array(line, { maxLength: 3 }),
  buttons,
  audience: fc.constant(null),
});

/** A reply in a thread, and an answer for one person's eyes. */
export const replies: fc.Arbitrary<Reply> = fc.record({ text: line, output, moreLines: fc.nat(500), buttons });
export const answers: fc.Arbitrary<PrivateAnswer> = fc.record({
  lines: fc.array(line, { maxLength: 12 }),
  output,
  buttons,
});

const entry = fc.record({
  requestId: fc.constant('LR-8K3F2Q'),
  asker: endless,
  askedAt: moment,
  machine: fc.option(endless),
  commands: endless,
  state: fc.record({ symbol: fc.constant('✔'), words: line }),
  todo: fc.option(line),
  message: fc.option(fc.constantFrom('C0SOC:1.1', 'C0SOC:2.2')),
  results: fc.boolean(),
});
const offset = fc.option(fc.nat(9_999));

/** A Home tab with four lists. */
export const homes: fc.Arbitrary<Home> = fc.record({
  at: moment,
  notices: fc.array(endless, { maxLength: 2 }),
  sections: fc.array(fc.record({ title: hostile, entries: fc.array(entry, { maxLength: 4 }), none: endless }), {
    minLength: 4,
    maxLength: 4,
  }),
  offset: fc.nat(9_999),
  newer: offset,
  older: offset,
  footer: fc.option(endless),
});

const choice = fc.record({ text: endless, value: fc.string({ minLength: 1, maxLength: 75 }) });

/** A form as somebody left it, with the choices that it has. */
export const forms: fc.Arbitrary<{
  entered: Entered;
  names: string[];
  commands: number;
  channels: { text: string; value: string }[];
}> = fc.record({
  entered: fc.record({
    words: fc.record({ words1: endless, words2: endless, reason: endless }, { requiredKeys: [] }),
    choices: fc.record({ machine: choice, kind1: choice, script1: choice, channel: choice }, { requiredKeys: [] }),
  }),
  names: fc.array(
    hostile.map((name) => name.slice(0, 100)),
    { maxLength: 5 },
  ),
  commands: fc.integer({ min: 1, max: 5 }),
  channels: fc.array(choice, { maxLength: 120 }),
});

/** What a typeahead may have to offer. */
export const suggestions = fc.array(fc.record({ name: endless, facts: endless, value: endless }), { maxLength: 120 });
