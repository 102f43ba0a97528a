import assert from 'node:assert/strict';
import { answer, type Card, text } from '../../../src/model/notice.ts';
import { CONVERSATIONS, PEOPLE, personalChat, type TeamsMessage } from '../../../src/playground/teams-channel/index.ts';
import { until } from '../slack/fake-slack.ts';
import { type Edge, startEdge } from './edge.ts';

const { soc, groupChat } = CONVERSATIONS;
const APPROVE = { action: 'approve', id: 'LR-8K3F2Q:1', label: 'Approve', tone: 'primary' } as const;
const DENY = { action: 'deny', id: 'LR-8K3F2Q:1', label: 'Deny', tone: 'danger' } as const;
const card: Card = {
  requestId: 'LR-8K3F2Q',
  title: 'Live response LR-8K3F2Q',
  state: { symbol: '⏳', words: [text('Waiting for approval')] },
  headline: [text('Ana Analyst wants to run on ws-042')],
  commands: [{ symbol: '1', label: 'Run script', code: 'minidump.ps1', note: [], output: [], moreLines: 0 }],
  facts: [],
  warnings: [],
  footer: [],
  buttons: [APPROVE, DENY],
  audience: null,
};

describe('listening to Teams', () => {
  let edge: Edge;

  beforeEach(async () => {
    edge = await startEdge({ answerWithin: 300 });
  });
  afterEach(() => edge.stop());

  const say = (words: string, where: string = soc, more: object = {}) =>
    edge.channel.say({ person: PEOPLE.ana, conversation: where, text: words, ...more });
  const lines = () => edge.recorded.lines;

  describe('to words', () => {
    it('hears who typed what, where, and in which thread', async () => {
      const { message } = await say('@Live Response status');
      const [line] = lines();
      assert.deepEqual(
        { ...line, replyTo: '' },
        {
          delivery: `teams:${soc}:${message.id}`,
          person: { platform: 'teams', id: PEOPLE.ana, tenant: edge.channel.tenantId, name: 'Ana Analyst' },
          channel: soc,
          place: `${soc};messageid=${message.id}`,
          thread: `${soc};messageid=${message.id}`,
          text: 'status',
          replyTo: '',
        },
      );
      await say('@Live Response cancel', soc, { root: message.id });
      assert.equal(lines()[1]?.thread, line?.thread, 'a reply is in the thread of what it answers');
    });

    it('hears a private chat without a call, and knows no channel there', async () => {
      await say('run ws-042 minidump.ps1', personalChat(PEOPLE.ana));
      assert.deepEqual([lines()[0]?.channel, lines()[0]?.place, lines()[0]?.thread], [null, null, null]);
      assert.equal(lines()[0]?.text, 'run ws-042 minidump.ps1');
    });

    it('hears a group chat by its id', async () => {
      await say('@Live Response help', groupChat);
      assert.equal(lines()[0]?.channel, groupChat);
    });

    it('hears nothing that isn’t said to it, nor itself, nor other bots', async () => {
      const silent = { entities: [], text: 'run ws-042 minidump.ps1' };
      await say('@Live Response x', soc, { oddity: { activity: silent } });
      await say('@Live Response x', soc, {
        oddity: { activity: { from: { id: '29:other', name: 'Bot', role: 'bot' } } },
      });
      await say('@Live Response x', soc, { oddity: { activity: { type: 'messageReaction' } } });
      await say('@Live Response x', soc, { oddity: { activity: { from: undefined } } });
      assert.deepEqual(lines(), []);
      assert.ok(edge.channel.state().deliveries.every(({ status }) => status === 200));
    });

    it('takes somebody without an Entra id for nobody', async () => {
      await say('@Live Response x', soc, { oddity: { activity: { from: { id: '29:anonymous', name: 'Guest' } } } });
      const id = lines()[0]?.person.id ?? '';
      assert.equal(id, 'anonymous:29:anonymous');
      assert.equal((await edge.teams.chat.lookUp({ id, tenant: '' }, { fresh: true })).standing, 'anonymous');
    });

    it('has the answer delivered, named by the delivery, so that it is told once', async () => {
      edge.recorded.answers.typed = answer('Got it, LR-8K3F2Q.');
      const { delivery } = await say('@Live Response run ws-042 minidump.ps1');
      await edge.channel.replay(delivery?.id ?? '');
      assert.equal(lines()[0]?.delivery, lines()[1]?.delivery);
      assert.deepEqual(
        edge.recorded.told.map((told) => told.delivery),
        [lines()[0]?.delivery, lines()[0]?.delivery],
      );
    });

    it('gets a 500 when nothing was stored', async () => {
      edge.recorded.lines.push = () => {
        throw new Error('the database is away');
      };
      const { delivery } = await say('@Live Response help');
      assert.equal(delivery?.status, 500);
      assert.equal(delivery?.body, '');
    });
  });

  describe('to clicks', () => {
    let message: TeamsMessage;

    beforeEach(async () => {
      await say('@Live Response run ws-042 minidump.ps1');
      await edge.teams.chat.post(lines()[0]?.place ?? '', card);
      message = await edge.channel.waitFor((s) => s.messages.find((one) => one.card !== null));
    });
    const click = (title = 'Approve', more: object = {}) =>
      edge.channel.click({ person: PEOPLE.lea, message: message.id, title, ...more });

    it('hears who clicked what, with nothing but an id, until when the call is open', async () => {
      const { shown, delivery } = await click();
      const [heard] = edge.recorded.clicks;
      assert.deepEqual(
        [heard?.action, heard?.id, heard?.person.id, heard?.channel, heard?.words],
        ['approve', 'LR-8K3F2Q:1', PEOPLE.lea, soc, null],
      );
      assert.ok((heard?.openUntil ?? 0) > Date.now() - 300);
      assert.equal(delivery.status, 200);
      assert.deepEqual(shown, { kind: 'notice', text: 'Done. The card shows it in a moment.', error: false });
    });

    it('tells the clicker alone what the inbox has to tell, with HTTP 200', async () => {
      edge.recorded.answers.clicked = async () => answer('You may not approve LR-8K3F2Q.');
      const { shown, delivery } = await click();
      assert.equal(delivery.status, 200);
      assert.deepEqual(shown, { kind: 'notice', text: 'You may not approve LR-8K3F2Q.', error: false });
      assert.deepEqual(edge.recorded.told, []);
    });

    it('takes the reason that was typed along', async () => {
      await click('Deny', { inputs: { why: ' Not tonight ' } });
      assert.equal(edge.recorded.clicks[0]?.words, 'Not tonight');
      await click('Approve', { inputs: { why: 'left over' } });
      assert.equal(edge.recorded.clicks[1]?.words, null);
    });

    it('takes a denial without a reason all the same: stopping something never fails for want of words', async () => {
      for (const data of [{}, { why: '  ' }, { why: 7 }]) {
        const action = { type: 'Action.Execute', verb: 'deny', data: { id: 'LR-8K3F2Q:1', ...data } };
        await click('Approve', { oddity: { activity: { value: { action, trigger: 'manual' } } } });
      }
      assert.deepEqual(
        edge.recorded.clicks.map(({ action, words }) => [action, words]),
        [
          ['deny', null],
          ['deny', null],
          ['deny', null],
        ],
      );
    });

    it('takes the reason along from a client that knows no Action.Execute, too', async () => {
      const submit = (more: object) =>
        say('', personalChat(PEOPLE.ana), {
          oddity: { activity: { value: { verb: 'deny', id: 'LR-8K3F2Q:1', ...more } } },
        });
      await submit({ why: 'Not tonight' });
      assert.deepEqual(
        edge.recorded.clicks.map(({ words }) => words),
        ['Not tonight'],
      );
    });

    it('answers in time when the inbox hangs, and says so when it fails', async () => {
      edge.recorded.answers.clicked = () => new Promise(() => {});
      const slow = await click();
      assert.equal(slow.shown.kind, 'notice');
      assert.ok(slow.delivery.ms < 3_000);
      edge.recorded.answers.clicked = async () => {
        throw new Error('the database is away');
      };
      const { shown } = await click();
      assert.match(shown.kind === 'notice' ? shown.text : '', /Nothing was stored/);
    });

    it('does nothing with what is no button of this version', async () => {
      const odd = (value: unknown) => click('Approve', { oddity: { activity: { value } } });
      await odd({
        action: { type: 'Action.Execute', verb: 'format_disk', data: { id: 'LR-8K3F2Q:1' } },
        trigger: 'manual',
      });
      await odd({ action: { type: 'Action.Execute', verb: 'approve', data: {} }, trigger: 'manual' });
      await odd({ action: { type: 'Action.Execute', verb: '__proto__', data: { id: 'x' } } });
      await odd({ nothing: true });
      await odd(undefined);
      assert.deepEqual(edge.recorded.clicks, []);
    });

    it('hears the button of a client that knows no Action.Execute, and answers in the chat', async () => {
      edge.recorded.answers.clicked = async () => answer('You approved this already.');
      await say('', personalChat(PEOPLE.ana), {
        oddity: { activity: { value: { verb: 'approve', id: 'LR-8K3F2Q:1' } } },
      });
      assert.deepEqual(
        edge.recorded.clicks.map(({ action, id, openUntil }) => [action, id, openUntil]),
        [['approve', 'LR-8K3F2Q:1', null]],
      );
      assert.equal(edge.recorded.told.length, 1);
    });

    it('shows those concerned a card of their own, and everybody the same when it can’t', async () => {
      edge.recorded.answers.typed = null;
      const audience = { approvers: [PEOPLE.lea], requester: PEOPLE.ana };
      await edge.teams.chat.lookUp({ id: PEOPLE.lea, tenant: '' }, { fresh: true });
      const { message: id } = await edge.teams.chat.post(lines()[0]?.place ?? '', { ...card, audience });
      const shown = id.split('|')[1] ?? '';
      edge.recorded.answers.card = async () => ({ ...card, audience, buttons: [APPROVE] });
      const own = await edge.channel.look({ person: PEOPLE.lea, message: shown });
      assert.equal(own?.shown.kind, 'card');
      assert.match(JSON.stringify(edge.channel.state().personalViews), /"verb":"approve"/);
      for (const fails of [
        async () => null,
        () => Promise.reject(new Error('away')),
        () => new Promise<null>(() => {}),
      ]) {
        edge.recorded.answers.card = fails;
        await edge.teams.chat.edit(id, { ...card, audience });
        const none = await edge.channel.look({ person: PEOPLE.lea, message: shown });
        assert.equal(none?.delivery.status, 200);
        assert.ok((none?.delivery.ms ?? 0) < 3_000);
      }
      assert.equal(await edge.channel.look({ person: PEOPLE.max, message: shown }), null);
    });
  });

  describe('to forms', () => {
    const MACHINE = 'f'.repeat(40);

    async function open(): Promise<void> {
      await say('@Live Response');
      await edge.teams.chat.answer(lines()[0]?.replyTo ?? '', { ...answer('x'), form: true });
      const { id } = await edge.channel.waitFor((s) => s.messages.find((one) => one.card !== null));
      const { dialog } = await edge.channel.submit({ person: PEOPLE.ana, message: id, title: 'Open the form' });
      assert.ok(dialog);
      lines().length = 0;
    }
    const fill = (inputs: Record<string, string>) =>
      edge.channel.submitDialog({ person: PEOPLE.ana, inputs, actionTitle: 'Ask for approval' });

    it('takes what was filled in for a typed line, in the thread where the form stands', async () => {
      await open();
      edge.recorded.answers.typed = answer('Got it, LR-8K3F2Q.');
      const { notice, dialog } = await fill({
        machine: MACHINE,
        kind1: 'run',
        script1: 'minidump.ps1',
        words1: 'Office "Click To Run"',
        kind2: 'get',
        words2: 'C:\\Temp\\a b.zip',
        reason: 'INC-1234 it’s odd',
      });
      assert.equal(dialog, null);
      assert.match(notice?.text ?? '', /Got it, LR-8K3F2Q/);
      assert.equal(
        lines()[0]?.text,
        `run ${MACHINE} minidump.ps1 Office "Click To Run" then get "C:\\Temp\\a b.zip" --reason "INC-1234 it’s odd"`,
      );
      assert.match(lines()[0]?.thread ?? '', /;messageid=/);
      assert.deepEqual(edge.recorded.told, []);
    });

    it('shows what was wrong and keeps what was entered', async () => {
      await open();
      const { dialog } = await fill({ machine: MACHINE, kind1: 'run', script1: '', words1: 'x', reason: 'INC-1' });
      assert.match(JSON.stringify(dialog?.card), /Choose the script to run/);
      assert.match(JSON.stringify(dialog?.card), /INC-1/);
      assert.deepEqual(lines(), []);
    });

    it('stays open with the reason when it is refused', async () => {
      await open();
      edge.recorded.answers.typed = { ...answer('Wait 12 s.'), refused: true };
      const { dialog, notice } = await fill({ machine: MACHINE, kind1: 'run', script1: 'minidump.ps1' });
      assert.match(JSON.stringify(dialog?.card), /Wait 12 s\./);
      assert.match(JSON.stringify(dialog?.card), /minidump\.ps1/);
      assert.equal(notice, null);
    });

    it('asks in the chat what has buttons', async () => {
      await open();
      edge.recorded.answers.typed = {
        ...answer('Ask again?'),
        buttons: [{ action: 'ask_again', id: 'LR-8K3F2Q:x', label: 'Yes', tone: 'primary' }],
      };
      const { notice } = await fill({ machine: MACHINE, kind1: 'run', script1: 'minidump.ps1' });
      assert.match(notice?.text ?? '', /question for you in our private chat/);
      assert.equal(edge.recorded.told.length, 1);
    });

    it('helps with choices, fifteen at most, in time or not at all', async () => {
      await open();
      edge.recorded.answers.suggest = async () =>
        Array.from({ length: 40 }, (_, i) => ({ name: `ws-${i}`, facts: 'Active', value: `${i}` }));
      const search = (query: string) => edge.channel.search({ person: PEOPLE.ana, dataset: 'machines', query });
      const first = await search('');
      assert.equal(first.delivery.status, 200);
      assert.equal(JSON.parse(first.delivery.body).value.results.length, 15);
      for (const trouble of [() => Promise.reject(new Error('away')), () => new Promise<never>(() => {})]) {
        edge.recorded.answers.suggest = trouble;
        const none = await search('ws');
        assert.deepEqual(JSON.parse(none.delivery.body).value.results, []);
        assert.ok(none.delivery.ms < 1_500);
      }
    });
  });

  it('has it audited when it is taken out of a channel, and not when it is renewed', async () => {
    await edge.channel.update('removed', soc, { activity: { action: 'remove-upgrade', membersRemoved: [] } });
    assert.deepEqual(edge.recorded.removed, []);
    await edge.channel.update('removed', soc);
    assert.ok(edge.recorded.removed.length >= 1);
    assert.ok(edge.recorded.removed.every((where) => where === soc));
  });

  it('is degraded until Entra gives it a token', async () => {
    await until(() => edge.teams.health() === 'ok');
    edge.channel.fault({ kind: 'status', on: 'token', status: 503, times: 50 });
    await edge.restart();
    assert.equal(edge.teams.health(), 'degraded');
    edge.channel.clearFaults();
    await until(() => edge.teams.health() === 'ok');
  });
});
