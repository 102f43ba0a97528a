import assert from 'node:assert/strict';
import { answer, type Card, type PrivateAnswer, strong, text } from '../../../src/model/notice.ts';
import { CONVERSATIONS, PEOPLE, personalChat } from '../../../src/playground/teams-channel/index.ts';
import { until } from '../slack/fake-slack.ts';
import { type Edge, startEdge } from './edge.ts';

const card: Card = {
  requestId: 'LR-8K3F2Q',
  title: 'Live response LR-8K3F2Q',
  state: { symbol: '⏳', words: [text('Waiting for approval')] },
  headline: [text('Ana Analyst wants to run on '), strong('ws-042.contoso.com')],
  commands: [
    { symbol: '1', label: 'Run script', code: 'minidump.ps1 OfficeClickToRun', note: [], output: [], moreLines: 0 },
  ],
  facts: [],
  warnings: [],
  footer: [],
  buttons: [{ action: 'approve', id: 'LR-8K3F2Q:1', label: 'Approve', tone: 'primary' }],
  audience: null,
};
const reply = { text: [text('Lea Lead approved.')], output: [], moreLines: 0, buttons: [] };

describe('posting to Teams', () => {
  let edge: Edge;
  let thread: string;
  let to: string;
  const { soc } = CONVERSATIONS;

  beforeEach(async () => {
    edge = await startEdge();
    ({ thread, to } = await hear(PEOPLE.ana));
  });
  afterEach(() => edge.stop());

  /** Somebody types in the channel: the thread that begins with it, and the way to answer them. */
  async function hear(person: string, conversation: string = soc): Promise<{ thread: string; to: string }> {
    await edge.channel.say({ person, conversation, text: '@Live Response help' });
    const line = edge.recorded.lines.at(-1);
    return { thread: line?.place ?? '', to: line?.replyTo ?? '' };
  }

  const ours = (conversation: string = soc) =>
    edge.channel.state().messages.filter((one) => one.from === 'bot' && one.conversation === conversation);
  const fails = (work: Promise<unknown>, code: string) =>
    assert.rejects(work, (error: { code?: string; message: string }) => {
      assert.equal(error.code, code);
      assert.doesNotMatch(error.message, /http|Bearer|19:/);
      return true;
    });

  describe('a card', () => {
    it('answers in the thread of its command, and is edited there', async () => {
      const posted = await edge.teams.chat.post(thread, card);
      assert.equal(posted.thread, thread);
      assert.match(thread, /;messageid=\d+$/);
      await edge.teams.chat.edit(posted.message, {
        ...card,
        buttons: [],
        state: { symbol: '✔', words: [text('Approved')] },
      });
      const [message, ...more] = ours();
      assert.deepEqual(more, []);
      assert.equal(message?.edits, 1);
      assert.match(message?.summary ?? '', /^✔ Approved/);
      assert.equal(message?.root, thread.split('=')[1]);
    });

    it('begins a thread of its own in a channel, and replies go there', async () => {
      const posted = await edge.teams.chat.post(edge.teams.chat.placeIn(soc), card);
      await edge.teams.chat.reply(posted.thread, reply);
      const [root, answer_] = ours();
      assert.equal(root?.root, null);
      assert.equal(answer_?.root, root?.id);
      assert.equal(posted.thread, `${soc};messageid=${root?.id}`);
      await edge.teams.chat.edit(posted.message, { ...card, buttons: [] });
      assert.equal(ours()[0]?.edits, 1);
    });

    it('begins a thread of its own where the command’s is gone', async () => {
      edge.channel.fault({ kind: 'status', on: 'post', status: 404, times: 1 });
      const posted = await edge.teams.chat.post(thread, card);
      assert.notEqual(posted.thread, thread);
      assert.equal(ours()[0]?.root, null);
    });

    it('that may have arrived is unclear; certainly none is said to be', async () => {
      for (const status of [500, 502, 503, 504]) {
        edge.channel.fault({ kind: 'status', on: 'post', status, times: 1 });
        await fails(edge.teams.chat.post(thread, card), 'chat_unclear');
      }
      edge.channel.fault({ kind: 'reset', on: 'post', after: true });
      await fails(edge.teams.chat.post(thread, card), 'chat_unclear');
      assert.equal(ours().length, 1, 'the one that was cut off after it arrived: nothing is tried twice');
      edge.channel.fault({ kind: 'garbage', on: 'post' });
      await fails(edge.teams.chat.post(thread, card), 'chat_unclear');
    });

    it('that can’t be signed in for was certainly not posted', async () => {
      await edge.restart();
      edge.channel.fault({ kind: 'status', on: 'token', status: 503, times: 5 });
      await fails(edge.teams.chat.post(thread, card), 'chat_unreachable');
    });

    it('is refused in the words of who must mend it', async () => {
      edge.channel.fault({ kind: 'status', on: 'post', status: 403, code: 'MessageWritesBlocked' });
      await fails(edge.teams.chat.post(thread, card), 'chat_blocked');
      edge.channel.fault({ kind: 'status', on: 'post', status: 413, code: 'MessageSizeTooBig' });
      await fails(edge.teams.chat.post(thread, card), 'chat_refused');
      edge.channel.fault({ kind: 'status', on: 'edit', status: 404 });
      await fails(edge.teams.chat.edit((await edge.teams.chat.post(thread, card)).message, card), 'chat_gone');
    });
  });

  it('waits longer after each refusal without a word how long, and begins anew when it went well', async () => {
    const waits: number[] = [];
    for (const status of [429, 412, 429, 429]) {
      edge.channel.fault({ kind: 'status', on: 'post', status, times: 1 });
      await assert.rejects(edge.teams.chat.reply(thread, reply), (error: { code: string; retryAfter: number }) => {
        assert.equal(error.code, 'chat_throttled');
        waits.push(error.retryAfter);
        return true;
      });
    }
    for (const [index, wait] of waits.entries()) {
      assert.ok(wait >= 500 * 2 ** index && wait <= 1_000 * 2 ** index, `${wait} after ${index + 1} refusals`);
    }
    await edge.teams.chat.reply(thread, reply);
    edge.channel.fault({ kind: 'status', on: 'post', status: 429, headers: { 'retry-after': '7' } });
    await assert.rejects(edge.teams.chat.reply(thread, reply), { code: 'chat_throttled', retryAfter: 7_000 });
    edge.channel.fault({ kind: 'status', on: 'post', status: 429 });
    await assert.rejects(
      edge.teams.chat.reply(thread, reply),
      ({ retryAfter }: { retryAfter: number }) => retryAfter <= 1_000,
    );
  });

  it('repeats nothing by itself but a call whose token wasn’t accepted', async () => {
    edge.channel.fault({ kind: 'status', on: 'post', status: 401, times: 1 });
    await edge.teams.chat.reply(thread, reply);
    assert.equal(ours().length, 1);
    const edits = () => edge.channel.state().calls.filter(({ method }) => method === 'PUT').length;
    const { message } = await edge.teams.chat.post(thread, card);
    edge.channel.fault({ kind: 'status', on: 'edit', status: 504 });
    await fails(edge.teams.chat.edit(message, card), 'chat_unreachable');
    assert.equal(edits(), 1);
  });

  it('follows the service to another address with the next activity, and remembers it', async () => {
    edge.channel.setServiceUrl('emea', 'gone');
    await fails(edge.teams.chat.reply(thread, reply), 'chat_gone');
    await hear(PEOPLE.lea);
    await edge.teams.chat.reply(thread, reply);
    await edge.restart();
    await edge.teams.chat.reply(thread, reply);
    assert.equal(ours().length, 2);
  });

  it('goes to no remembered address that isn’t Teams’', async () => {
    await until(() => edge.teams.chat.channelName(soc) === '#soc');
    for (const key of edge.memory.keys())
      edge.memory.set(key, { serviceUrl: 'https://elsewhere.example.net/', name: null, membership: null });
    await edge.restart();
    await fails(edge.teams.chat.reply(thread, reply), 'chat_unreachable');
    assert.equal(ours().length, 0);
  });

  it('knows no strings of others', async () => {
    await assert.rejects(edge.teams.chat.reply('two words', reply), TypeError);
    await assert.rejects(edge.teams.chat.edit('C0SOC:1700000000.1', card), TypeError);
    await assert.rejects(edge.teams.chat.answer('{"u":null}', answer('x')), TypeError);
  });

  describe('a private answer', () => {
    const secret = answer('for nobody else');

    it('is in the chat with its person, the same one each time', async () => {
      await edge.teams.chat.answer(to, secret);
      await edge.teams.chat.answer(to, secret);
      assert.equal(ours(personalChat(PEOPLE.ana)).length, 2);
      assert.deepEqual(ours(), []);
      assert.equal(edge.channel.state().calls.filter(({ path }) => path.endsWith('/v3/conversations')).length, 1);
    });

    it('is a neutral word where they asked, when they have no chat with the bot', async () => {
      const nina = await hear(PEOPLE.nina);
      await edge.teams.chat.answer(nina.to, secret);
      const [message] = ours();
      assert.equal(message?.root, nina.thread.split('=')[1]);
      assert.match(message?.text ?? '', /Nina NoApp.*Add me to your apps/);
      assert.doesNotMatch(JSON.stringify(edge.channel.state().messages), /for nobody else/);
    });

    it('of somebody who typed it in their chat stays there', async () => {
      const mine = await hear(PEOPLE.ana, personalChat(PEOPLE.ana));
      assert.equal(edge.recorded.lines.at(-1)?.channel, null);
      await edge.teams.chat.answer(mine.to, secret);
      assert.equal(ours(personalChat(PEOPLE.ana)).length, 1);
    });

    it('that is the form stands where it was asked for', async () => {
      const form: PrivateAnswer = { ...secret, form: true };
      await edge.teams.chat.answer(to, form);
      assert.match(JSON.stringify(ours()[0]?.card), /task\/fetch/);
      assert.doesNotMatch(JSON.stringify(ours()), /for nobody else/);
    });
  });
});
