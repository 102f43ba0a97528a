import assert from 'node:assert/strict';
import { readReplyTo } from '../../../src/chat/slack/thread.ts';
import { answer } from '../../../src/model/notice.ts';
import { until } from './fake-slack.ts';
import { type FormBot, startFormBot } from './form-bot.ts';

const MACHINE = 'a'.repeat(40);
const MACHINES = [{ name: 'ws-042', facts: 'Active · last full report 3 h ago', value: MACHINE }];
const LIBRARY = [{ name: 'minidump.ps1', facts: 'Dumps a process', value: 'minidump.ps1' }];

describe('the form in Slack', () => {
  let bot: FormBot;

  beforeEach(async () => {
    bot = await startFormBot();
    bot.answers.suggest = async ({ subject }) => (subject === 'machines' ? MACHINES : LIBRARY);
  });
  afterEach(() => bot.stop());

  const modal = (user = 'U0ANA') => bot.workspace.state().modals.find((one) => one.user === user) ?? null;
  const open = async () => {
    await bot.workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: '' });
    return modal() ?? assert.fail('nothing is open');
  };
  const blocks = () => (modal()?.view.blocks ?? []) as { block_id: string; label?: { text: string } }[];
  const grown = (commands: number) =>
    bot.workspace.waitFor(() => blocks().some(({ block_id }) => block_id === `words${commands}`));
  const asked = () => bot.lines.filter(({ text }) => text !== '');
  const choose = (block: string, query = '') => bot.workspace.suggest({ user: 'U0ANA', block, query });
  const filled = { machine: MACHINE, kind1: 'run', script1: 'minidump.ps1', words1: 'OfficeClickToRun' };
  const submit = async (more: Record<string, string> = {}) => {
    await choose('machine');
    await choose('script1');
    return bot.workspace.submitModal({ user: 'U0ANA', filled: { ...filled, ...more } });
  };

  it('opens for who types no words, and nothing else is said', async () => {
    const { view } = await open();
    assert.equal((view.title as { text: string }).text, 'Run live response');
    assert.deepEqual(
      blocks().map(({ block_id }) => block_id),
      ['machine', 'kind1', 'script1', 'words1', 'another', 'reason', 'channel'],
    );
    assert.deepEqual(bot.workspace.state().ephemerals, []);
    assert.equal(bot.lines[0]?.text, '');
  });

  it('starts with the channel where somebody asked for it, else with the first of the policy', async () => {
    const channel = () => {
      const value = modal()?.values.channel?.['lrform:channel'];
      return value && 'selected_option' in value ? value.selected_option : null;
    };
    await bot.workspace.command({ user: 'U0ANA', channel: 'C0PRIVATE', text: '' });
    assert.equal(channel()?.value, 'C0PRIVATE');
    await bot.workspace.command({ user: 'U0ANA', channel: 'D0ANA', text: '' });
    assert.deepEqual([channel()?.value, channel()?.text.text], ['C0SOC', '#soc']);
  });

  it('says in words what it would ask, with a button for the form, when Slack doesn’t open it', async () => {
    bot.workspace.fault({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    await bot.workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: '' });
    const [said] = bot.workspace.state().ephemerals;
    assert.match(said?.text ?? '', /^Tell me what to run/);
    await bot.workspace.click({ user: 'U0ANA', channel: 'C0SOC', ts: said?.ts ?? '', actionId: 'lrform:open' });
    assert.notEqual(modal(), null);
  });

  it('opens for nobody who may not use it', async () => {
    bot.answers.typed = async () => answer('You aren’t among the people who may use live response here.');
    await bot.workspace.command({ user: 'U0MAX', channel: 'C0SOC', text: '' });
    assert.equal(modal('U0MAX'), null);
    assert.match(bot.workspace.state().ephemerals[0]?.text ?? '', /aren’t among/);
  });

  it('offers machines and files, with what is known of them', async () => {
    await open();
    assert.deepEqual((await choose('machine', 'ws')).options, [
      {
        text: { type: 'plain_text', text: 'ws-042', emoji: false },
        value: MACHINE,
        description: { type: 'plain_text', text: 'Active · last full report 3 h ago', emoji: false },
      },
    ]);
    assert.equal((await choose('script1')).options[0]?.value, 'minidump.ps1');
  });

  it('offers in time or not at all', async () => {
    await open();
    for (const trouble of [() => Promise.reject(new Error('away')), () => new Promise<never>(() => {})]) {
      bot.answers.suggest = trouble;
      const { options, delivery } = await choose('machine');
      assert.deepEqual([options, delivery.status], [[], 200]);
      assert.ok(delivery.ms < 1_500);
    }
  });

  it('becomes a typed line in the chosen channel, answered privately where it was asked for', async () => {
    await open();
    await submit({ reason: 'INC-1234 odd', channel: 'C0PRIVATE' });
    assert.equal(modal(), null);
    const [line] = asked();
    assert.equal(line?.text, `run ${MACHINE} minidump.ps1 OfficeClickToRun --reason "INC-1234 odd"`);
    assert.deepEqual([line?.channel, line?.place, line?.thread], ['C0PRIVATE', 'C0PRIVATE', null]);
    assert.deepEqual([line?.person.id, line?.person.tenant], ['U0ANA', 'T0CONTOSO']);
    assert.equal(bot.told[0]?.answer.lines[0]?.length, 1);
    const to = readReplyTo(bot.told[0]?.to ?? '');
    assert.deepEqual([to.channel, to.person, to.url], ['C0SOC', 'U0ANA', null]);
  });

  it('counts once, however often Slack delivers it', async () => {
    await open();
    await choose('machine');
    await choose('script1');
    await bot.workspace.submitModal({ user: 'U0ANA', filled, times: 2 });
    assert.equal(new Set(asked().map(({ delivery }) => delivery)).size, 1);
    assert.equal(new Set(bot.told.map(({ delivery }) => delivery)).size, 1);
  });

  it('says what is wrong at the field, and keeps what was entered', async () => {
    await open();
    await submit({ words1: 'say "un' });
    assert.match(modal()?.errors.words1 ?? '', /never closed/);
    assert.deepEqual(modal()?.values.script1, {
      'lrform:script1': {
        type: 'external_select',
        selected_option: {
          text: { type: 'plain_text', text: 'minidump.ps1', emoji: false },
          value: 'minidump.ps1',
          description: { type: 'plain_text', text: 'Dumps a process', emoji: false },
        },
      },
    });
    await bot.workspace.submitModal({ user: 'U0ANA', filled: { words1: 'say' } });
    assert.equal(modal(), null);
    assert.equal(asked().length, 1);
  });

  it('has room for five commands, and what was entered stays', async () => {
    await open();
    await choose('machine');
    await bot.workspace.pressInModal({
      user: 'U0ANA',
      actionId: 'lrform:another',
      filled: { machine: MACHINE, kind1: 'get', words1: 'C:\\a.log' },
    });
    for (let count = 2; count < 5; count++) {
      await grown(count);
      await bot.workspace.pressInModal({ user: 'U0ANA', actionId: 'lrform:another' });
    }
    await grown(5);
    assert.ok(!blocks().some(({ block_id }) => block_id === 'another'));
    const labels = blocks().flatMap(({ label }) => label?.text ?? []);
    assert.equal(new Set(labels).size, labels.length);
    await bot.workspace.submitModal({ user: 'U0ANA', filled: { kind5: 'get', words5: 'C:\\b.log' } });
    assert.equal(asked()[0]?.text, `get ${MACHINE} C:\\a.log then get C:\\b.log`);
  });

  it('grows by one command for two clicks at once', async () => {
    await open();
    await bot.workspace.pressInModal({ user: 'U0ANA', actionId: 'lrform:another', times: 2 });
    await bot.workspace.waitFor(({ calls }) => calls.filter(({ method }) => method === 'views.update').length === 2);
    assert.ok(blocks().some(({ block_id }) => block_id === 'words2'));
    assert.ok(!blocks().some(({ block_id }) => block_id === 'words3'));
  });

  it('stays open when nothing was stored, and says so', async () => {
    await open();
    bot.answers.typed = () => Promise.reject(new Error('the database is away'));
    await submit();
    assert.match(modal()?.errors.machine ?? '', /Nothing was stored\.$/);
  });

  it('stays open with the reason when it is refused, and what was entered isn’t lost', async () => {
    await open();
    bot.answers.typed = async () => ({ ...answer('You typed 20 commands in a minute. Wait 12 s.'), refused: true });
    await submit();
    assert.match(modal()?.errors.machine ?? '', /Wait 12 s/);
    assert.equal(bot.told.length, 0);
    bot.answers.typed = async () => answer('Got it, LR-8K3F2Q.');
    await bot.workspace.submitModal({ user: 'U0ANA' });
    assert.equal(modal(), null);
  });

  it('says that it is slow when it is, and tells the outcome afterwards', async () => {
    await open();
    let finish: (said: ReturnType<typeof answer>) => void = () => {};
    bot.answers.typed = () => new Promise((resolve) => (finish = resolve));
    await submit();
    assert.match(JSON.stringify(modal()?.view), /slow right now/);
    finish(answer('Got it, LR-8K3F2Q.'));
    await until(() => bot.told.length === 1);
    assert.equal(asked().length, 1);
  });

  it('takes a file whose name is longer than Slack’s values', async () => {
    const long = `${'very-long-name-'.repeat(8)}.ps1`;
    bot.answers.suggest = async ({ subject }) =>
      subject === 'machines' ? MACHINES : [{ name: long, facts: '', value: long }];
    await open();
    await choose('machine');
    const [option] = (await choose('script1')).options;
    assert.ok((option?.value.length ?? 99) <= 75 && option?.value !== long);
    await bot.workspace.submitModal({ user: 'U0ANA', filled: { ...filled, script1: option?.value ?? '' } });
    assert.equal(asked()[0]?.text, `run ${MACHINE} ${long} OfficeClickToRun`);
  });

  it('asks to choose again when such a file is gone', async () => {
    const long = `${'x'.repeat(90)}.ps1`;
    bot.answers.suggest = async ({ subject }) =>
      subject === 'machines' ? MACHINES : [{ name: long, facts: '', value: long }];
    await open();
    await choose('machine');
    const [option] = (await choose('script1')).options;
    bot.answers.suggest = async () => [];
    await bot.workspace.submitModal({ user: 'U0ANA', filled: { ...filled, script1: option?.value ?? '' } });
    assert.match(modal()?.errors.script1 ?? '', /Choose it again/);
    assert.deepEqual(asked(), []);
  });

  it('opens by the shortcut of the workspace, for those who may', async () => {
    await bot.workspace.shortcut({ user: 'U0ANA', callbackId: 'liveresponse_form' });
    assert.equal(modal()?.view.callback_id, 'lrform:run');
    bot.answers.typed = async () => answer('You aren’t among them.');
    await bot.workspace.shortcut({ user: 'U0MAX', callbackId: 'liveresponse_form' });
    assert.match(JSON.stringify(modal('U0MAX')?.view.blocks), /You aren’t among them\./);
    assert.equal(modal('U0MAX')?.view.submit, undefined);
  });

  it('acknowledges a shortcut in time when it is slow, and says later in words what it would ask', async () => {
    let finish: () => void = () => {};
    bot.answers.typed = () => new Promise((resolve) => (finish = () => resolve(answer('Ask again later.'))));
    const { status, ms } = await bot.workspace.shortcut({ user: 'U0ANA', callbackId: 'liveresponse_form' });
    assert.deepEqual([status, ms < 2_000], [200, true]);
    bot.workspace.fault({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    finish();
    const chat = await bot.workspace.waitFor(({ messages }) =>
      messages.find(({ text }) => text === 'Ask again later.'),
    );
    assert.equal(chat.channel, 'D0ANA');
  });

  it('offers the machines that a message names first', async () => {
    await bot.workspace.say({ user: 'U0LEA', channel: 'C0GENERAL', text: 'Alert on ws-042.contoso.com: see INC-77' });
    const ts = bot.workspace.state().messages.at(-1)?.ts ?? '';
    await bot.workspace.shortcut({
      user: 'U0ANA',
      callbackId: 'liveresponse_message',
      message: { channel: 'C0GENERAL', ts },
    });
    const other = { name: 'dc-01', facts: 'Active', value: 'b'.repeat(40) };
    bot.answers.suggest = async ({ query }) =>
      query === '' ? [other, ...MACHINES] : query.startsWith('ws-042') ? MACHINES : [];
    assert.deepEqual(
      (await choose('machine')).options.map(({ text }) => text.text),
      ['ws-042', 'dc-01'],
    );
    // Not a channel of the policy: the card goes to one, the answer to where they were.
    assert.equal(bot.lines.at(-1)?.channel, null);
  });

  it('holds nothing secret, and what comes back with it decides nothing', async () => {
    const { view } = await open();
    assert.doesNotMatch(JSON.stringify(view), /http/);
    const { deliveries } = bot.workspace.state();
    assert.ok(deliveries.length > 0);
    assert.doesNotMatch(bot.log.join('\n'), /hooks|commands\/A0LIVE/);
  });
});

