import assert from 'node:assert/strict';
import {
  CONVERSATIONS,
  mriOf,
  OTHER_TENANT_ID,
  PEOPLE,
  personalChat,
  TEAM,
  TEAMS_PACE,
} from '../../../src/playground/teams-channel/index.ts';
import { assertRefused, attachment, type Caller, card, line, startCaller } from './caller.ts';

const { soc, socPrivate, socShared, general, groupChat } = CONVERSATIONS;
const words = (text: string) => ({ type: 'message', text });
const mention = (id: string, name: string) => ({
  type: 'mention',
  text: `<at>${name}</at>`,
  mentioned: { id, name },
});

describe('The Connector of the simulated Teams', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.close());

  const path = (conversation: string, ...more: string[]) =>
    `/${[conversation, ...more].map((part) => encodeURIComponent(part)).join('/')}`;
  const begin = (channel: string, activity: unknown = words('new')) =>
    caller.connector('POST', '', { isGroup: true, channelData: { channel: { id: channel } }, activity });
  const chatWith = (id: string, tenantId = caller.channel.tenantId) =>
    caller.connector('POST', '', { members: [{ id }], isGroup: false, tenantId });
  const messages = () => caller.channel.state().messages;

  it('begins a thread in a channel and answers with its id', async () => {
    const begun = await begin(soc);
    assert.equal(begun.status, 201);
    assert.equal(begun.body.id, `${soc};messageid=${begun.body.activityId}`);
    assert.equal((await caller.post(begun.body.id, words('reply'))).status, 201);
    const [first, reply] = messages();
    assert.deepEqual([first?.id, first?.root, first?.from], [begun.body.activityId, null, 'bot']);
    assert.equal(reply?.root, begun.body.activityId);
  });

  it('begins another thread where a post names no thread, whatever it replies to', async () => {
    const first = await caller.post(soc, words('one'));
    await caller.connector('POST', path(soc, 'activities', first.body.id), words('two'));
    assert.deepEqual(
      messages().map(({ root }) => root),
      [null, null],
    );
  });

  it('refuses threads that nothing began, and threads in chats', async () => {
    assertRefused(await caller.post(`${soc};messageid=123`, words('x')), 404, 'ConversationNotFound');
    const { body } = await begin(soc);
    const reply = await caller.post(body.id, words('reply'));
    assertRefused(await caller.post(`${soc};messageid=${reply.body.id}`, words('x')), 404, 'ConversationNotFound');
    assertRefused(
      await caller.post(`${socShared};messageid=${body.activityId}`, words('x')),
      404,
      'ConversationNotFound',
    );
    const chat = personalChat(PEOPLE.ana);
    const { body: said } = await caller.post(chat, words('x'));
    assertRefused(await caller.post(`${chat};messageid=${said.id}`, words('x')), 400, 'BadArgument');
    assertRefused(await caller.post('19:nowhere@thread.tacv2', words('x')), 404, 'ConversationNotFound');
  });

  it('lets a bot in only where it is installed', async () => {
    assertRefused(await caller.post(general, words('x')), 403, 'BotNotInConversationRoster');
    assertRefused(await begin(general), 403, 'BotNotInConversationRoster');
    assertRefused(await caller.connector('GET', path(general, 'members')), 403, 'BotNotInConversationRoster');
    assert.equal((await caller.post(groupChat, words('x'))).status, 201);
    await caller.channel.update('removed', groupChat);
    assertRefused(await caller.post(groupChat, words('x')), 403, 'BotNotInConversationRoster');
    await caller.channel.update('added', groupChat);
    assert.equal((await caller.post(groupChat, words('x'))).status, 201);
  });

  it('finds somebody’s chat by either of their ids, and only where the app is installed', async () => {
    assert.equal((await chatWith(PEOPLE.ana)).body.id, personalChat(PEOPLE.ana));
    assert.equal((await chatWith(mriOf(PEOPLE.ana))).body.id, personalChat(PEOPLE.ana));
    assertRefused(await chatWith(PEOPLE.nina), 403, 'BotNotInConversationRoster');
    assertRefused(await chatWith(PEOPLE.ana, OTHER_TENANT_ID), 403, 'BotNotInConversationRoster');
    assertRefused(await chatWith(PEOPLE.ana, ''), 400, 'BadArgument');
    assertRefused(await chatWith('29:nobody'), 400, 'BadArgument');
    const both = { members: [{ id: PEOPLE.ana }, { id: PEOPLE.lea }], tenantId: caller.channel.tenantId };
    assertRefused(await caller.connector('POST', '', both), 400, 'BadArgument');
  });

  it('changes the bot’s own messages, and no others', async () => {
    const { body } = await begin(soc, words('before'));
    const put = (conversation: string, id: string, activity: unknown = words('after')) =>
      caller.connector('PUT', path(conversation, 'activities', id), activity);
    assert.equal((await put(body.id, body.activityId)).status, 200);
    assert.equal((await put(soc, body.activityId)).status, 200);
    assert.deepEqual([messages()[0]?.text, messages()[0]?.edits], ['after', 2]);
    const { message } = await caller.channel.say({ person: PEOPLE.ana, conversation: soc, text: 'mine' });
    assertRefused(await put(soc, message.id), 403, 'NotEnoughPermissions');
    assertRefused(await put(soc, '123'), 404, 'ActivityNotFoundInConversation');
    assertRefused(await put(socShared, body.activityId), 404, 'ActivityNotFoundInConversation');
    const other = await begin(soc);
    assertRefused(await put(other.body.id, body.activityId), 404, 'ActivityNotFoundInConversation');
    assertRefused(await put(soc, body.activityId, { type: 'message' }), 400, 'BadArgument');
    assert.equal(messages()[0]?.text, 'after');
  });

  it('refuses what is no message, and what nobody could read', async () => {
    const refused = async (activity: unknown, status = 400, code = 'BadArgument') =>
      assertRefused(await caller.post(soc, activity), status, code);
    await refused({ type: 'typing' });
    await refused({ type: 'message' });
    await refused({ type: 'message', text: 7 });
    await refused({ ...words('x'), textFormat: 'html' });
    await refused({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.hero', content: {} }],
    });
    await refused({ type: 'message', attachments: [attachment(card([])), attachment(card([line('x')]))] });
    await refused('{"type":', 400, 'BadSyntax');
    await refused('[]', 400, 'BadSyntax');
    assert.equal(messages().length, 0);
    assert.ok(caller.channel.state().calls.slice(-1)[0]?.problems.length);
  });

  it('takes 100 KB counted as UTF-16, and warns of cards beyond 25 KB', async () => {
    const fits = Math.floor((100 * 1024) / 2) - JSON.stringify(words('')).length;
    assert.equal((await caller.post(soc, words('x'.repeat(fits)))).status, 201);
    assertRefused(await caller.post(soc, words('x'.repeat(fits + 1))), 413, 'MessageSizeTooBig');
    await caller.postCard(card([line('x'.repeat(25 * 1024))]));
    assert.match(caller.channel.state().calls.at(-1)?.problems[0] ?? '', /26 KB/);
  });

  it('wants a mention entity for each tag, and a tag for each entity', async () => {
    const say = (text: string, ...entities: object[]) => caller.post(soc, { ...words(text), entities });
    const ana = mention(PEOPLE.ana, 'Ana Analyst');
    assert.equal((await say('<at>Ana Analyst</at> look', ana)).status, 201);
    assert.equal((await say('<at>Ana</at>', mention(mriOf(PEOPLE.ana), 'Ana'))).status, 201);
    assert.equal((await say('<at>Ana</at>', mention('ana.analyst@contoso.com', 'Ana'))).status, 201);
    assertRefused(await say('<at>Ana Analyst</at> look'), 400, 'BadArgument');
    assertRefused(await say('look', ana), 400, 'BadArgument');
    assertRefused(await say('<at>Tim</at>', mention('29:tim', 'Tim')), 400, 'BadArgument');
  });

  it('shows the roster of the team for standard channels, and that of the channel for others', async () => {
    const member = (conversation: string, id: string) => caller.connector('GET', path(conversation, 'members', id));
    const { body } = await member(soc, PEOPLE.ana);
    assert.deepEqual(
      [body.id, body.aadObjectId, body.name, body.tenantId, body.userRole, body.userPrincipalName],
      [mriOf(PEOPLE.ana), PEOPLE.ana, 'Ana Analyst', caller.channel.tenantId, 'user', 'ana.analyst@contoso.com'],
    );
    assert.equal((await member(TEAM.id, mriOf(PEOPLE.gus))).body.userRole, 'guest');
    const eve = await member(socShared, PEOPLE.eve);
    assert.deepEqual([eve.body.userRole, eve.body.tenantId], ['user', OTHER_TENANT_ID]);
    assertRefused(await member(TEAM.id, PEOPLE.eve), 404, 'MemberNotFoundInConversation');
    assertRefused(await member(socPrivate, PEOPLE.max), 404, 'MemberNotFoundInConversation');
    assert.equal((await member(TEAM.id, PEOPLE.max)).status, 200);
    const { body: begun } = await begin(soc);
    assert.equal((await member(begun.id, PEOPLE.leo)).status, 200);
  });

  it('gives the roster in pages of 50 to 500', async () => {
    const page = (query: string) => caller.connector('GET', `${path(soc, 'pagedmembers')}${query}`);
    const whole = await page('');
    assert.deepEqual([whole.body.members.length, whole.body.continuationToken], [7, undefined]);
    assert.equal((await page('?pageSize=50&continuationToken=5')).body.members.length, 2);
    assertRefused(await page('?pageSize=10'), 400, 'BadArgument');
    assertRefused(await page('?continuationToken=x'), 400, 'BadArgument');
  });

  it('moves to another service URL, and leaves the old one or not', async () => {
    const old = caller.channel.serviceUrl;
    caller.channel.setServiceUrl('/emea/', 'works');
    assert.match(caller.channel.serviceUrl, /\/emea\/$/);
    const at = (base: string) =>
      caller.send('POST', `${base}v3/conversations/${encodeURIComponent(soc)}/activities`, words('x'));
    assert.deepEqual([(await at(old)).status, (await at(caller.channel.serviceUrl)).status], [201, 201]);
    caller.channel.setServiceUrl('apac');
    assert.deepEqual([(await at(old)).status, (await at(caller.channel.serviceUrl)).status], [404, 201]);
    const { delivery } = await caller.channel.say({ person: PEOPLE.ana, conversation: soc, text: '@Live Response x' });
    assert.ok(delivery);
    assert.equal(caller.last().activity.serviceUrl, caller.channel.serviceUrl);
  });

  it('fails on demand, before or after the call took effect', async () => {
    const post = (text: string, conversation: string = soc) => caller.post(conversation, words(text));
    const { fault } = caller.channel;
    fault({ kind: 'status', on: 'post', status: 502 });
    assert.equal((await post('lost')).status, 502);
    fault({ kind: 'status', on: 'post', status: 412, code: 'PreconditionFailed', times: 2 });
    assertRefused(await post('lost'), 412, 'PreconditionFailed');
    assert.equal((await post('lost')).status, 412);
    fault({ kind: 'reset', after: true });
    await assert.rejects(post('kept'));
    fault({ kind: 'garbage', after: true });
    assert.equal((await post('kept too')).body, null);
    fault({ kind: 'status', status: 429, headers: { 'Retry-After': '7' } });
    assert.equal((await post('slow')).headers.get('retry-after'), '7');
    fault({ kind: 'status', on: 'post', conversation: socShared, status: 403, code: 'MessageWritesBlocked' });
    assert.equal((await post('here')).status, 201);
    assertRefused(await post('there', socShared), 403, 'MessageWritesBlocked');
    fault({ kind: 'slow', on: 'post', delay: 20 });
    assert.equal((await post('late')).status, 201);
    fault({ kind: 'hang', on: 'edit' });
    caller.channel.clearFaults();
    fault({ kind: 'hang', on: 'post' });
    const hanging = post('never');
    const hung = (call: { error: string | null }) => call.error === 'fault: hang';
    assert.ok(await caller.channel.waitFor((state) => state.calls.find(hung)));
    assert.equal(await Promise.race([hanging, post('after')]).then(({ status }) => status), 201);
    hanging.catch(() => undefined);
    assert.deepEqual(
      messages().map(({ text }) => text),
      ['kept', 'kept too', 'here', 'late', 'after'],
    );
  });
});

