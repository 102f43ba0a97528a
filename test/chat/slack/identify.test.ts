import assert from 'node:assert/strict';
import sinon from 'sinon';
import { createChannels } from '../../../src/chat/slack/channels.ts';
import { createClient } from '../../../src/chat/slack/client.ts';
import { createIdentify, standingOf } from '../../../src/chat/slack/identify.ts';
import { createWorkspace, type Workspace } from '../../../src/chat/slack/workspace.ts';
import { FakeSlack, hangUp, memoryLog, type Reaction, refuse, status, until } from './fake-slack.ts';

const member = {
  id: 'U0ANA',
  team_id: 'T0HOME',
  deleted: false,
  is_bot: false,
  is_restricted: false,
  is_ultra_restricted: false,
  name: 'ana',
  real_name: 'Ana Analyst',
};
/** As left out, and as null. */
const NO_FLAGS = { deleted: undefined, is_bot: null, is_restricted: undefined, is_ultra_restricted: null };
const home = { team: 'T0HOME', enterprise: 'E0HOME', botUser: 'U0BOT' };

describe('the standing of a person in Slack', () => {
  const cases: [string, object, string][] = [
    ['a full member', {}, 'member'],
    ['a member of a sister workspace', { team_id: 'T0SISTER', enterprise_user: { enterprise_id: 'E0HOME' } }, 'member'],
    ['a member known by the organisation', { team_id: 'E0HOME' }, 'member'],
    ['a guest', { is_restricted: true }, 'guest'],
    ['a guest of one channel', { is_ultra_restricted: true }, 'guest'],
    ['a bot', { is_bot: true }, 'bot'],
    ['a workflow', { is_workflow_bot: true }, 'bot'],
    ['Slackbot', { id: 'USLACKBOT' }, 'bot'],
    ['somebody who left', { deleted: true }, 'deactivated'],
    ['a stranger', { is_stranger: true }, 'external'],
    ['a foreigner in a shared channel, who is no “stranger”', { team_id: 'T0OTHER', is_stranger: false }, 'external'],
    ['a foreigner of another organisation', { team_id: 'T0X', enterprise_user: { enterprise_id: 'E0X' } }, 'external'],
    ['somebody without a workspace', { team_id: undefined }, 'unknown'],
    ['somebody without a workspace who carries no flags', { ...NO_FLAGS, team_id: null }, 'unknown'],
    ['somebody with an empty workspace', { team_id: '', enterprise_user: { enterprise_id: '' } }, 'unknown'],
    ['somebody at home of whom Slack says nothing more', NO_FLAGS, 'member'],
    ['a guest of whom Slack says nothing more', { ...NO_FLAGS, is_restricted: true }, 'guest'],
    ['a stranger of whom Slack says nothing more', { ...NO_FLAGS, is_stranger: true }, 'external'],
    ['a foreigner without flags', { ...NO_FLAGS, team_id: 'T0OTHER' }, 'external'],
  ];
  for (const [name, change, standing] of cases) {
    it(`of ${name} is ${standing}`, () => {
      assert.equal(standingOf({ ...member, ...change }, home), standing);
    });
  }

  it('is told by the organisation where the app is installed in all of it', () => {
    const everywhere = { ...home, team: 'E0HOME' };
    const of = (change: object) => standingOf({ ...member, ...change }, everywhere);
    assert.equal(of({ enterprise_user: { enterprise_id: 'E0HOME' } }), 'member');
    assert.equal(of({ enterprise_user: { enterprise_id: 'E0X' } }), 'external');
    assert.equal(of({}), 'external', 'a workspace alone proves no organisation');
  });

  it('of a foreigner stays external where the bot has no organisation', () => {
    assert.equal(standingOf({ ...member, team_id: 'T0X' }, { ...home, enterprise: null }), 'external');
  });
});