describe('the form in Slack in Socket Mode', () => {
  it('opens, offers, says what is wrong, and is taken, as over HTTP', async () => {
    const bot = await startFormBot(undefined, { appToken: 'xapp-1-A0LIVE-secret' });
    try {
      const { workspace } = bot;
      bot.answers.suggest = async ({ subject }) => (subject === 'machines' ? MACHINES : LIBRARY);
      await workspace.shortcut({ user: 'U0ANA', callbackId: 'liveresponse_form' });
      for (const block of ['machine', 'script1']) {
        assert.equal((await workspace.suggest({ user: 'U0ANA', block, query: '' })).options.length, 1);
      }
      const filled = { machine: MACHINE, script1: 'minidump.ps1', words1: 'say "un' };
      await workspace.submitModal({ user: 'U0ANA', filled });
      assert.match(workspace.state().modals[0]?.errors.words1 ?? '', /never closed/);
      await workspace.submitModal({ user: 'U0ANA', filled: { words1: '' } });
      assert.deepEqual(workspace.state().modals, []);
      assert.equal(bot.lines.at(-1)?.text, `run ${MACHINE} minidump.ps1`);
      assert.equal(bot.told.length, 1);
    } finally {
      await bot.stop();
    }
  });
});

describe('a reason in Slack', () => {
  let bot: FormBot;

  beforeEach(async () => {
    bot = await startFormBot();
    const button = { action: 'add_reason', id: 'LR-8K3F2Q', label: 'Add reason', tone: 'primary' } as const;
    bot.answers.typed = async () => ({ ...answer('This rule wants a reason.'), buttons: [button] });
    await bot.workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'run ws-042 minidump.ps1' });
  });
  afterEach(() => bot.stop());

  const modal = () => bot.workspace.state().modals[0] ?? null;
  const click = () =>
    bot.workspace.click({
      ...{ user: 'U0ANA', channel: 'C0SOC', actionId: 'lr:add_reason' },
      ts: bot.workspace.state().ephemerals[0]?.ts ?? '',
    });

  it('is typed into a modal of its own, and comes as a click with words', async () => {
    await click();
    assert.equal(bot.clicks.length, 0);
    await bot.workspace.submitModal({ user: 'U0ANA', filled: { reason: ' INC-1234 odd ' } });
    assert.equal(modal(), null);
    const [added] = bot.clicks;
    assert.deepEqual([added?.action, added?.id, added?.words], ['add_reason', 'LR-8K3F2Q', 'INC-1234 odd']);
    assert.deepEqual([added?.person.id, added?.channel], ['U0ANA', 'C0SOC']);
  });

  it('is asked for until there is one', async () => {
    await click();
    assert.equal(await bot.workspace.submitModal({ user: 'U0ANA' }), null);
    await bot.workspace.submitModal({ user: 'U0ANA', filled: { reason: '   ' } });
    assert.match(modal()?.errors.reason ?? '', /Say why/);
    assert.deepEqual(bot.clicks, []);
  });

  it('is asked for in words when Slack opens nothing', async () => {
    bot.workspace.fault({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    bot.answers.clicked = async () => answer('Type it again with a reason.');
    await click();
    assert.deepEqual([bot.clicks[0]?.words, bot.clicks[0]?.id], [null, 'LR-8K3F2Q']);
    await bot.workspace.waitFor(({ ephemerals }) => ephemerals.some(({ text }) => /Type it again/.test(text)));
  });
});
