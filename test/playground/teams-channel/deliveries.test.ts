import assert from 'node:assert/strict';
import {
  BOT_NAME,
  CONVERSATIONS,
  mriOf,
  OTHER_TENANT_ID,
  PEOPLE,
  personalChat,
  TEAM,
} from '../../../src/playground/teams-channel/index.ts';
import { APP_ID, type Caller, card, execute, line, startCaller } from './caller.ts';

const { soc, socPrivate, socShared, general, groupChat } = CONVERSATIONS;

describe('Messages of people in the simulated Teams', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.close());

  const say = (text: string, more: object = {}) =>
    caller.channel.say({ person: PEOPLE.ana, conversation: soc, text, ...more });

  it('reach the bot as Teams sends them', async () => {
    const { message, delivery } = await say('@Live Response run ws-042 a.ps1 "<b> & c"');
    assert.deepEqual([delivery?.kind, delivery?.status, delivery?.failure], ['message', 200, null]);
    const { activity } = caller.last();
    const bot = { id: `28:${APP_ID}`, name: BOT_NAME };
    assert.equal(activity.type, 'message');
    assert.equal(activity.channelId, 'msteams');
    assert.equal(activity.id, message.id);
    assert.equal(activity.text, '<at>Live Response</at> run ws-042 a.ps1 "<b> & c"');
    assert.equal(activity.textFormat, 'plain');
    assert.match(
      activity.attachments[0].content,
      /<span [^>]*itemid="0">Live Response<\/span>&nbsp;run .*&lt;b&gt; &amp; c/,
    );
    assert.deepEqual(activity.from, { id: mriOf(PEOPLE.ana), name: 'Ana Analyst', aadObjectId: PEOPLE.ana });
    assert.deepEqual(activity.recipient, bot);
    assert.deepEqual(activity.entities[0], { mentioned: bot, text: '<at>Live Response</at>', type: 'mention' });
    assert.equal(activity.entities[1].type, 'clientInfo');
    assert.deepEqual(activity.conversation, {
      isGroup: true,
      conversationType: 'channel',
      tenantId: caller.channel.tenantId,
      id: `${soc};messageid=${message.id}`,
    });
    assert.deepEqual(activity.channelData, {
      teamsChannelId: soc,
      teamsTeamId: TEAM.id,
      channel: { id: soc },
      team: { id: TEAM.id },
      tenant: { id: caller.channel.tenantId },
    });
    assert.match(activity.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
  });

  it('keep to their thread', async () => {
    const { message } = await say('a new one');
    await say('@Live Response status', { root: message.id });
    assert.equal(caller.last().activity.conversation.id, `${soc};messageid=${message.id}`);
    await assert.rejects(say('x', { root: '123' }), /No thread/);
    await assert.rejects(say('x', { conversation: socShared, root: message.id }), /No thread/);
  });

  it('mention several people, and only those who are there', async () => {
    await say('@Lea Lead @Live Response @Eve External hello');
    const { text, entities } = caller.last().activity;
    assert.equal(text, '<at>Lea Lead</at> <at>Live Response</at> @Eve External hello');
    assert.deepEqual(
      entities.flatMap((entity: { mentioned?: { id: string } }) => entity.mentioned?.id ?? []),
      [mriOf(PEOPLE.lea), `28:${APP_ID}`],
    );
  });

  it('are heard in channels and group chats only where they mention the bot, in its own chat always', async () => {
    const heard = async (text: string, more: object = {}) => (await say(text, more)).delivery !== null;
    assert.equal(await heard('hello'), false);
    assert.equal(await heard('@Live Response', { mentions: 'none' }), false);
    assert.equal(await heard('@Live Response', { conversation: general }), false);
    assert.equal(await heard('hello', { conversation: groupChat }), false);
    assert.equal(await heard('@Live Response', { conversation: groupChat }), true);
    assert.deepEqual(caller.last().activity.conversation.id, groupChat);
    assert.equal(await heard('hello', { conversation: personalChat(PEOPLE.ana) }), true);
    assert.equal(caller.last().activity.conversation.conversationType, 'personal');
    assert.equal(caller.last().activity.channelData.teamsChannelId, undefined);
    assert.equal(await heard('hello', { person: PEOPLE.nina, conversation: personalChat(PEOPLE.nina) }), false);
    assert.equal(caller.inbound.length, 2);
  });

  it('come only from those who are in the conversation', async () => {
    await assert.rejects(say('x', { person: PEOPLE.max, conversation: socPrivate }), /isn't in soc-private/);
    await assert.rejects(say('x', { person: PEOPLE.eve }), /isn't in soc/);
    await assert.rejects(say('x', { person: 'nobody' }), /No such person/);
    await say('@Live Response x', { person: PEOPLE.eve, conversation: socShared });
    const { from, conversation } = caller.last().activity;
    assert.deepEqual([from.aadObjectId, conversation.tenantId], [PEOPLE.eve, caller.channel.tenantId]);
  });

  it('can be odd, forged, doubled and repeated', async () => {
    await say('@Live Response x', { html: '<p>&nbsp;</p>', oddity: { activity: { channelId: 'directline' } } });
    assert.equal(caller.last().activity.channelId, 'directline');
    assert.equal(caller.last().activity.attachments[0].content, '<p>&nbsp;</p>');
    await say('@Live Response x', { oddity: { tenant: OTHER_TENANT_ID } });
    const { conversation, channelData } = caller.last().activity;
    assert.deepEqual([conversation.tenantId, channelData.tenant.id], [OTHER_TENANT_ID, OTHER_TENANT_ID]);
    caller.inbound.length = 0;
    const { delivery } = await say('@Live Response x', { oddity: { times: 2 } });
    assert.ok(delivery);
    caller.now += 60_000;
    await caller.channel.replay(delivery.id);
    assert.equal(caller.inbound.length, 3);
    assert.deepEqual(caller.inbound[1], caller.inbound[0]);
    assert.deepEqual(caller.inbound[2], caller.inbound[0]);
    await assert.rejects(caller.channel.replay('unknown'));
  });

  it('leave on record how the bot failed', async () => {
    caller.answer = { status: 500 };
    assert.equal((await say('@Live Response x')).delivery?.failure, 'status');
    caller.channel.setBotUrl('http://127.0.0.1:1/');
    assert.equal((await say('@Live Response x')).delivery?.failure, 'connection');
  });

  it('are given up when the bot takes too long', async () => {
    const hurried = await startCaller({ invokeTimeout: 50 });
    try {
      hurried.answer = { status: 200, instead: 'hang' };
      const words = { person: PEOPLE.ana, conversation: soc, text: '@Live Response x' };
      const { delivery } = await hurried.channel.say(words);
      assert.deepEqual([delivery?.failure, delivery?.status], ['timeout', null]);
    } finally {
      await hurried.close();
    }
  });

  it('can be replaced by anything at all', async () => {
    await caller.channel.deliverRaw({ body: '{}' });
    assert.deepEqual(caller.last().activity, {});
    assert.match(caller.last().authorization, /^Bearer /);
    await caller.channel.deliverRaw({ body: 'x', token: null, headers: { 'content-type': 'text/plain' } });
    assert.deepEqual([caller.last().activity, caller.last().authorization], [null, '']);
  });

  it('tell of the app being added and removed', async () => {
    const told = await caller.channel.update('removed', soc);
    assert.deepEqual(
      told.map(({ what }) => what),
      ['conversationUpdate removed', 'installationUpdate removed'],
    );
    const [update, installation] = caller.inbound.map(({ activity }) => activity);
    assert.deepEqual(update.membersRemoved, [{ id: `28:${APP_ID}` }]);
    assert.equal(update.channelData.eventType, 'teamMemberRemoved');
    assert.deepEqual([installation.type, installation.action], ['installationUpdate', 'remove']);
    assert.equal(installation.conversation.id, soc);
    assert.equal(caller.channel.state().conversations.find(({ id }) => id === soc)?.installed, false);
    await caller.channel.update('added', personalChat(PEOPLE.nina));
    assert.equal(caller.last().activity.action, 'add');
    assert.equal(caller.channel.state().people.find(({ id }) => id === PEOPLE.nina)?.personalApp, true);
  });

  it('wake whoever waits for a change', async () => {
    const waiting = caller.channel.waitFor((state) => state.messages.find(({ text }) => text === 'here'));
    await say('here');
    assert.equal((await waiting).from, PEOPLE.ana);
    await assert.rejects(caller.channel.waitFor(() => null, 5));
    await assert.rejects(
      caller.channel.waitFor(() => {
        throw new Error('broken test');
      }),
      /broken test/,
    );
  });

  it('can be sent from another process', async () => {
    const control = (path: string, body: object) => caller.send('POST', `${caller.channel.url}/_control/${path}`, body);
    const person = PEOPLE.ana;
    const said = await control('say', { person, conversation: soc, text: '@Live Response x' });
    assert.equal(said.body.delivery.status, 200);
    const message = await caller.postCard(card([line('x')], { actions: [execute('Approve', 'approve')] }));
    assert.equal((await control('click', { person, message, title: 'Approve' })).body.delivery.kind, 'action');
    assert.equal((await control('click', { person, message, title: 'Deny' })).status, 400);
    assert.equal((await control('say', { person, text: 'x' })).status, 400);
    await control('fault', { kind: 'status', on: 'post', status: 504 });
    assert.equal((await caller.post(soc, { type: 'message', text: 'x' })).status, 504);
    await control('service-url', { path: 'emea' });
    assert.match(caller.channel.serviceUrl, /\/emea\/$/);
    await control('update', { kind: 'removed', conversation: soc });
    const { body } = await caller.send('GET', `${caller.channel.url}/_control/state`);
    assert.deepEqual([body.messages.length, body.deliveries.length], [2, 4]);
  });
});
