import assert from 'node:assert/strict';
import { checkMessage, countWords } from '../../../src/chat/slack/check.ts';
import { LIMITS } from '../../../src/chat/slack/limits.ts';

const words = (text: string) => ({ type: 'plain_text', text });
const rich = (...elements: object[]) => ({ type: 'rich_text', elements });
const section = (...elements: object[]) => ({ type: 'rich_text_section', elements });
const button = (change: object = {}) => ({
  type: 'button',
  text: words('Approve'),
  action_id: 'lr:approve',
  ...change,
});
const actions = (...elements: object[]) => ({ type: 'actions', elements });

/** The problems of a message with these blocks and good text. */
const problems = (...blocks: unknown[]) => checkMessage({ text: 'hello', blocks });

describe('the check of a Slack message', () => {
  it('finds nothing in a message that uses every block of the product', () => {
    const confirm = { title: words('t'), text: words('x'), confirm: words('y'), deny: words('n'), style: 'danger' };
    const blocks = [
      { type: 'header', text: words('Waiting') },
      { type: 'section', text: { type: 'mrkdwn', text: '*a*', verbatim: true } },
      { type: 'section', fields: [words('a'), words('b')], block_id: 'one' },
      { type: 'context', elements: [words('small'), { type: 'mrkdwn', text: 'x' }] },
      { type: 'divider' },
      rich(
        section(
          { type: 'text', text: 'a', style: { bold: true } },
          { type: 'user', user_id: 'U0A' },
          { type: 'date', timestamp: 1, format: '{time}', fallback: 'x' },
          { type: 'link', url: 'https://a.example/', text: 'a' },
        ),
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'x\ny' }] },
        { type: 'rich_text_quote', elements: [{ type: 'text', text: 'x' }] },
        { type: 'rich_text_list', style: 'bullet', elements: [section({ type: 'text', text: 'x' })] },
      ),
      actions(
        button({ value: 'LR-8K3F2Q', style: 'primary', confirm }),
        button({ action_id: 'lr:deny', url: 'http://127.0.0.1:3000/x' }),
      ),
    ];
    assert.deepEqual(problems(...blocks), []);
  });

  const wrong: [string, unknown, string][] = [
    ['an unknown block', { type: 'alert', text: words('x') }, '/blocks/0/type: unknown block'],
    ['a long header', { type: 'header', text: words('x'.repeat(151)) }, '/blocks/0/text/text: at most 150 characters'],
    ['an empty section', { type: 'section' }, '/blocks/0: needs text or fields'],
    [
      'a crowded context',
      { type: 'context', elements: Array(11).fill(words('x')) },
      '/blocks/0/elements: at most 10 elements',
    ],
    [
      'a long button',
      actions(button({ text: words('x'.repeat(76)) })),
      '/blocks/0/elements/0/text/text: at most 75 characters',
    ],
    [
      'a long value',
      actions(button({ value: 'x'.repeat(2001) })),
      '/blocks/0/elements/0/value: at most 2000 characters',
    ],
    [
      'a bad address',
      actions(button({ url: 'javascript:alert(1)' })),
      '/blocks/0/elements/0/url: must be an https address',
    ],
    [
      'an empty rich text',
      rich(section({ type: 'text', text: '' })),
      '/blocks/0/elements/0/elements/0/text: must not be empty',
    ],
    [
      'a call to everybody',
      rich(section({ type: 'broadcast', range: 'here' })),
      '/blocks/0/elements/0/elements/0/type',
    ],
    [
      'a mention of no id',
      rich(section({ type: 'user', user_id: '!here' })),
      '/blocks/0/elements/0/elements/0/user_id',
    ],
    ['an unknown property', { type: 'divider', colour: 'red' }, 'colour'],
  ];
  for (const [name, block, problem] of wrong) {
    it(`names ${name}, and where`, () => {
      const found = problems(block);
      assert.ok(found.length > 0 && found[0]?.includes(problem), found.join('\n'));
    });
  }

  it('wants text, at most as much as an edit takes', () => {
    assert.deepEqual(checkMessage({}), ['/text: must be there']);
    assert.deepEqual(checkMessage({ text: '' }), ['/text: must not be empty']);
    assert.deepEqual(checkMessage({ text: 'x'.repeat(4001) }), ['/text: at most 4000 characters']);
  });

  it('counts blocks and words of the whole message', () => {
    assert.match(problems(...Array(51).fill({ type: 'divider' }))[0] ?? '', /\/blocks: at most 50/);
    const long = Array(4).fill({ type: 'section', text: words('x'.repeat(2900)) });
    assert.equal(countWords(long), 11_600);
    assert.deepEqual(problems(...long), ['/blocks: 11600 characters of text, at most 10000']);
    assert.deepEqual(checkMessage({ text: 'x', blocks: long }, LIMITS.message.hard), []);
  });

  it('finds ids that stand twice', () => {
    assert.deepEqual(problems(actions(button()), actions(button())), ['/blocks: action_id "lr:approve" stands twice']);
    const divider = { type: 'divider', block_id: 'same' };
    assert.deepEqual(problems(divider, divider), ['/blocks: block_id "same" stands twice']);
  });
});
