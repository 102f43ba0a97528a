import assert from 'node:assert/strict';
import { checkCard, checkOutgoing } from '../../../src/chat/teams/check.ts';
import { renderPersonal } from '../../../src/chat/teams/render.ts';
import { card, LEA, LEO } from './samples.ts';

const words = (text: string) => ({ type: 'TextBlock', text, wrap: true });
const rich = (text: string) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text }] });
const mention = (id: string, name: string, text = `<at>${name}</at>`) => ({
  type: 'mention',
  text,
  mentioned: { id, name },
});

/** The problems of a good card with this changed. */
const problems = (change: object) => checkCard({ ...renderPersonal(card({ footer: [] })), ...change });
const body = (...elements: object[]) => problems({ body: elements });
const execute = (change: object) => {
  const good = { type: 'Action.Execute', title: 'Approve', verb: 'approve', data: { id: 'LR-8K3F2Q:1' } };
  const fallback = { type: 'Action.Submit', title: 'Approve', data: { verb: 'approve', id: 'LR-8K3F2Q:1' } };
  return problems({ actions: [{ ...good, fallback, ...change }] });
};
const message = (text: string, ...entities: object[]) =>
  checkOutgoing({ summary: 'x', text, textFormat: 'xml', ...(entities.length === 0 ? {} : { entities }) });

describe('the check of a Teams card', () => {
  it('finds nothing in a good one', () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(execute({}), []);
    assert.deepEqual(body(words('since {{TIME(2026-11-24T09:42:00Z)}}, [here](https://a.example/)')), []);
  });

  const wrong: [string, string[], RegExp][] = [
    ['an unknown element', body({ type: 'CodeBlock', codeSnippet: 'x' }), /unknown element/],
    ['an unknown property', body({ ...words('x'), maxLines: 2 }), /Unrecognized key/],
    ['a line that doesn’t wrap', body({ ...words('x'), wrap: false }), /must wrap/],
    ['an empty body', body(), /must not be empty/],
    ['a newer version', problems({ version: '1.6' }), /^\/version/],
    ['markdown', body(words('so *bold*')), /markdown could misread/],
    ['a list', body(words('1. one')), /markdown could misread/],
    ['a link to nowhere good', body(words('[x](http://a.example/)')), /no address/],
    ['a link with marked up words', body(words('[*x*](https://a.example/)')), /misread the link/],
    ['a time that is none', body(words('{{TIME(2026-13-24T09:42:00Z)}}')), /no time/],
    ['a function in rich text', body(rich('{{TIME(2026-11-24T09:42:00Z)}}')), /rich text could be misread/],
    ['a mention in rich text', body(rich('<at>Lea</at>')), /rich text could be misread/],
    ['a mention of nobody', body(words('<at>Lea</at>')), /nobody is <at>Lea<\/at>/],
    [
      'ids that stand twice',
      body(...['a', 'a'].map((id) => ({ type: 'Container', id, items: [rich('x')] }))),
      /"a" stands twice/,
    ],
    ['an unknown verb', execute({ verb: 'delete' }), /must be a button/],
    ['a button that carries more', execute({ data: { id: 'x', machine: 'y' } }), /Unrecognized key/],
    ['a button that old clients lack', execute({ fallback: undefined }), /^\/actions\/0\/fallback/],
    ['a button that does something else there', execute({ data: { id: 'other' } }), /same in old clients/],
    ['too many buttons', problems({ actions: Array(7).fill({ type: 'Action.Submit', title: 'x' }) }), /at most 6/],
    [
      'too many views',
      problems({
        refresh: {
          action: { type: 'Action.Execute', title: 'R', verb: 'refresh', data: { id: 'x' } },
          userIds: Array(61).fill('29:a'),
        },
      }),
      /at most 60/,
    ],
    ['a size over the cap', body(rich('x'.repeat(13_000))), /bytes, at most 25000/],
  ];
  for (const [what, found, rule] of wrong) it(`names ${what}`, () => assert.match(found.join('\n'), rule));

  it('wants each mention said, and nobody to be taken for another', () => {
    const call = (text: string, ...entities: object[]) =>
      problems({ body: [words(text)], msteams: { width: 'Full', entities } });
    assert.deepEqual(call('<at>Lea</at> <at>Leo</at>', mention(LEA, 'Lea'), mention(LEO, 'Leo')), []);
    assert.match(call('x', mention(LEA, 'Lea')).join(), /nobody says <at>Lea<\/at>/);
    assert.match(call('<at>Lea</at>', mention(LEA, 'Lea'), mention(LEO, 'Lea')).join(), /two people are called/);
    assert.match(call('<at>A</at> <at>B</at>', mention(LEA, 'A'), mention(LEA, 'B')).join(), /by two names/);
    assert.match(call('<at>Lea</at>', mention(LEO, 'Leo', '<at>Lea</at>')).join(), /is no name/);
    assert.match(call('<at>Lea</at>', mention('29:x', 'Lea')).join(), /Entra object id/);
  });
});

describe('the check of a Teams message', () => {
  it('finds nothing in a good one', () => {
    const text =
      '<at>Lea</at> <b>a</b> <a href="https://a.example/?a=1&amp;b=2">x</a><br/><pre>a<br/>b &lt;</pre><i>c</i>';
    assert.deepEqual(message(text, mention(LEA, 'Lea')), []);
  });

  const wrong: [string, string[], RegExp][] = [
    ['a tag that isn’t ours', message('<img src="x">'), /not escaped/],
    ['an attribute that isn’t ours', message('<b onclick="x">y</b>'), /not escaped/],
    ['an entity that isn’t ours', message('&nbsp;'), /not escaped/],
    ['a tag that is never closed', message('<b>x'), /never closed: b/],
    ['tags out of order', message('<b><i>x</b></i>'), /out of order/],
    ['a link to nowhere good', message('<a href="javascript:x">y</a>'), /no address/],
    ['a link without an address', message('<a>y</a>'), /belongs to a link/],
    ['a mention of nobody', message('<at>Lea</at>'), /nobody is/],
    ['words that aren’t marked as such', checkOutgoing({ summary: 'x', text: 'x' }), /^\/textFormat/],
    ['a message without a summary', checkOutgoing({ text: 'x', textFormat: 'xml' }), /^\/summary/],
    ['a size over the cap', message('x'.repeat(13_000)), /bytes, at most 25000/],
  ];
  for (const [what, found, rule] of wrong) it(`names ${what}`, () => assert.match(found.join('\n'), rule));
});
