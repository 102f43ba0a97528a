import assert from 'node:assert/strict';
import { CONVERSATIONS, mriOf, PEOPLE } from '../../../src/playground/teams-channel/index.ts';
import { type Caller, card, execute, line, startCaller } from './caller.ts';

const { soc } = CONVERSATIONS;
const CARD = 'application/vnd.microsoft.card.adaptive';
const MESSAGE = 'application/vnd.microsoft.activity.message';

const why = { type: 'Input.Text', id: 'why', label: 'Why', isRequired: true, errorMessage: 'Say why', maxLength: 20 };
const denial = {
  type: 'Action.ShowCard',
  title: 'Deny',
  card: {
    type: 'AdaptiveCard',
    body: [why],
    actions: [execute('Deny now', 'deny', { data: { id: 'LR-1', why: 'x' } })],
  },
};
const waiting = card([line('waiting')], {
  actions: [execute('Approve', 'approve', { id: 'a', data: { id: 'LR-1' } }), denial],
});
const gone = (verb: string) => ({ status: 200, body: { statusCode: 200, type: CARD, value: card([line(verb)]) } });
const notice = (value: string) => ({ status: 200, body: { statusCode: 200, type: MESSAGE, value } });

describe('Clicks in the simulated Teams', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.close());

  const click = (message: string, more: object) => caller.channel.click({ person: PEOPLE.lea, message, ...more });
  const edit = async (message: string, content: unknown): Promise<void> => {
    const attachments = [{ contentType: CARD, content }];
    const path = `/${encodeURIComponent(soc)}/activities/${message}`;
    assert.equal((await caller.connector('PUT', path, { type: 'message', attachments })).status, 200);
  };

  it('are sent as an invoke that names the card, the verb and the data', async () => {
    caller.answer = notice('Approved.');
    const message = await caller.postCard(waiting);
    const { shown, delivery } = await click(message, { title: 'Approve' });
    assert.deepEqual(shown, { kind: 'notice', text: 'Approved.', error: false });
    assert.deepEqual([delivery.kind, delivery.what, delivery.problem], ['action', 'Approve', undefined]);
    const { activity } = caller.last();
    assert.deepEqual([activity.type, activity.name, activity.replyToId], ['invoke', 'adaptiveCard/action', message]);
    assert.deepEqual(activity.value, {
      action: { type: 'Action.Execute', id: 'a', verb: 'approve', data: { id: 'LR-1' } },
      trigger: 'manual',
    });
    assert.equal(activity.from.aadObjectId, PEOPLE.lea);
    assert.equal(activity.conversation.id, `${soc};messageid=${message}`);
    assert.equal(activity.channelData.source.name, 'message');
    const [said] = caller.channel.state().notices;
    assert.deepEqual([said?.person, said?.message, said?.text, said?.error], [PEOPLE.lea, message, 'Approved.', false]);
  });

  it('bring the inputs of the card they stand on, which win over the data', async () => {
    const message = await caller.postCard(waiting);
    await click(message, { verb: 'deny', inputs: { why: 'not now' } });
    assert.deepEqual(caller.last().activity.value.action.data, { id: 'LR-1', why: 'not now' });
  });

  it('send nothing that the client would refuse', async () => {
    const message = await caller.postCard(waiting);
    await assert.rejects(click(message, { verb: 'deny' }), /Say why/);
    await assert.rejects(click(message, { verb: 'deny', inputs: { why: 'x'.repeat(21) } }), /too long/);
    await assert.rejects(click(message, { verb: 'deny', inputs: { who: 'me' } }), /no input “who”/);
    await assert.rejects(click(message, { title: 'Withdraw' }), /no Action.Execute/);
    await assert.rejects(click('1', { title: 'Approve' }), /no message/);
    await assert.rejects(
      caller.channel.click({ person: PEOPLE.eve, message, title: 'Approve' }),
      /Eve External isn't in soc/,
    );
    assert.equal(caller.inbound.length, 0);
  });

  it('can carry what a client made up', async () => {
    const message = await caller.postCard(waiting);
    await click(message, { title: 'Approve', data: { id: 'LR-OTHER' } });
    assert.deepEqual(caller.last().activity.value.action.data, { id: 'LR-OTHER' });
  });

  it('leave out the inputs where the button says so', async () => {
    const back = execute('Back', 'back', { associatedInputs: 'none', data: { id: 'LR-1' } });
    const message = await caller.postCard(card([why], { actions: [back] }));
    await click(message, { title: 'Back' });
    assert.deepEqual(caller.last().activity.value.action.data, { id: 'LR-1' });
  });

  it('count buttons as they stand in the card', async () => {
    const old = { type: 'Action.Submit', title: 'A', data: {} };
    const message = await caller.postCard(
      card([line('x')], { actions: [execute('A', 'a', { fallback: old }), execute('A', 'b')] }),
    );
    await click(message, { index: 2 });
    assert.equal(caller.last().activity.value.action.verb, 'b');
    await assert.rejects(click(message, { index: 1 }));
  });

  it('change the card for the person alone, until it is edited for everybody', async () => {
    caller.answer = gone('yours');
    const message = await caller.postCard(waiting);
    const { shown } = await click(message, { title: 'Approve' });
    assert.equal(shown.kind, 'card');
    const views = () => caller.channel.state().personalViews.map(({ person }) => person);
    assert.deepEqual(views(), [PEOPLE.lea]);
    await assert.rejects(click(message, { title: 'Approve' }), /no Action.Execute/);
    await caller.channel.click({ person: PEOPLE.leo, message, title: 'Approve' });
    assert.deepEqual(views(), [PEOPLE.lea, PEOPLE.leo]);
    await edit(message, card([line('approved')]));
    assert.deepEqual(views(), []);
  });

  it('may come from a view that is a moment old', async () => {
    const message = await caller.postCard(waiting);
    await edit(message, card([line('approved')]));
    await assert.rejects(click(message, { title: 'Approve' }));
    await click(message, { title: 'Approve', earlier: true });
    assert.equal(caller.last().activity.value.action.verb, 'approve');
    await assert.rejects(click(message, { title: 'Never there', earlier: true }));
  });

  const bad: [string, Caller['answer'], RegExp | null][] = [
    ['a status that isn’t 200', { status: 400, body: { statusCode: 400 } }, /status is 400/],
    ['no answer', { status: 200, instead: 'reset' }, null],
    ['an empty body', { status: 200 }, /no JSON object/],
    ['another type', { status: 200, body: { statusCode: 200, type: 'text', value: 'x' } }, /no answer of type “text”/],
    ['a message that is no text', { status: 200, body: { statusCode: 200, type: MESSAGE, value: {} } }, /no text/],
    [
      'a card that Teams can’t draw',
      { status: 200, body: { statusCode: 200, type: CARD, value: card([]) } },
      /no body/,
    ],
  ];
  for (const [what, answer, problem] of bad) {
    it(`end in Teams’ own words for ${what}`, async () => {
      caller.answer = answer;
      const message = await caller.postCard(waiting);
      const { shown, delivery } = await click(message, { title: 'Approve' });
      assert.deepEqual(shown, { kind: 'notice', text: 'Something went wrong. Please try again.', error: true });
      if (problem) assert.match(delivery.problem ?? '', problem);
      else assert.equal(delivery.failure, 'connection');
      assert.deepEqual(caller.channel.state().personalViews, []);
    });
  }

  it('end in Teams’ own words for an answer that comes too late', async () => {
    const hurried = await startCaller({ invokeTimeout: 50 });
    try {
      hurried.answer = { status: 200, instead: 'hang' };
      const message = await hurried.postCard(waiting);
      const { shown, delivery } = await hurried.channel.click({ person: PEOPLE.lea, message, title: 'Approve' });
      assert.deepEqual([delivery.failure, shown.kind, delivery.status], ['timeout', 'notice', null]);
    } finally {
      await hurried.close();
    }
  });

  it('show the bot’s own words for an error', async () => {
    const value = { code: 'BadRequest', message: 'That request is over.' };
    caller.answer = { status: 200, body: { statusCode: 400, type: 'application/vnd.microsoft.error', value } };
    const { shown } = await click(await caller.postCard(waiting), { title: 'Approve' });
    assert.deepEqual(shown, { kind: 'notice', text: 'That request is over.', error: true });
  });
});

