import assert from 'node:assert/strict';
import sinon from 'sinon';
import { createClient } from '../../../src/chat/slack/client.ts';
import { createGroupLists } from '../../../src/chat/slack/group-lists.ts';
import { createIdentify, type Identify } from '../../../src/chat/slack/identify.ts';
import { createUserGroups, type UserGroups } from '../../../src/chat/slack/user-groups.ts';
import { createWorkspace, type Workspace } from '../../../src/chat/slack/workspace.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { FakeSlack, memoryLog, type Reaction, SECRET, until } from './fake-slack.ts';

const LEADS = 'S0LEADS';
const ANALYSTS = 'S0ANALYSTS';

describe('user groups of Slack', () => {
  let slack: SlackWorkspace;
  let workspace: Workspace;
  let userGroups: UserGroups;
  let identify: Identify;
  let log: ReturnType<typeof memoryLog>;
  let named: string[];

  beforeEach(async () => {
    slack = await startSlackWorkspace({ botToken: 'xoxb-secret', signingSecret: SECRET });
    log = memoryLog();
    named = [LEADS];
    const client = createClient({ botToken: 'xoxb-secret', apiUrl: slack.apiUrl, log });
    workspace = createWorkspace({ client, log, firstWait: 1 });
    userGroups = createUserGroups({ client, userGroups: () => named, log });
    identify = createIdentify({ client, workspace, userGroups });
    workspace.start();
    await until(() => workspace.known() !== null);
  });
  afterEach(async () => {
    sinon.restore();
    await workspace.stop();
    await slack.stop();
  });

  const calls = (method = 'usergroups.users.list') =>
    slack.state().calls.filter((call) => call.method === method).length;
  const look = async (id: string, fresh = true) => identify({ id, tenant: '' }, { fresh });
  const groups = async (id: string, fresh = true) => (await look(id, fresh)).groups;

  it('are those that the policy names, and no others are asked for', async () => {
    assert.deepEqual(await groups('U0LEA'), [LEADS]);
    assert.deepEqual(await groups('U0ANA'), []);
    assert.equal(calls(), 2);
    assert.equal(calls('usergroups.list'), 0);
    named = [LEADS, ANALYSTS];
    assert.deepEqual(await groups('U0ANA', false), [ANALYSTS], 'a policy that was changed asks about others at once');
  });

  it('are not asked for, and nobody’s, where the policy names none', async () => {
    named = [];
    assert.equal('groups' in (await look('U0LEA')), false);
    assert.equal(calls(), 0);
  });

  it('are asked for once a minute, and after the question where it counts', async () => {
    const start = Date.now();
    const now = sinon.stub(Date, 'now').returns(start);
    await groups('U0LEA', false);
    slack.setUserGroup({ id: LEADS, users: [] });
    assert.deepEqual(await groups('U0LEA', false), [LEADS]);
    assert.equal(calls(), 1);
    assert.deepEqual(await groups('U0LEA'), [], 'who was taken out a moment ago is out');
    assert.deepEqual(await groups('U0LEA', false), [], 'what was asked for anew counts from then on');
    slack.setUserGroup({ id: LEADS, users: ['U0LEA'] });
    now.returns(start + 59_000);
    assert.deepEqual(await groups('U0LEA', false), []);
    now.returns(start + 60_000);
    assert.deepEqual(await groups('U0LEA', false), [LEADS]);
  });

  it('are never older than a minute, whenever somebody was looked up', async () => {
    const start = Date.now();
    const now = sinon.stub(Date, 'now').returns(start);
    await groups('U0LEO', false);
    now.returns(start + 50_000);
    await groups('U0LEA', false);
    slack.setUserGroup({ id: LEADS, users: [] });
    now.returns(start + 61_000);
    assert.deepEqual(await groups('U0LEA', false), [], 'the account was looked up eleven seconds ago, the list before');
  });

  it('are asked for in one call by all who ask at a time', async () => {
    const everybody = ['U0LEA', 'U0LEO', 'U0ANA', 'U0MAX'];
    const found = await Promise.all(everybody.map((id) => userGroups.groupsOf(id, { fresh: true })));
    assert.deepEqual(found, [[LEADS], [LEADS], [], []]);
    assert.equal(calls(), 1);
  });

  it('are asked for once more by who asks while a call is out: it may tell of a time before', async () => {
    const fake = await FakeSlack.start();
    const client = createClient({ botToken: 'xoxb', apiUrl: fake.apiUrl, log });
    const slow = createUserGroups({ client, userGroups: () => [LEADS], log });
    let release: (() => void) | undefined;
    const held: Reaction = (_call, response) => {
      release = () => response.setHeader('content-type', 'application/json').end('{"ok":true,"users":["U0LEA"]}');
    };
    fake.on('usergroups.users.list', held, { users: [] });
    const before = slow.groupsOf('U0LEA', { fresh: true });
    await until(() => release !== undefined);
    const after = [1, 2, 3].map(() => slow.groupsOf('U0LEA', { fresh: true }));
    release?.();
    assert.deepEqual(await before, [LEADS]);
    assert.deepEqual(await Promise.all(after), [[], [], []]);
    assert.equal(fake.of('usergroups.users.list').length, 2);
    await fake.stop();
  });

  it('let no guest, external, bot or deactivated account in, and aren’t even asked for them', async () => {
    slack.setUserGroup({ id: LEADS, users: ['U0GUS', 'U0EVE', 'U0OTHERBOT', 'U0DEE', 'U0LEA'] });
    for (const id of ['U0GUS', 'U0EVE', 'U0OTHERBOT', 'U0DEE', 'U0NOBODY']) {
      const { standing, groups: found } = await look(id);
      assert.notEqual(standing, 'member', id);
      assert.equal(found, undefined, id);
    }
    assert.equal(calls(), 0);
  });

  it('give nobody a right where Slack definitely doesn’t tell, and cost nobody else theirs', async () => {
    named = [LEADS, ANALYSTS];
    slack.setUserGroup({ id: LEADS, disabled: true });
    assert.deepEqual(await groups('U0LEA'), []);
    assert.deepEqual(await groups('U0ANA'), [ANALYSTS]);
    slack.setSubscription({ scopes: ['users:read'] });
    assert.deepEqual(await groups('U0ANA'), []);
    slack.setSubscription({ scopes: ['usergroups:read'], plan: 'free' });
    assert.deepEqual(await groups('U0ANA'), []);
    const said = log.lines.filter((line) => line.includes('gives nobody a right'));
    for (const code of ['no_such_subteam', 'missing_scope', 'plan_upgrade_required'])
      assert.ok(
        said.some((line) => line.includes(code)),
        code,
      );
    await groups('U0ANA');
    assert.equal(log.lines.filter((line) => line.includes('gives nobody a right')).length, said.length, 'said once');
  });

  it('are unknown where Slack doesn’t answer clearly, and nothing of it is kept', async () => {
    const method = 'usergroups.users.list';
    for (const fault of [
      { kind: 'status', status: 500 } as const,
      { kind: 'reset' } as const,
      { kind: 'error', error: 'internal_error' } as const,
      { kind: 'error', error: 'fatal_error' } as const,
    ]) {
      slack.fault({ ...fault, method });
      await assert.rejects(look('U0LEA'), { code: 'chat_unreachable' });
    }
    slack.fault({ kind: 'error', error: 'token_revoked', method });
    await assert.rejects(look('U0LEA'), { code: 'chat_refused' });
    assert.deepEqual(await groups('U0LEA', false), [LEADS]);
  });

  it('keep what is known for a minute while Slack doesn’t answer, but not where it must be fresh', async () => {
    await groups('U0LEA');
    slack.fault({ kind: 'reset', method: 'usergroups.users.list' });
    await assert.rejects(look('U0LEA'), { code: 'chat_unreachable' });
    assert.deepEqual(await groups('U0LEA', false), [LEADS]);
  });

  it('are left alone as long as Slack wants it', async () => {
    const start = Date.now();
    const now = sinon.stub(Date, 'now').returns(start);
    slack.fault({ kind: 'rate_limited', retryAfter: 17, method: 'usergroups.users.list' });
    await assert.rejects(look('U0LEA'), { code: 'chat_throttled', retryAfter: 17_000 });
    now.returns(start + 7_000);
    await assert.rejects(look('U0LEA'), { code: 'chat_throttled', retryAfter: 10_000 });
    assert.equal(calls(), 1);
    now.returns(start + 17_000);
    assert.deepEqual(await groups('U0LEA'), [LEADS]);
  });

  it('may have 5,000 people', async () => {
    slack.setUserGroup({ id: LEADS, users: [...Array.from({ length: 5_000 }, (_, i) => `U0000${i}`), 'U0LEA'] });
    assert.deepEqual(await groups('U0LEA'), [LEADS]);
    const start = performance.now();
    for (let i = 0; i < 1_000; i++) await userGroups.groupsOf('U0LEA', { fresh: false });
    assert.ok(performance.now() - start < 1_000, 'who is in is a look into a set');
    assert.equal(calls(), 1);
  });

  describe('listed for mentions', () => {
    const listing = async (enough: (lists: ReturnType<typeof createGroupLists>) => boolean) => {
      const lists = createGroupLists({ members: userGroups, identify, userGroups: () => named, log });
      lists.start();
      await until(() => enough(lists));
      await lists.stop();
      return lists.listed();
    };

    it('name their members, and nobody who may do nothing here', async () => {
      slack.setUserGroup({ id: LEADS, users: ['U0LEA', 'U0GUS', 'U0LEO', 'U0DEE'] });
      const found = await listing((lists) => lists.listed().size > 0);
      assert.deepEqual(found.get(LEADS), [
        { platform: 'slack', id: 'U0LEA', name: 'Lea Lead' },
        { platform: 'slack', id: 'U0LEO', name: 'Leo Lead' },
      ]);
    });

    it('are missing where they can’t be read or have too many people, and don’t keep the others from being listed', async () => {
      named = ['S0CROWD', LEADS, ANALYSTS];
      slack.setUserGroup({ id: 'S0CROWD', users: Array.from({ length: 21 }, (_, i) => `U0000${i}`) });
      slack.fault({ kind: 'error', error: 'user_not_found', method: 'users.info' });
      slack.fault({ kind: 'reset', method: 'users.info' });
      const found = await listing((lists) => lists.listed().size > 0);
      assert.deepEqual([...found.keys()], [ANALYSTS]);
      assert.ok(log.lines.some((line) => line.includes('could not be listed')));
    });
  });
});