describe('The pace of the simulated Teams', () => {
  it('is that of Teams for each conversation, a channel with all its threads being one', async () => {
    const caller = await startCaller({ pace: TEAMS_PACE });
    const post = async (conversation: string) => (await caller.post(conversation, words('x'))).status;
    const times = async (count: number, conversation: string): Promise<number[]> => {
      const statuses: number[] = [];
      for (let n = 0; n < count; n += 1) statuses.push(await post(conversation));
      return statuses;
    };
    try {
      assert.deepEqual(await times(8, soc), [...Array(7).fill(201), 429]);
      const [first] = caller.channel.state().messages;
      assert.equal(await post(`${soc};messageid=${first?.id}`), 429);
      assert.equal(await post(socShared), 201);
      caller.now += 1000;
      assert.deepEqual(await times(2, soc), [201, 429]);
      caller.now += 1000;
      const refused = await caller.post(soc, words('x'));
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [201, null]);
      assert.equal(caller.channel.state().calls.filter(({ status }) => status === 429).length, 3);
    } finally {
      await caller.close();
    }
  });

  it('holds over thirty seconds and over an hour, and may hide the wait', async () => {
    const send = [
      [30, 2],
      [3600, 3],
    ] as const;
    const caller = await startCaller({ pace: { ...TEAMS_PACE, send, retryAfter: false }, tokenSeconds: 86_400 });
    const post = () => caller.post(soc, words('x'));
    try {
      const statuses = [(await post()).status, (await post()).status];
      const third = await post();
      assert.deepEqual([...statuses, third.status, third.headers.get('retry-after')], [201, 201, 429, null]);
      caller.now += 30_000;
      assert.deepEqual([(await post()).status, (await post()).status], [201, 429]);
      caller.now += 3_570_000;
      assert.equal((await post()).status, 201);
    } finally {
      await caller.close();
    }
  });
});
