import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkMessage } from '../../../src/chat/slack/check.ts';
import { LIMITS } from '../../../src/chat/slack/limits.ts';
import { plainCard, plainReply } from '../../../src/chat/slack/plain-form.ts';
import { REFUSALS } from '../../../src/chat/slack/refusals.ts';
import { type Card, type CommandLine, link, person, text } from '../../../src/model/notice.ts';

describe('refusals of Slack', () => {
  it('are those that the guide lists, each with who can do what', () => {
    const guide = readFileSync('docs/slack.md', 'utf8');
    const part = guide.slice(guide.indexOf('## When Slack refuses'), guide.indexOf('## When something is wrong'));
    const rows = [...part.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code ?? '');
    assert.equal(rows.length, 16);
    assert.deepEqual(
      rows.filter((code) => !Object.hasOwn(REFUSALS, code)),
      [],
    );
    const untold = Object.keys(REFUSALS).filter((code) => !part.includes(`\`${code}\``) && code !== 'thread_not_found');
    assert.deepEqual(untold, []);
    for (const { message } of Object.values(REFUSALS))
      assert.match(message, /\b(?:can|has to|have to|Ask|names another)\b/, message);
  });
});

/** The words of the blocks that have some. */
function sections(blocks: readonly object[]): { type: string; text: string }[] {
  return blocks.flatMap((block) => ('text' in block ? [block.text as { type: string; text: string }] : []));
}

describe('a card in short', () => {
  const nasty = '<!channel> *a* <@U0LEA> ';
  const long = (words: string, length: number) => words.repeat(Math.ceil(length / words.length)).slice(0, length);
  const card = (commands: number, length: number): Card => ({
    requestId: 'LR-8K3F2Q',
    title: 'Live response LR-8K3F2Q',
    state: { symbol: '⏳', words: [text(long(nasty, 500))] },
    headline: [text('Ana wants to run on ws-042.contoso.com')],
    commands: Array.from({ length: commands }, (_, i) => ({
      ...{ symbol: `${i}`, label: 'Run script', code: long(`${nasty}${i}`, length), note: [text(long(nasty, 900))] },
      ...{ output: Array.from({ length: 99 }, () => 'secret output'), moreLines: 9 },
    })),
    facts: Array.from({ length: 40 }, () => [text(long(nasty, 900))]),
    warnings: [[text(long(nasty, 2_000))]],
    footer: [[person({ platform: 'slack', id: 'U0LEA', name: 'Lea Lead' }, true), text(' may approve')]],
    buttons: [
      { action: 'approve', id: 'LR-8K3F2Q:1', label: 'Approve', tone: 'primary' },
      { action: 'deny', id: 'LR-8K3F2Q:1', label: 'Deny', tone: 'danger' },
    ],
    audience: null,
  });

  for (const [commands, length] of [
    [0, 0],
    [1, 1_500],
    [5, 900],
    [20, 3_000],
  ] as const) {
    it(`certainly fits, with its buttons and the people to call, for ${commands} commands of ${length} characters`, () => {
      const { text: words, blocks } = plainCard(card(commands, length));
      assert.deepEqual(checkMessage({ text: words, blocks }), []);
      const whole = JSON.stringify(blocks);
      assert.ok(whole.length < LIMITS.message.hard / 1.5);
      assert.match(whole, /"lr:deny"/);
      assert.equal(whole.includes('"lr:approve"'), commands < 20);
      assert.doesNotMatch(whole, /secret output/);
      const markup = sections(blocks).flatMap((section) => (section.type === 'mrkdwn' ? [section.text] : []));
      assert.deepEqual(markup, ['<@U0LEA>'], 'everything else is plain');
    });
  }

  it('has what would run whole, and says what is missing where there is no room', () => {
    const five = plainCard(card(5, 900));
    const said = sections(five.blocks)
      .map((section) => section.text)
      .join('');
    for (const { code } of card(5, 900).commands) assert.ok(said.includes(code));
    assert.match(JSON.stringify(plainCard(card(20, 3_000)).blocks), /more than fits into a message/);
  });

  it('can’t be approved where the end of a command isn’t shown, and says why', () => {
    const hiding = card(1, 0);
    hiding.commands = [{ ...(hiding.commands[0] as CommandLine), code: `a.ps1 ${'\u2800'.repeat(1_700)} -Wipe` }];
    const { text: words, blocks } = plainCard(hiding);
    const whole = JSON.stringify(blocks);
    assert.doesNotMatch(whole, /-Wipe|lr:approve/);
    for (const said of [words, whole]) assert.match(said, /too long to be shown here in full.*withdraw it/);
    assert.match(whole, /"lr:deny"/);
  });

  it('of a reply keeps links and mentions, and leaves output to the results', () => {
    const reply = {
      text: [
        text(nasty),
        person({ platform: 'slack', id: 'U0ANA', name: 'Ana' }, true),
        link('https://bot.example.com/results/x', 'Open'),
      ],
      output: Array.from({ length: 99 }, () => 'secret output'),
      moreLines: 1,
      buttons: [],
    };
    const { text: words, blocks } = plainReply(reply);
    assert.deepEqual(checkMessage({ text: words, blocks }), []);
    const whole = JSON.stringify(blocks);
    assert.match(whole, /<https:\/\/bot\.example\.com\/results\/x\|Open>/);
    assert.match(whole, /100 lines in the results/);
    assert.doesNotMatch(whole, /secret output/);
    assert.equal(whole.match(/"mrkdwn"/g)?.length, 2);
  });
});
