import assert from 'node:assert/strict';
import { checkMessage } from '../../../src/chat/slack/check.ts';
import { LIMITS } from '../../../src/chat/slack/limits.ts';
import { renderAnswer, renderCard, renderReply } from '../../../src/chat/slack/render.ts';
import {
  answer,
  type Button,
  type Card,
  code,
  link,
  person,
  type Reply,
  strong,
  text,
  time,
} from '../../../src/model/notice.ts';

const NINE = Date.UTC(2026, 10, 24, 9, 42);
const lea = { platform: 'slack', id: 'U0LEAD', name: 'Lea Lead' } as const;

function card(change: Partial<Card> = {}): Card {
  return {
    requestId: 'LR-8K3F2Q',
    title: 'Live response LR-8K3F2Q',
    state: { symbol: '⏳', words: [text('Waiting for approval')] },
    headline: [text('Ana Analyst wants to run on '), strong('ws-042.contoso.com'), text(' · Windows 11')],
    commands: [
      { symbol: '1', label: 'Run script', code: 'minidump.ps1 OfficeClickToRun', note: [], output: [], moreLines: 0 },
    ],
    facts: [[text('Why: INC-1234')], [text('expires '), time(NINE)]],
    warnings: [[text('minidump.ps1 changed since its last approved run.')]],
    footer: [[text('May approve: '), person(lea, true)]],
    audience: null,
    buttons: [
      {
        action: 'approve',
        id: 'LR-8K3F2Q:1',
        label: 'Approve',
        tone: 'primary',
        confirm: { title: 'Approve?', text: 'minidump.ps1 OfficeClickToRun on ws-042', yes: 'Approve', no: 'Back' },
      },
      { action: 'deny', id: 'LR-8K3F2Q:1', label: 'Deny', tone: 'danger' },
    ],
    ...change,
  };
}

/** Every object inside, however deep. */
function* objects(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const item of value) yield* objects(item);
  else if (typeof value === 'object' && value !== null) {
    yield value as Record<string, unknown>;
    yield* objects(Object.values(value));
  }
}

const ofType = (value: unknown, type: string) => [...objects(value)].filter((each) => each.type === type);
const said = (value: unknown) => ofType(value, 'text').map((each) => String(each.text));

/** What the preformatted boxes hold. */
const boxes = (value: unknown) => ofType(value, 'rich_text_preformatted').map((box) => said(box.elements).join(''));

