import assert from 'node:assert/strict';
import { WebClient } from '@slack/web-api';
import { type SlackWorkspace, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { answeringServer } from './answering-server.ts';

const option = (value: string) => ({ text: { type: 'plain_text', text: value }, value });
const words = (text: string) => ({ type: 'plain_text', text });
const input = (name: string, element: object, more: object = {}) => ({
  ...{ type: 'input', block_id: name, label: words(name), element: { action_id: `do:${name}`, ...element } },
  ...more,
});
const VIEW = {
  ...{ type: 'modal', callback_id: 'a-form', title: words('A form'), submit: words('Send') },
  blocks: [
    input('who', { type: 'external_select', min_query_length: 0 }),
    input('what', { type: 'plain_text_input', max_length: 5 }, { optional: true }),
    input('how', { type: 'static_select', options: [option('a'), option('b')], initial_option: option('a') }),
    { type: 'actions', block_id: 'more', elements: [{ type: 'button', action_id: 'do:more', text: words('More') }] },
  ],
};

describe('Modals of the simulated Slack workspace', () => {
  let workspace: SlackWorkspace;
  let bot: Awaited<ReturnType<typeof answeringServer>>;
  let client: WebClient;
  let now: number;

  beforeEach(async () => {
    now = Date.now();
    bot = await answeringServer();
    workspace = await startSlackWorkspace({
      ...{ botToken: 'xoxb', signingSecret: 'secret', botUrl: bot.url, pace: 'off' },
      now: () => now,
    });
    client = new WebClient('xoxb', { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } });
  });
  afterEach(async () => {
    await workspace.stop();
    await bot.stop();
  });

  const trigger = async (): Promise<string> => {
    const { triggerId } = await workspace.shortcut({ user: 'U0ANA', callbackId: 'a-shortcut' });
    return triggerId ?? '';
  };
  const open = async (view: object = VIEW): Promise<void> => {
    await client.apiCall('views.open', { trigger_id: await trigger(), view });
  };
  const refused = (method: string, args: Record<string, unknown>) =>
    client.apiCall(method, args).then(
      () => null,
      (error: { data?: { error?: string } }) => error.data?.error ?? 'something else',
    );
  const modal = () => workspace.state().modals[0];

  it('opens a modal for what somebody did, once and for three seconds', async () => {
    const used = await trigger();
    assert.equal(await refused('views.open', { trigger_id: used, view: VIEW }), null);
    assert.equal(modal()?.user, 'U0ANA');
    assert.equal(await refused('views.open', { trigger_id: used, view: VIEW }), 'exchanged_trigger_id');
    assert.equal(await refused('views.open', { trigger_id: 'made up', view: VIEW }), 'invalid_trigger_id');
    const late = await trigger();
    now += 3_001;
    assert.equal(await refused('views.open', { trigger_id: late, view: VIEW }), 'expired_trigger_id');
  });

  it('refuses what Slack refuses in a view, and leaves the trigger for a better one', async () => {
    const id = await trigger();
    const odd: [string, object][] = [
      ['a title that is too long', { ...VIEW, title: words('x'.repeat(25)) }],
      ['mark-up in a label', { ...VIEW, blocks: [{ ...VIEW.blocks[0], label: { type: 'mrkdwn', text: 'x' } }] }],
      ['inputs without a way to send them', { ...VIEW, submit: undefined }],
      ['two blocks of one name', { ...VIEW, blocks: [VIEW.blocks[0], VIEW.blocks[0]] }],
      [
        '101 options',
        {
          ...VIEW,
          blocks: [
            input('x', { type: 'static_select', options: Array.from({ length: 101 }, (_, i) => option(`${i}`)) }),
          ],
        },
      ],
      [
        'a start that is no option',
        {
          ...VIEW,
          blocks: [input('x', { type: 'static_select', options: [option('a')], initial_option: option('b') })],
        },
      ],
      ['metadata that are too long', { ...VIEW, private_metadata: 'x'.repeat(3001) }],
      ['no blocks', { ...VIEW, blocks: [] }],
    ];
    for (const [name, view] of odd)
      assert.equal(await refused('views.open', { trigger_id: id, view }), 'invalid_arguments', name);
    assert.equal(await refused('views.open', { trigger_id: id, view: VIEW }), null);
  });

  it('sends a form as Slack does, and only when all that must be there is', async () => {
    await open();
    assert.equal(await workspace.submitModal({ user: 'U0ANA' }), null);
    assert.deepEqual(Object.keys(modal()?.errors ?? {}), ['who']);
    bot.answer = { options: [option('ws-042')] };
    const { options } = await workspace.suggest({ user: 'U0ANA', block: 'who', query: 'ws' });
    assert.deepEqual(
      options.map(({ value }) => value),
      ['ws-042'],
    );
    bot.answer = '';
    await workspace.submitModal({ user: 'U0ANA', filled: { who: 'ws-042', what: 'x' } });
    const { type, view } = bot.payload();
    assert.equal(type, 'view_submission');
    assert.deepEqual(view.state.values, {
      who: { 'do:who': { type: 'external_select', selected_option: option('ws-042') } },
      what: { 'do:what': { type: 'plain_text_input', value: 'x' } },
      how: { 'do:how': { type: 'static_select', selected_option: option('a') } },
    });
    assert.equal(modal(), undefined);
  });

  it('lets nobody enter what a client wouldn’t', async () => {
    await open();
    const filled: Record<string, string>[] = [
      { who: 'never offered' },
      { what: 'longer' },
      { what: 'a\nb' },
      { how: 'c' },
      { other: 'x' },
    ];
    for (const each of filled) await assert.rejects(workspace.submitModal({ user: 'U0ANA', filled: each }));
    await assert.rejects(workspace.pressInModal({ user: 'U0ANA', actionId: 'do:nothing' }), /no button/);
    await assert.rejects(workspace.submitModal({ user: 'U0LEA' }), /No modal is open/);
  });

  it('shows no options of an answer that isn’t to Slack’s liking', async () => {
    await open();
    const many = Array.from({ length: 101 }, (_, i) => option(`${i}`));
    for (const answer of [{ options: many }, { options: [option('x'.repeat(76))] }, {}, '', 'nonsense']) {
      bot.answer = answer;
      assert.deepEqual((await workspace.suggest({ user: 'U0ANA', block: 'who', query: '' })).options, []);
    }
  });

  it('takes the answers to a form that Slack takes, and shows its own words for any other', async () => {
    await open({ ...VIEW, blocks: VIEW.blocks.slice(1) });
    const submit = () => workspace.submitModal({ user: 'U0ANA' });
    bot.answer = { response_action: 'errors', errors: { what: 'No.' } };
    await submit();
    assert.deepEqual(modal()?.errors, { what: 'No.' });
    for (const answer of [
      { response_action: 'errors', errors: { elsewhere: 'No.' } },
      { response_action: 'dance' },
      'ok',
    ]) {
      bot.answer = answer;
      await submit();
      assert.match(modal()?.trouble ?? '', /trouble connecting/);
    }
    bot.answer = {
      response_action: 'update',
      view: { type: 'modal', title: words('Done'), blocks: [{ type: 'divider' }] },
    };
    await submit();
    assert.deepEqual([modal()?.trouble, modal()?.view.title], [null, words('Done')]);
    bot.answer = { response_action: 'clear' };
    await submit();
    assert.equal(modal(), undefined);
  });

  it('keeps what was entered in inputs that an update keeps, unless somebody was faster', async () => {
    await open();
    await workspace.pressInModal({ user: 'U0ANA', actionId: 'do:more', filled: { what: 'kept' } });
    const { view } = bot.payload();
    const next = { ...VIEW, blocks: [...VIEW.blocks.slice(1, 2), input('new', { type: 'plain_text_input' })] };
    const update = { view_id: view.id, hash: view.hash, view: next };
    assert.equal(await refused('views.update', update), null);
    assert.deepEqual(Object.keys(modal()?.values ?? {}), ['what', 'new']);
    assert.deepEqual(modal()?.values.what, { 'do:what': { type: 'plain_text_input', value: 'kept' } });
    assert.equal(await refused('views.update', update), 'hash_conflict');
    workspace.closeModal('U0ANA');
    assert.equal(await refused('views.update', { view_id: view.id, view: next }), 'not_found');
  });
});
