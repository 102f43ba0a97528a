import assert from 'node:assert/strict';
import { readOffset } from '../../../src/chat/slack/home/view.ts';
import { readReplyTo } from '../../../src/chat/slack/thread.ts';
import { type Home, type HomeEntry, homeSaying } from '../../../src/model/home.ts';
import { answer, text } from '../../../src/model/notice.ts';
import { until } from './fake-slack.ts';
import { type FormBot, startFormBot } from './form-bot.ts';

const AT = Date.UTC(2026, 10, 24, 9);

const entry = (changes: Partial<HomeEntry> = {}): HomeEntry => ({
  requestId: 'LR-8K3F2Q',
  asker: 'Ana Analyst',
  askedAt: AT,
  machine: 'ws-042',
  commands: 'run minidump.ps1 OfficeClickToRun',
  state: { symbol: '✔', words: [text('Finished in 3 min 12 s')] },
  todo: null,
  message: null,
  results: false,
  ...changes,
});

const homeWith = (entries: HomeEntry[], changes: Partial<Home> = {}): Home => ({
  ...homeSaying(AT, ''),
  notices: [],
  sections: [
    { title: 'Waits for you', entries: [], none: 'Nothing waits for you.' },
    { title: 'Recent (1)', entries, none: '' },
  ],
  ...changes,
});