describe('looking somebody up in Slack', () => {
  let fake: FakeSlack;
  let workspace: Workspace;
  let identify: ReturnType<typeof createIdentify>;
  const who = { id: 'U0ANA', tenant: 'T0HOME' };

  beforeEach(async () => {
    fake = await FakeSlack.start();
    fake.on('auth.test', { team_id: 'T0HOME', user_id: 'U0BOT' });
    fake.on('users.info', { user: member });
    const client = createClient({ botToken: 'xoxb', apiUrl: fake.apiUrl, log: memoryLog() });
    workspace = createWorkspace({ client, log: memoryLog(), firstWait: 1 });
    identify = createIdentify({ client, workspace, userGroups: { groupsOf: async () => null } });
  });
  afterEach(async () => {
    sinon.restore();
    await workspace.stop();
    await fake.stop();
  });

  async function connect(): Promise<void> {
    workspace.start();
    await until(() => workspace.known() !== null);
  }

  it('gives the name that people read and the standing', async () => {
    await connect();
    const person = { platform: 'slack', id: 'U0ANA', tenant: 'T0HOME', name: 'Ana Analyst', standing: 'member' };
    assert.deepEqual(await identify(who, { fresh: false }), person);
    fake.on('users.info', { user: { ...member, real_name: '', profile: { display_name: 'ana!' } } });
    assert.equal((await identify(who, { fresh: true })).name, 'ana!');
  });

  it('asks once a minute, and at once when it must be fresh', async () => {
    await connect();
    const start = Date.now();
    const now = sinon.stub(Date, 'now').returns(start);
    await identify(who, { fresh: false });
    await identify(who, { fresh: false });
    assert.equal(fake.of('users.info').length, 1);
    await identify(who, { fresh: true });
    assert.equal(fake.of('users.info').length, 2);
    now.returns(start + 61_000);
    await identify(who, { fresh: false });
    assert.equal(fake.of('users.info').length, 3);
  });

  it('counts the minute from the question, and keeps no answer to an older one over that to a newer', async () => {
    await connect();
    const start = Date.now();
    const now = sinon.stub(Date, 'now').returns(start);
    let release: (() => void) | undefined;
    const slow: Reaction = (_call, response) => {
      release = () =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, user: member }));
    };
    fake.on('users.info', slow, { user: { ...member, deleted: true } });
    const before = identify(who, { fresh: false });
    await until(() => release !== undefined);
    now.returns(start + 9_000);
    assert.equal((await identify(who, { fresh: true })).standing, 'deactivated');
    release?.();
    assert.equal((await before).standing, 'member');
    assert.equal((await identify(who, { fresh: false })).standing, 'deactivated');
    now.returns(start + 69_000);
    fake.on('users.info', { user: member });
    assert.equal((await identify(who, { fresh: false })).standing, 'member');
  });

  it('takes ids of an organisation, and never one id for another', async () => {
    await connect();
    fake.on('users.info', { user: { ...member, id: 'W0ANA' } });
    assert.equal((await identify({ id: 'W0ANA', tenant: '' }, { fresh: true })).standing, 'member');
    fake.on('users.info', { user: { ...member, id: 'W0ANA', enterprise_user: { id: 'U0ANA' } } });
    await assert.rejects(identify(who, { fresh: true }), { code: 'chat_unreachable' });
  });

  it('knows that Slack knows nobody', async () => {
    await connect();
    for (const code of ['user_not_found', 'users_not_found', 'user_not_visible']) {
      fake.on('users.info', refuse(code));
      assert.equal((await identify(who, { fresh: false })).standing, 'unknown');
    }
  });

  it('throws where Slack does not answer clearly, and keeps nothing of it', async () => {
    await connect();
    const trouble: [Reaction, string][] = [
      [hangUp, 'chat_unreachable'],
      [status(500), 'chat_unreachable'],
      [{ user: { name: 'no id' } }, 'chat_unreachable'],
      [{ user: { ...member, id: 'U0EVE' } }, 'chat_unreachable'],
      [refuse('missing_scope', { needed: 'users:read' }), 'chat_refused'],
    ];
    for (const [reaction, code] of trouble) {
      fake.on('users.info', reaction);
      await assert.rejects(identify(who, { fresh: false }), { code });
    }
    fake.on('users.info', { user: member });
    assert.equal((await identify(who, { fresh: false })).standing, 'member');
  });

  it('asks once for all who want to know the same person at the same moment', async () => {
    await connect();
    const names = await Promise.all([1, 2, 3].map(() => identify(who, { fresh: false })));
    assert.deepEqual(
      names.map(({ name }) => name),
      ['Ana Analyst', 'Ana Analyst', 'Ana Analyst'],
    );
    assert.equal(fake.of('users.info').length, 1);
    await Promise.all([1, 2].map(() => identify(who, { fresh: true })));
    assert.equal(fake.of('users.info').length, 3);
  });

  it('lets names wait where Slack wants a pause, and asks all the same for what must be fresh', async () => {
    await connect();
    const start = Date.now();
    const now = sinon.stub(Date, 'now').returns(start);
    fake.on('users.info', status(429, { 'retry-after': '7' }), { user: member });
    await assert.rejects(identify(who, { fresh: false }), { code: 'chat_throttled' });
    now.returns(start + 6_000);
    await assert.rejects(identify({ id: 'U0LEA', tenant: '' }, { fresh: false }), { code: 'chat_throttled' });
    assert.equal(fake.of('users.info').length, 1);
    assert.equal((await identify(who, { fresh: true })).standing, 'member');
    now.returns(start + 7_000);
    fake.on('users.info', { user: { ...member, id: 'U0LEA' } });
    assert.equal((await identify({ id: 'U0LEA', tenant: '' }, { fresh: false })).standing, 'member');
  });

  it('throws while the bot does not know its own workspace', async () => {
    await assert.rejects(identify(who, { fresh: false }), { code: 'chat_unreachable' });
  });

  it('needs nothing of its own workspace but the id', async () => {
    fake.on('auth.test', { team_id: 'T0HOME', enterprise_id: '' });
    await connect();
    assert.deepEqual(workspace.known(), { team: 'T0HOME', enterprise: null, botUser: null });
    assert.equal((await identify(who, { fresh: false })).standing, 'member');
  });

  it('finds its workspace when Slack is back after a while', async () => {
    fake.on('auth.test', hangUp, status(500), refuse('internal_error'), { team_id: 'T0HOME', user_id: 'U0BOT' });
    await connect();
    assert.deepEqual(workspace.home(), { team: 'T0HOME', enterprise: null, botUser: 'U0BOT' });
    assert.equal(fake.of('auth.test').length, 4);
  });
});