describe('a card in Slack', () => {
  it('begins with its state in big letters, then says who wants what, and what runs in a box', () => {
    const { blocks } = renderCard(card());
    assert.deepEqual(blocks[0], {
      type: 'header',
      text: { type: 'plain_text', text: '⏳ Waiting for approval', emoji: false },
    });
    assert.deepEqual(said(blocks[1]).slice(0, 5), [
      'Live response LR-8K3F2Q',
      '\n',
      'Ana Analyst wants to run on ',
      'ws-042.contoso.com',
      ' · Windows 11',
    ]);
    assert.deepEqual(boxes(blocks), ['minidump.ps1 OfficeClickToRun']);
    assert.deepEqual(checkMessage(renderCard(card())), []);
  });

  it('shows a state with a time shortly in the header and whole, in local time, below', () => {
    const words = [text('Running since '), time(NINE), text(' · command 1 of 2')];
    const { blocks } = renderCard(card({ state: { symbol: '▶', words } }));
    assert.equal(said({ type: 'text', text: ofType(blocks[0], 'plain_text')[0]?.text })[0], '▶ Running');
    assert.deepEqual(ofType(blocks[1], 'date')[0], {
      type: 'date',
      timestamp: NINE / 1000,
      format: '{time}',
      fallback: '09:42 UTC',
    });
  });

  it('stops a header that is too long after the last sentence that fits, and says all of it below', () => {
    const first = '? Finished, but I couldn’t read whether Get-Autoruns.ps1 succeeded. Lea Lead says that it ran.';
    const words = `${first.slice(2)} Defender shows no action for it, so there are no results here.`;
    const { blocks } = renderCard(card({ state: { symbol: '?', words: [text(words)] } }));
    assert.deepEqual(blocks[0], { type: 'header', text: { type: 'plain_text', text: first, emoji: false } });
    assert.equal(said(blocks[1]).slice(0, 2).join(''), `? ${words}`);
  });

  it('stops the header at the end of a sentence when a later one holds a time', () => {
    const words = [text("Defender didn't answer whether it started. Looking until "), time(NINE), text('.')];
    const { blocks } = renderCard(card({ state: { symbol: '?', words } }));
    assert.equal(ofType(blocks[0], 'plain_text')[0]?.text, "? Defender didn't answer whether it started.");
  });

  it('puts facts into small type with local times, warnings behind a sign, and mentions into rich text', () => {
    const { blocks } = renderCard(card());
    assert.deepEqual(
      blocks.filter((block) => block.type === 'context').map((block) => block.elements[0]),
      [
        { type: 'plain_text', text: 'Why: INC-1234', emoji: false },
        { type: 'mrkdwn', text: `expires <!date^${NINE / 1000}^{time}|09:42 UTC>`, verbatim: true },
      ],
    );
    assert.ok(said(blocks).includes('⚠ '));
    const loud = renderCard(card({ warnings: [[text('‼ Started without approval')]] }));
    assert.doesNotMatch(loud.text, /⚠/, 'a sign of its own is enough');
    assert.match(loud.text, /^‼ Started/m);
    assert.deepEqual(ofType(blocks, 'user'), [{ type: 'user', user_id: 'U0LEAD' }]);
  });

  it('has no small type for what that would make an emoji, a quote or another address of', () => {
    const ada = person({ platform: 'slack', id: 'U0ADA', name: 'at:' });
    const here = link('https://bot.example.com/', 'here');
    const odd = [
      [text('Why: :了解: '), here],
      [text('by :c'), ada, here],
      [text('> said '), here],
      [link('https://bot.example.com/', 'a|b')],
    ];
    for (const line of odd) {
      assert.deepEqual(ofType(renderCard(card({ facts: [line], footer: [] })).blocks, 'context'), []);
    }
  });

  it('says the same in plain words, without markup and without waking anybody', () => {
    const { text: words } = renderCard(card({ headline: [text('a <!channel> & '), person(lea, true)] }));
    assert.match(words, /^⏳ Waiting for approval\nLive response LR-8K3F2Q: a &lt;!channel&gt; &amp; Lea Lead\n/);
    assert.match(words, /1 Run script minidump\.ps1 OfficeClickToRun/);
    assert.match(words, /expires 09:42 UTC/);
    assert.match(words, /⚠ minidump\.ps1 changed/);
  });

  it('names the address of a link in the plain words too, where nothing can break out of it', () => {
    const words = (url: string, label: string) => renderAnswer(answer([text('See '), link(url, label)])).text;
    const address = 'https://bot.example.com/results/abc';
    assert.equal(words(address, 'the results'), `See <${address}|the results>`);
    assert.equal(words(address, ''), `See <${address}>`);
    assert.equal(words(address, 'a|b> <!channel> & c'), `See <${address}|a¦b&gt; &lt;!channel&gt; &amp; c>`);
    assert.equal(
      words('https://x.example/?a=1&b=2|c><!here>', 'x'),
      'See <https://x.example/?a=1&amp;b=2%7Cc%3E%3C!here%3E|x>',
    );
    assert.equal(words('javascript:alert(1)', 'click'), 'See click');
  });

  it('gives each button its identifier and nothing else', () => {
    const twice: Button = { action: 'it_ran', id: 'LR-8K3F2Q.2', label: 'It ran', tone: 'plain' };
    const { blocks } = renderCard(card({ buttons: [...card().buttons, { ...twice, id: 'LR-8K3F2Q.1' }, twice] }));
    assert.deepEqual(
      ofType(blocks, 'button').map((button) => [button.action_id, button.value, button.style]),
      [
        ['lr:approve', 'LR-8K3F2Q:1', 'primary'],
        ['lr:deny', 'LR-8K3F2Q:1', 'danger'],
        ['lr:it_ran', 'LR-8K3F2Q.1', undefined],
        ['lr:it_ran:2', 'LR-8K3F2Q.2', undefined],
      ],
    );
  });

  it('keeps the lines of a dialog apart: a command on each', () => {
    const [approve] = card().buttons;
    assert.ok(approve?.confirm);
    const two = { ...approve, confirm: { ...approve.confirm, text: 'On ws-042:\nrun a.ps1\nget C:\\b\tc' } };
    const [button] = ofType(renderCard(card({ buttons: [two] })).blocks, 'button');
    assert.deepEqual(button?.confirm, {
      ...(button?.confirm as object),
      text: { type: 'plain_text', text: 'On ws-042:\nrun a.ps1\nget C:\\b c', emoji: false },
    });
  });

  it('never shows half of a text in a dialog: too long, it points to the card', () => {
    const [approve] = card().buttons;
    assert.ok(approve?.confirm);
    const long = { ...approve, confirm: { ...approve.confirm, text: 'x'.repeat(301) } };
    const rendered = renderCard(card({ buttons: [long] }));
    assert.match(JSON.stringify(rendered.blocks), /Too long for this dialog: the card says exactly what would run/);
    assert.deepEqual(checkMessage(rendered), []);
  });

  it('cuts output first, then facts, and never a command', () => {
    const output = Array.from({ length: 300 }, (_, i) => `line ${i} ${'o'.repeat(200)}`);
    const commands = Array.from({ length: 4 }, (_, i) => ({
      symbol: '✔',
      label: 'Run script',
      code: `${i}${'c'.repeat(1900)}`,
      note: [],
      output,
      moreLines: 7,
    }));
    const rendered = renderCard(card({ commands, facts: Array.from({ length: 30 }, () => [text('f'.repeat(900))]) }));
    assert.deepEqual(checkMessage(rendered), []);
    for (const command of commands) assert.ok(boxes(rendered.blocks).includes(command.code));
    assert.ok(said(rendered.blocks).some((words) => /(^| · )30[0-7] (more )?lines in the results$/.test(words)));
  });

  it('says why a command failed, however long its lines are and however little room there is', () => {
    const command = (symbol: string, code: string, output: string[]) => ({
      ...{ symbol, label: 'Run script', code, note: [], output, moreLines: 0 },
    });
    const long = `Access is denied. ${'x'.repeat(400)}`;
    const five = ['✔', '✔', '✘', '✔', '✔'].map((symbol) =>
      command(symbol, 'a'.repeat(120), symbol === '✘' ? [long, long] : ['fine', 'fine too']),
    );
    const full = [command('✘', 'b'.repeat(1_800), ['Access is denied.'])];
    for (const commands of [five, full]) {
      const { blocks } = renderCard(card({ commands }));
      assert.ok(JSON.stringify(blocks).includes('Access is denied.'), `${commands.length}`);
      assert.deepEqual(checkMessage({ text: 'x', blocks }), []);
    }
  });

  it('shares one screen among the outputs: first what did not go well, and the rest counted where it is named', () => {
    const command = (symbol: string) => ({
      symbol,
      label: 'Run script',
      code: 'a.ps1',
      note: [text('exit 0')],
      output: Array.from({ length: 20 }, (_, i) => `${symbol} line ${i}`),
      moreLines: 0,
    });
    const shownOf = (symbols: string[]) => {
      const { blocks } = renderCard(card({ commands: symbols.map(command) }));
      const outputs = boxes(blocks).filter((box) => box.includes(' line '));
      const lines = outputs.map((output) => output.split('\n').length);
      return { outputs, lines, said: said(blocks).filter((words) => words.includes('in the results')) };
    };
    const [alone = 0, ...others] = shownOf(['✔']).lines;
    assert.ok(alone >= 12 && others.length === 0, `${alone} lines of the only output`);
    const five = shownOf(['✔', '✔', '✘', '✔', '✔']);
    assert.ok(five.lines.length >= 1 && five.lines.every((lines) => lines < 10), `${five.lines}`);
    assert.match(five.outputs[0] ?? '', /^✘ line 0/);
    assert.ok(five.said.includes(' · 20 lines in the results'), `${five.said}`);
  });

  it('stays whole even when it is longer than Slack takes: better not posted than half shown', () => {
    const long = { symbol: '1', label: 'Run script', code: 'c'.repeat(14_000), note: [], output: [], moreLines: 0 };
    const rendered = renderCard(card({ commands: [long] }));
    assert.deepEqual(boxes(rendered.blocks), [long.code]);
    assert.notDeepEqual(checkMessage(rendered, LIMITS.message.hard), []);
  });

  it('makes what hides or reorders visible', () => {
    const hidden = {
      symbol: '1',
      label: 'Run',
      code: 'a\u202Eb\u200Bc\u001B[0m\nd',
      note: [],
      output: [],
      moreLines: 0,
    };
    assert.deepEqual(boxes(renderCard(card({ commands: [hidden] })).blocks), ['a[U+202E]b[U+200B]c␛[0m␊d']);
  });
});

