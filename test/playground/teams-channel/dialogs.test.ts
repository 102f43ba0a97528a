import assert from 'node:assert/strict';
import { CONVERSATIONS, PEOPLE, personalChat } from '../../../src/playground/teams-channel/index.ts';
import { attachment, type Caller, card, execute, line, startCaller } from './caller.ts';

const open = {
  type: 'Action.Submit',
  title: 'Open the form',
  data: { what: 'form', msteams: { type: 'task/fetch' } },
};
const plain = { type: 'Action.Submit', title: 'Send', data: { what: 'old client' } };
const machine = {
  type: 'Input.ChoiceSet',
  id: 'machine',
  label: 'Machine',
  style: 'filtered',
  choices: [],
  isRequired: true,
  errorMessage: 'Choose a machine',
  'choices.data': { type: 'Data.Query', dataset: 'machines' },
};
const file = {
  ...machine,
  id: 'file',
  label: 'File',
  isRequired: false,
  'choices.data': { type: 'Data.Query', dataset: 'files', associatedInputs: 'auto' },
};
const form = card([machine, file, { type: 'Input.Toggle', id: 'quick', label: 'Quick', title: 'Quick' }], {
  actions: [
    { type: 'Action.Submit', title: 'Ask', data: { step: 1 } },
    { type: 'Action.Submit', title: 'Add a step', data: { step: 2 }, associatedInputs: 'none' },
  ],
});
const task = (value: object, type = 'continue') => ({ status: 200, body: { task: { type, value } } });
const dialog = (content: unknown, more: object = {}) =>
  task({ title: 'New request', width: 'medium', height: 400, card: attachment(content), ...more });
const results = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ title: `ws-${index}`, value: `id-${index}` }));
const found = (list: unknown) => ({
  status: 200,
  body: { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value: { results: list } },
});