describe('what is known about a channel in Slack', () => {
  let fake: FakeSlack;
  let channels: ReturnType<typeof createChannels>;
  let log: ReturnType<typeof memoryLog>;

  beforeEach(async () => {
    fake = await FakeSlack.start();
    log = memoryLog();
    channels = createChannels({ client: createClient({ botToken: 'xoxb', apiUrl: fake.apiUrl, log }), log });
  });
  afterEach(() => fake.stop());

  it('is asked once at a time', async () => {
    fake.on('conversations.info', { channel: { name: 'soc', is_ext_shared: true } });
    assert.deepEqual(await Promise.all([channels.isShared('C0SOC'), channels.isShared('C0SOC')]), [true, true]);
    assert.equal(fake.of('conversations.info').length, 1);
  });

  it('counts as shared while an invitation is open, and not where Slack knows no such thing', async () => {
    fake.on('conversations.info', { channel: { name: 'soc' } });
    assert.equal(await channels.isShared('C0SOC'), false);
    fake.on('conversations.info', refuse('unknown_method'));
    assert.equal(await channels.isShared('C2SOC'), false);
    fake.on('conversations.info', { channel: { is_ext_shared: false, is_pending_ext_shared: true } });
    assert.equal(await channels.isShared('C1SOC'), true);
  });

  it('throws without the scope for it, and asks again only after a while', async () => {
    fake.on('conversations.info', refuse('missing_scope', { needed: 'channels:read' }));
    await assert.rejects(channels.isShared('C0SOC'), { code: 'chat_refused' });
    await until(() => log.lines.some((line) => line.includes('does not say')));
    await assert.rejects(channels.isShared('C0SOC'), { code: 'chat_refused' });
    assert.equal(fake.of('conversations.info').length, 1);
    fake.on('conversations.info', { channel: 'nonsense' });
    await assert.rejects(channels.isShared('C1SOC'), { code: 'chat_unreachable' });
  });

  it('takes names from deliveries, but not the words for private chats or anything odd', () => {
    channels.learn('C0SOC', 'soc');
    channels.learn('D0ANA', 'directmessage');
    channels.learn('C0ODD', '<!channel>');
    assert.deepEqual(['C0SOC', 'D0ANA', 'C0ODD'].map(channels.nameOf), [
      '#soc',
      'the channel of the policy',
      'the channel of the policy',
    ]);
  });
});