describe('names in Slack', () => {
  const shown = (name: string) => said(renderAnswer(answer([text(name)])).blocks)[0];

  it('keep what their writing needs', () => {
    for (const name of ['علی\u200Cرضا', '👩\u200D💻 Ana', 'Zoë ❤\uFE0F']) assert.equal(shown(name), name);
  });

  it('show what only hides', () => {
    assert.equal(shown('ad\u200Dmin\u202E\u00AD'), 'ad[U+200D]min[U+202E][U+00AD]');
    assert.equal(shown('two\nlines'), 'two lines');
  });
});

describe('a reply and an answer in Slack', () => {
  const reply: Reply = {
    text: [text('Finished '), code('a.ps1')],
    output: ['one', 'two'],
    moreLines: 142,
    buttons: [],
  };

  it('shows output in a box and tells how much more there is', () => {
    const { blocks, text: words } = renderReply(reply);
    assert.deepEqual(boxes(blocks), ['one\ntwo']);
    assert.ok(said(blocks).includes('142 more lines in the results'));
    assert.equal(words, 'Finished a.ps1\none\ntwo\n142 more lines in the results');
  });

  it('links only to the web or to this machine', () => {
    const urls = [
      'https://a.example/x|y',
      'http://127.0.0.1:3000/',
      'http://a.example',
      'javascript:1',
      'https://u:p@a.example',
    ];
    const { blocks } = renderAnswer(answer(urls.map((url) => link(url, 'label'))));
    assert.deepEqual(
      ofType(blocks, 'link').map((each) => each.url),
      ['https://a.example/x%7Cy', 'http://127.0.0.1:3000/'],
    );
  });

  it('keeps a long answer within what Slack takes and says what is missing', () => {
    const long = {
      ...answer(...Array.from({ length: 70 }, (_, i) => `line ${i}`)),
      output: Array(500).fill('x'.repeat(90)),
    };
    const rendered = renderAnswer(long);
    assert.deepEqual(checkMessage(rendered), []);
    assert.ok(said(rendered.blocks).includes('10 more lines'));
  });

  it('has words even when there is nothing to say', () => {
    const rendered = renderAnswer(answer());
    assert.deepEqual(rendered.blocks, []);
    assert.notEqual(rendered.text, '');
  });
});