describe('Dialogs in the simulated Teams', () => {
  let caller: Caller;
  let message: string;
  beforeEach(async () => {
    caller = await startCaller();
    message = await caller.postCard(card([line('x')], { actions: [open, plain] }), personalChat(PEOPLE.ana));
  });
  afterEach(() => caller.close());

  const person = PEOPLE.ana;
  const submit = (title: string) => caller.channel.submit({ person, message, title });
  const dialogs = () => caller.channel.state().dialogs.map(({ title }) => title);
  const openForm = async (): Promise<void> => {
    caller.answer = dialog(form);
    assert.equal((await submit('Open the form')).dialog?.title, 'New request');
  };

  it('are fetched from the bot and shown to whoever asked', async () => {
    await openForm();
    const { activity } = caller.last();
    assert.deepEqual([activity.name, activity.replyToId], ['task/fetch', message]);
    assert.deepEqual(activity.value, { data: open.data, context: { theme: 'default' } });
    assert.equal(activity.conversation.id, personalChat(PEOPLE.ana));
    assert.deepEqual(dialogs(), ['New request']);
    caller.channel.closeDialog(person);
    assert.deepEqual(dialogs(), []);
  });

  it('are not opened by an Action.Submit without task/fetch, which is a message with a value', async () => {
    const { delivery, dialog: opened } = await submit('Send');
    assert.deepEqual([delivery.kind, opened], ['submit', null]);
    const { activity } = caller.last();
    assert.deepEqual([activity.type, activity.text, activity.value], ['message', undefined, plain.data]);
  });

  const bad: [string, Caller['answer'], RegExp][] = [
    ['without a title', dialog(form, { title: '' }), /no title/],
    ['without a card', dialog(form, { card: { contentType: 'text/html' } }), /no Adaptive Card/],
    ['of no size', dialog(form, { width: 'wide' }), /Width and height/],
    ['with an Action.Execute', dialog(card([line('x')], { actions: [execute('A', 'a')] })), /Action.Execute/],
    ['with a card that Teams can’t draw', dialog(card([{ type: 'Badge' }])), /Badge/],
    ['that is none', { status: 200, body: {} }, /no task/],
    ['with another status', { status: 500 }, /status is 500/],
  ];
  for (const [what, answer, problem] of bad) {
    it(`don't open on an answer ${what}`, async () => {
      caller.answer = answer;
      const { delivery, dialog: opened, notice } = await submit('Open the form');
      assert.deepEqual([opened, notice?.error], [null, true]);
      assert.match(delivery.problem ?? '', problem);
    });
  }

  it('are submitted with their inputs, and close on an answer without a task', async () => {
    await openForm();
    caller.answer = { status: 200 };
    const inputs = { machine: 'ws-042', quick: 'true' };
    const { dialog: opened } = await caller.channel.submitDialog({ person, inputs, actionTitle: 'Ask' });
    const { activity } = caller.last();
    assert.equal(activity.name, 'task/submit');
    assert.deepEqual(activity.value, { data: { step: 1, ...inputs }, context: { theme: 'default' } });
    assert.deepEqual([opened, dialogs()], [null, []]);
    await assert.rejects(caller.channel.submitDialog({ person }), /No dialog is open/);
  });

  it('stay open where the bot answers with another dialog, or not at all', async () => {
    await openForm();
    caller.answer = dialog(form, { title: 'Step 2' });
    const { dialog: next } = await caller.channel.submitDialog({ person, actionTitle: 'Add a step' });
    assert.deepEqual(caller.last().activity.value.data, { step: 2 });
    assert.deepEqual([next?.title, dialogs()], ['Step 2', ['Step 2']]);
    caller.answer = { status: 200, instead: 'reset' };
    const { notice } = await caller.channel.submitDialog({ person, index: 1 });
    assert.deepEqual([notice?.error, dialogs()], [true, ['Step 2']]);
  });

  it('end with a message of the bot', async () => {
    await openForm();
    caller.answer = { status: 200, body: { task: { type: 'message', value: 'Got it, LR-8K3F2Q.' } } };
    const { notice } = await caller.channel.submitDialog({ person, inputs: { machine: 'x' }, actionTitle: 'Ask' });
    assert.deepEqual([notice, dialogs()], [{ text: 'Got it, LR-8K3F2Q.', error: false }, []]);
  });

  it('are not submitted where an input is missing or wrong', async () => {
    await openForm();
    const ask = (inputs: Record<string, string>) => caller.channel.submitDialog({ person, inputs, actionTitle: 'Ask' });
    await assert.rejects(ask({}), /Choose a machine/);
    await assert.rejects(ask({ machine: 'x', quick: 'maybe' }), /neither on nor off/);
    assert.equal(caller.inbound.length, 1);
  });

  it('search for choices while somebody types', async () => {
    await openForm();
    caller.answer = found(results(3));
    const { results: shown, delivery } = await caller.channel.search({ person, dataset: 'machines', query: 'ws' });
    assert.deepEqual([shown.length, shown[0], delivery.kind], [3, { title: 'ws-0', value: 'id-0' }, 'search']);
    const { activity } = caller.last();
    assert.equal(activity.name, 'application/search');
    assert.deepEqual(activity.value, { queryText: 'ws', queryOptions: { skip: 0, top: 15 }, dataset: 'machines' });
    await caller.channel.search({ person, dataset: 'files', query: '', skip: 15, inputs: { machine: 'ws-042' } });
    assert.deepEqual(caller.last().activity.value, {
      queryText: '',
      queryOptions: { skip: 15, top: 15 },
      dataset: 'files',
      data: { machine: 'ws-042' },
    });
    await assert.rejects(caller.channel.search({ person, dataset: 'scripts', query: '' }), /No input searches/);
    await assert.rejects(caller.channel.search({ person: PEOPLE.lea, dataset: 'machines', query: '' }), /in view/);
  });

  it('show fifteen choices at most, and none that lack title or value', async () => {
    await openForm();
    const search = async (list: unknown) => {
      caller.answer = found(list);
      return caller.channel.search({ person, dataset: 'machines', query: 'ws' });
    };
    const many = await search(results(16));
    assert.equal(many.results.length, 15);
    assert.match(many.delivery.problem ?? '', /More than 15/);
    const broken = await search([...results(1), { title: 'no value' }]);
    assert.equal(broken.results.length, 1);
    assert.match(broken.delivery.problem ?? '', /lacks its title/);
    caller.answer = { status: 200, body: { results: [] } };
    const other = await caller.channel.search({ person, dataset: 'machines', query: 'ws' });
    assert.match(other.delivery.problem ?? '', /no application\/vnd\.microsoft\.search/);
  });

  it('search also from a card in a channel', async () => {
    const inCard = await caller.postCard(card([machine]), CONVERSATIONS.soc);
    caller.answer = found(results(1));
    const { results: shown } = await caller.channel.search({ person, dataset: 'machines', query: '', message: inCard });
    assert.equal(shown.length, 1);
    assert.equal(caller.last().activity.replyToId, inCard);
  });
});
