import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkCard, checkOutgoing } from '../../../src/chat/teams/check.ts';
import { formCard } from '../../../src/chat/teams/form-card.ts';
import { LIMITS } from '../../../src/chat/teams/limits.ts';
import { renderAnswer, renderCard, renderPersonal, renderReply, spokenAnswer } from '../../../src/chat/teams/render.ts';
import type { Outgoing } from '../../../src/chat/teams/wire-card.ts';
import { visible } from '../../../src/chat/text.ts';
import { type Card, code, link, person, type Span, strong, text, time } from '../../../src/model/notice.ts';
import { hostile } from '../../support/hostile/texts.ts';
import { contentOf, monospaced, objects, ofType, rendererProblems } from './reading.ts';
import { ANA, LEA, LEO } from './samples.ts';

const NASTY = [
  '<at>Lea Lead</at>',
  '</at><at>Somebody</at>',
  '<AT id="0">x</AT>',
  '[Approve](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '**bold** _it_ `code` ~~gone~~',
  '- list\r- of\n- things',
  '1. one\r2. two',
  '# heading',
  '{{DATE(2026-11-24T09:42:00Z,SHORT)}}',
  '{{TIME(2026-11-24T09:42:00Z)}}',
  '{{{TIME(2026-11-24T09:42:00Z)}}}',
  '$' + '{expression}',
  '&lt;at&gt;Lea Lead&lt;/at&gt; &#42;x&#42;',
  '<b onclick="x">y</b><script>z</script>',
  '"><img src=x onerror=y>',
  'C:\\Temp\\*.zip',
  '\u202Egnp.exe',
  '\uD800',
  '✔ Approved',
  ' ',
  '',
];

const nasty = fc.oneof(
  fc.constantFrom(...NASTY),
  hostile,
  fc.array(fc.constantFrom(...NASTY, 'x', ' ', '_', '{', '<'), { maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 3000 }),
);
const name = fc.oneof(nasty, fc.constantFrom('Lea Lead', 'lea lead', 'Lea Lead (2)'));
const span: fc.Arbitrary<Span> = fc.oneof(
  nasty.map(text),
  nasty.map(strong),
  nasty.map(code),
  fc
    .record({ id: fc.oneof(fc.constantFrom(ANA, LEA, LEO, LEA.toUpperCase()), nasty), name })
    .map((who) => person({ platform: 'teams', ...who }, true)),
  fc
    .record({ url: fc.oneof(nasty, fc.webUrl({ withQueryParameters: true })), label: nasty })
    .map(({ url, label }) => link(url, label)),
  fc
    .oneof(
      fc.double(),
      fc.nat(2 ** 31).map((at) => at * 1000),
    )
    .map((at) => time(at)),
  fc.constant(time(Date.UTC(2026, 10, 24), 'date')),
);
const line = fc.array(span, { maxLength: 4 });
const short = fc.string({ unit: 'binary', maxLength: 200 });
const output = fc.array(nasty, { maxLength: 30 });
const buttons = fc
  .uniqueArray(fc.constantFrom('approve', 'deny', 'withdraw', 'it_ran', 'cancel', 'results'), { maxLength: 6 })
  .chain((actions) =>
    fc.tuple(
      ...actions.map((action) =>
        fc.record({
          action: fc.constant(action),
          id: fc.constant('LR-8K3F2Q.1'),
          label: nasty,
          tone: fc.constantFrom('primary' as const, 'danger' as const, 'plain' as const),
          confirm: fc.record({ title: nasty, text: nasty, yes: nasty, no: nasty }),
        }),
      ),
    ),
  );
const ids = fc.oneof(fc.constantFrom(ANA, LEA, LEO), nasty);
const cards: fc.Arbitrary<Card> = fc.record({
  requestId: fc.constant('LR-8K3F2Q'),
  title: nasty,
  state: fc.record({ symbol: fc.constantFrom('✔', '⏳', '☃'), words: line }),
  headline: fc.array(short.map(strong), { maxLength: 3 }),
  commands: fc.array(
    fc.record({
      symbol: fc.constant('1'),
      label: short,
      code: fc.oneof(short, fc.constantFrom(...NASTY)),
      note: line,
      output,
      moreLines: fc.nat(500),
    }),
    { maxLength: 4 },
  ),
  facts: fc.array(line, { maxLength: 12 }),
  warnings: fc.array(line, { maxLength: 4 }),
  footer: fc.array(line, { maxLength: 3 }),
  buttons,
  audience: fc.option(fc.record({ approvers: fc.array(ids, { maxLength: 4 }), requester: ids })),
});