describe('the Home tab in Slack', () => {
  let bot: FormBot;
  let asked: { delivery: string; person: { id: string }; offset: number }[];
  let home: () => Promise<Home | null>;

  beforeEach(async () => {
    bot = await startFormBot();
    asked = [];
    home = async () => homeWith([entry()]);
    bot.answers.home = (one) => {
      asked.push(one);
      return home();
    };
  });
  afterEach(() => bot.stop());

  const shown = (user = 'U0LEA') => JSON.stringify(bot.workspace.state().homes.find((one) => one.user === user)?.view);
  const open = async (user = 'U0LEA') => {
    const before = published();
    await bot.workspace.openHome({ user });
    await until(() => published() > before);
  };
  const published = () => bot.workspace.state().calls.filter(({ method }) => method === 'views.publish').length;
  const links = () => bot.workspace.state().calls.filter(({ method }) => method === 'chat.getPermalink').length;

  it('is shown to who opens it, with nothing in it that decides', async () => {
    await open();
    assert.equal(asked[0]?.person.id, 'U0LEA');
    assert.match(asked[0]?.delivery ?? '', /^slack:Ev/);
    assert.match(
      shown(),
      /LR-8K3F2Q.* · Ana Analyst · ws-042 · .*run minidump\.ps1 OfficeClickToRun.*✔ .*Finished in 3 min/,
    );
    assert.match(shown(), /Nothing waits for you\./);
    assert.match(shown(), /"As of ".*"type":"date","timestamp":1795510800/);
    assert.doesNotMatch(shown(), /lr:(approve|deny|withdraw|cancel|it_ran|reviewed)/);
  });

  it('is acknowledged before anything is looked up', async () => {
    let finish: (home: Home | null) => void = () => {};
    home = () => new Promise((resolve) => (finish = resolve));
    const delivery = await bot.workspace.openHome({ user: 'U0LEA' });
    assert.equal(delivery.status, 200);
    assert.equal(published(), 0);
    finish(homeWith([]));
    await until(() => published() === 1);
  });

  it('is not shown again for a delivery that was taken before, nor for the chat with the app', async () => {
    home = async () => null;
    await bot.workspace.openHome({ user: 'U0LEA' });
    await bot.workspace.openHome({ user: 'U0LEA', tab: 'messages' });
    assert.equal(asked.length, 1);
    home = async () => homeWith([]);
    await open('U0ANA');
    assert.deepEqual([asked.length, published()], [2, 1]);
  });

  it('turns pages, and is shown anew, by buttons that carry where a page begins', async () => {
    home = async () => homeWith([entry()], { offset: 12, newer: 0, older: 24 });
    await open();
    for (const [actionId, offset] of [
      ['lrhome:older', 24],
      ['lrhome:newer', 0],
      ['lrhome:refresh', 12],
    ] as const) {
      const before = published();
      await bot.workspace.pressAtHome({ user: 'U0LEA', actionId });
      await until(() => published() > before);
      assert.equal(asked.at(-1)?.offset, offset);
    }
    assert.equal(new Set(asked.map(({ delivery }) => delivery)).size, 4);
    assert.deepEqual(bot.clicks, []);
  });

  it('opens results by a click like any other, and answers in the chat with the person', async () => {
    home = async () => homeWith([entry({ results: true }), entry({ requestId: 'LR-7C2M9X', results: true })]);
    bot.answers.clicked = async () => answer('Results of LR-7C2M9X, for you alone:');
    await open();
    await bot.workspace.pressAtHome({ user: 'U0LEA', actionId: 'lr:results:2' });
    const said = await bot.workspace.waitFor(({ messages }) =>
      messages.find((one) => one.text.startsWith('Results of')),
    );
    assert.equal(said.channel, 'D0LEA');
    const [click] = bot.clicks;
    assert.deepEqual([click?.action, click?.id, click?.channel], ['results', 'LR-7C2M9X', null]);
    assert.deepEqual(readReplyTo(click?.replyTo ?? '').person, 'U0LEA');
  });

  it('links cards, asks Slack once where each is, and goes without where Slack doesn’t say', async () => {
    await bot.workspace.say({ user: 'U0ANA', channel: 'C0SOC', text: 'a card, say' });
    const { ts } = bot.workspace.state().messages.at(-1) ?? assert.fail('no message');
    home = async () => homeWith([entry({ message: `C0SOC:${ts}` }), entry({ message: 'C0SOC:1.000001' })]);
    bot.workspace.fault({ method: 'chat.getPermalink', kind: 'status', times: 2 });
    await open();
    assert.doesNotMatch(shown(), /Card ↗/);
    await open();
    const address = `https://contoso.slack.com/archives/C0SOC/p${ts.replace('.', '')}`;
    assert.equal(shown().split('Card ↗').length, 2);
    assert.ok(shown().includes(address));
    const before = links();
    await open();
    assert.equal(links(), before + 1);
  });

  it('says so where nothing could be looked up', async () => {
    home = () => Promise.reject(new Error('the database is away'));
    await open();
    assert.match(shown(), /I couldn’t look up what is here/);
    assert.doesNotMatch(shown(), /database/);
  });

  it('never shows an older state after a newer one', async () => {
    const finish: ((home: Home | null) => void)[] = [];
    home = () => new Promise((resolve) => finish.push(resolve));
    for (let i = 0; i < 4; i += 1) await bot.workspace.openHome({ user: 'U0LEA' });
    await until(() => finish.length === 1);
    finish[0]?.(homeWith([entry({ commands: 'the older one' })]));
    await until(() => finish.length === 2);
    finish[1]?.(homeWith([entry({ commands: 'the newer one' })]));
    await until(() => shown()?.includes('the newer one') === true);
    assert.deepEqual([finish.length, published()], [2, 2]);
  });

  it('outlives a Slack that refuses or doesn’t answer; the next opening mends it', async () => {
    for (const error of ['not_enabled', 'invalid_arguments', 'internal_error']) {
      bot.workspace.fault({ method: 'views.publish', kind: 'error', error });
      await open();
      // Refused is a moment before it is written down.
      await until(() => bot.log.some((line) => line.includes('A home could not be shown') && line.includes(error)));
    }
    assert.equal(shown(), undefined);
    await open();
    assert.match(shown(), /LR-8K3F2Q/);
  });
});

describe('a button of the Home tab in Slack', () => {
  it('carries where its page begins; anything else is the first page', () => {
    for (const value of ['12abc', '-1', '1e3', '99999', '', ' 7', null, undefined]) assert.equal(readOffset(value), 0);
    assert.equal(readOffset('36'), 36);
  });
});