describe('Looking at a card in the simulated Teams', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.close());

  const refreshing = (userIds?: string[]) =>
    card([line('plain')], {
      refresh: { action: execute('', 'refresh', { data: { id: 'LR-1' } }), ...(userIds ? { userIds } : {}) },
    });
  const look = (person: string, message: string) => caller.channel.look({ person, message });

  it('asks for the own view of those whom the card lists, once', async () => {
    caller.answer = { status: 200, body: { statusCode: 200, type: CARD, value: waiting } };
    const message = await caller.postCard(refreshing([mriOf(PEOPLE.lea)]));
    assert.equal(await look(PEOPLE.max, message), null);
    assert.equal((await look(PEOPLE.lea, message))?.shown.kind, 'card');
    assert.equal(await look(PEOPLE.lea, message), null);
    assert.deepEqual(
      caller.inbound.map(({ activity }) => activity.value),
      [{ action: { type: 'Action.Execute', verb: 'refresh', data: { id: 'LR-1' } }, trigger: 'automatic' }],
    );
    await caller.channel.click({ person: PEOPLE.lea, message, title: 'Approve' });
    await assert.rejects(caller.channel.click({ person: PEOPLE.max, message, title: 'Approve' }));
  });

  it('asks for everybody where the card lists nobody at all, and for nobody where the list is empty', async () => {
    caller.answer = gone('yours');
    assert.ok(await look(PEOPLE.max, await caller.postCard(refreshing())));
    assert.equal(await look(PEOPLE.max, await caller.postCard(refreshing([]))), null);
    assert.equal(await look(PEOPLE.max, await caller.postCard(card([line('x')]))), null);
  });

  it('leaves the card as it is where the bot has no other, without a word', async () => {
    caller.answer = { status: 200, instead: 'reset' };
    const message = await caller.postCard(refreshing());
    assert.equal((await look(PEOPLE.max, message))?.delivery.failure, 'connection');
    caller.answer = notice('not for you');
    assert.deepEqual((await look(PEOPLE.max, message))?.shown, { kind: 'nothing' });
    const { notices, personalViews } = caller.channel.state();
    assert.deepEqual([notices, personalViews], [[], []]);
  });
});