const INVISIBLE = /[\u202A-\u202E\u2066-\u2069\u200B\u200E\u200F\uFEFF]|[\x00-\x7F][\u200C\u200D]/;

/** That nobody is called and nothing is linked but what was meant, seen without the checks that come with the product. */
function assertMeant(card: unknown): void {
  for (const each of ofType(card, 'TextBlock')) {
    const words = String(each.text).replaceAll(/\{\{(?:TIME\([\dTZ:-]{20}\)|DATE\([\dTZ:-]{20},SHORT\))\}\}/g, '"');
    for (const [, address = ''] of words.matchAll(/\]\(([^)]*)\)/g))
      assert.match(address, /^(https:|http:\/\/(127|local))/);
    const rest = words.replaceAll(/<at>[^<>]*<\/at>|\[[^\][]*\]\([^()\s]*\)/g, '"');
    assert.doesNotMatch(rest, /[<>*`~[\]{}\\]|^\s*([-+#]|\d+[.)])/);
  }
  for (const each of ofType(card, 'TextRun')) assert.doesNotMatch(String(each.text), /\{\{(DATE|TIME)\(|<\/?at[\s>]/i);
  for (const { mentioned } of ofType(card, 'mention') as { mentioned?: { id: string } }[]) {
    assert.ok([ANA, LEA, LEO].includes(mentioned?.id.toLowerCase() ?? ''));
  }
  assert.doesNotMatch(JSON.stringify([...objects(card)].map((each) => each.text)), INVISIBLE);
}

const parts = (outgoing: Outgoing) => (outgoing.attachments === undefined ? [] : [contentOf(outgoing)]);

describe('hostile words in Teams', () => {
  it('never become a mention, a link, markup, a function or a broken card, and never cut a command', () => {
    fc.assert(
      fc.property(cards, (each) => {
        const options = { mriOf: (id: string) => (/^[\da-f-]{36}$/.test(id) ? `29:${id}` : null) };
        const outgoing = renderCard(each, options);
        const content = contentOf(outgoing);
        const personal = renderPersonal(each, options);
        assert.deepEqual(checkOutgoing(outgoing), []);
        assert.deepEqual(checkCard(personal), []);
        for (const shown of [content, personal]) {
          assertMeant(shown);
          assert.deepEqual(rendererProblems(shown), []);
        }
        const boxes = monospaced(content);
        for (const command of each.commands) {
          const whole = visible(command.code).replaceAll('\u00A0', ' ') || '(empty)';
          assert.ok(boxes.includes(whole), `${JSON.stringify(whole)} is not in ${JSON.stringify(boxes)}`);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('never do in a reply or an answer, as words or as a small card', () => {
    fc.assert(
      fc.property(line, output, fc.array(line, { maxLength: 20 }), buttons, (words, machine, lines, some) => {
        const reply = { text: words, output: machine, moreLines: 3, buttons: [] };
        const answer = { lines, output: machine, buttons: [] };
        const all = [
          renderReply(reply),
          renderReply({ ...reply, buttons: some }),
          renderAnswer(answer),
          renderAnswer({ ...answer, buttons: some }),
        ];
        for (const outgoing of all) {
          assert.deepEqual(checkOutgoing(outgoing), []);
          for (const content of parts(outgoing)) {
            assertMeant(content);
            assert.deepEqual(rendererProblems(content), []);
          }
          assert.doesNotMatch(outgoing.text ?? '', INVISIBLE);
        }
        const said = spokenAnswer(answer);
        assert.ok(said !== '' && said.length <= LIMITS.spoken);
      }),
      { numRuns: 150 },
    );
  });

  it('never break the form in which they are shown again', () => {
    const command = fc.record({
      kind: fc.constantFrom('run' as const, 'get' as const, null),
      script: nasty,
      words: nasty,
    });
    const values = fc.record({
      machine: nasty,
      commands: fc.array(command, { maxLength: 7 }),
      reason: nasty,
      error: nasty,
    });
    fc.assert(
      fc.property(values, (each) => {
        const content = formCard(each);
        assert.deepEqual(checkCard(content, LIMITS.message.hard), []);
        assertMeant(content);
        assert.deepEqual(rendererProblems(content), []);
      }),
      { numRuns: 100 },
    );
  });
});
