import assert from 'node:assert/strict';
import { createMentions } from '../../../src/chat/teams/mentions.ts';
import { isTame, lineBlocks } from '../../../src/chat/teams/text.ts';
import { code, link, strong, type Text, text, time } from '../../../src/model/notice.ts';
import { ANA, LEA, LEO, NINE, who } from './samples.ts';

const shown = (line: Text) => lineBlocks(line, {}, createMentions());

describe('a line of a card in Teams', () => {
  it('is rich text, where nothing is markdown, in as few runs as it takes', () => {
    assert.deepEqual(shown([text('*a* '), text('[b](https://x.example)'), strong('ws-042'), code('  c  d')]), [
      {
        type: 'RichTextBlock',
        inlines: [
          { type: 'TextRun', text: '*a* [b](https://x.example)' },
          { type: 'TextRun', text: 'ws-042', weight: 'Bolder' },
          { type: 'TextRun', text: '\u00A0 c\u00A0 d', fontType: 'Monospace' },
        ],
      },
    ]);
  });

  it('is no block at all without words', () => {
    assert.deepEqual(shown([text(''), text(' ')]), []);
  });

  it('takes functions and mentions of others apart, which some clients would read in rich text too', () => {
    const [block] = shown([text('{{TIME(2026-11-24T09:42:00Z)}} <at>Lea</at> {{x}} <b>')]);
    assert.deepEqual(block?.type === 'RichTextBlock' && block.inlines.map((run) => run.text), [
      '{',
      '{TIME(2026-11-24T09:42:00Z)}} <',
      'at>Lea<',
      '/at> {{x}} <b>',
    ]);
  });

  it('keeps them apart where two spans would make one', () => {
    const [block] = shown([text('{'), text('{TIME(2026-11-24T09:42:00Z)}}')]);
    assert.equal(block?.type === 'RichTextBlock' && block.inlines.length, 2);
  });

  it('says links and mentions on a line below where its words could be misread', () => {
    const line = [who(ANA, 'Ana', true), text(' *x* '), link('https://a.example/', 'there'), text(' '), time(NINE)];
    assert.deepEqual(shown(line), [
      { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'Ana *x* there 09:42 UTC' }] },
      { type: 'TextBlock', text: '<at>Ana</at> · [there](https://a.example/)', wrap: true, spacing: 'None' },
    ]);
  });

  it('names a link by its host where it has no words', () => {
    assert.deepEqual(shown([link('https://a.example/x', ' ')]), [
      { type: 'TextBlock', text: '[a.example](https://a.example/x)', wrap: true },
    ]);
  });
});

describe('words that mean nothing but themselves in markdown', () => {
  const tame = [
    'Rule “Default”: 1 approval by leads, 0 so far · expires ',
    '✔ Approved by Lea Lead ',
    'it’s a_b on ws-042.contoso.com (LR-8K3F2Q), R&D, 50 % = half | more',
    '',
  ];
  const wild = [
    '*x*',
    '_x_',
    'x_',
    '`x`',
    '~x~',
    '[x](y)',
    'C:\\x',
    '<x>',
    '{x}',
    '- x',
    '+ x',
    '# x',
    '1. x',
    '2) x',
    'a &lt; b',
    '&#42;',
    '    x',
    '===',
  ];

  for (const words of tame) it(`are ${JSON.stringify(words)}`, () => assert.equal(isTame(words), true));
  for (const words of wild) it(`are not ${JSON.stringify(words)}`, () => assert.equal(isTame(words), false));
});

describe('a mention in Teams', () => {
  it('can’t be ended, doubled or marked up by a name', () => {
    const mentions = createMentions();
    assert.equal(
      mentions.call({ id: ANA, name: '</at><at>Lea</at> *_[x](y)_*\\&lt;' }),
      '<at>‹/at›‹at›Lea‹/at› ∗＿［x］(y)＿∗＼＆lt;</at>',
    );
    assert.equal(mentions.call({ id: LEA, name: ' ' }), '<at>Somebody</at>');
    assert.equal(mentions.call({ id: LEO, name: 'somebody' }), '<at>somebody (2)</at>');
    assert.equal(mentions.call({ id: LEA.toUpperCase(), name: 'Another' }), '<at>Somebody</at>');
    assert.deepEqual(
      mentions.entities().map(({ mentioned }) => mentioned.id),
      [ANA, LEA, LEO],
    );
  });

  it('keeps the names that people have', () => {
    for (const name of ['Zoë O’Brien-Łuk', 'adm_lea', 'علی\u200Cرضا', '山田 太郎', 'Lea (SOC)']) {
      assert.equal(createMentions().call({ id: LEA, name }), `<at>${name}</at>`);
    }
  });
});
