import assert from 'node:assert/strict';
import { standingOf } from '../../../src/chat/teams/identify.ts';
import { CONVERSATIONS, GROUPS, PEOPLE } from '../../../src/playground/teams-channel/index.ts';
import { until } from '../slack/fake-slack.ts';
import { type Edge, startEdge } from './edge.ts';

describe('people in Teams', () => {
  let edge: Edge;
  let groups: string[];

  beforeEach(async () => {
    groups = [];
    edge = await startEdge({ entraGroups: () => groups });
    // From here on the bot knows where Teams is reached.
    await edge.channel.say({ person: PEOPLE.ana, conversation: CONVERSATIONS.soc, text: '@Live Response help' });
  });
  afterEach(() => edge.stop());

  const look = (id: string, fresh = true) => edge.teams.chat.lookUp({ id, tenant: '' }, { fresh });
  const calls = (path: RegExp) => edge.channel.state().calls.filter((call) => path.test(call.path)).length;

  it('are members where roster and directory say so, with their names', async () => {
    const { standing, name, tenant } = await look(PEOPLE.ana);
    assert.deepEqual([standing, name, tenant], ['member', 'Ana Analyst', edge.channel.tenantId]);
    assert.equal((await look(PEOPLE.ana.toUpperCase())).id, PEOPLE.ana);
  });

  it('are refused as what they are', async () => {
    assert.equal((await look(PEOPLE.gus)).standing, 'guest');
    assert.equal((await look(PEOPLE.dee)).standing, 'deactivated');
    assert.equal((await look(PEOPLE.eve)).standing, 'external');
    assert.equal((await look('29:nobody-who-signed-in')).standing, 'anonymous');
    const foreign = { id: PEOPLE.ana, tenant: '99999999-0000-4000-8000-000000000000' };
    assert.equal((await edge.teams.chat.lookUp(foreign, { fresh: true })).standing, 'external');
  });

  it('are kept a while unless asked for anew', async () => {
    await look(PEOPLE.ana, false);
    const before = calls(/members\//);
    await look(PEOPLE.ana, false);
    assert.equal(calls(/members\//), before);
    edge.channel.changePerson(PEOPLE.ana, { enabled: false });
    assert.equal((await look(PEOPLE.ana, false)).standing, 'member');
    assert.equal((await look(PEOPLE.ana)).standing, 'deactivated');
  });

  it('of another tenant get nothing of what is known of the same id at home, and spoil it for nobody', async () => {
    const foreign = { id: PEOPLE.ana, tenant: '99999999-0000-4000-8000-000000000000' };
    for (const fresh of [false, true]) {
      assert.equal((await look(PEOPLE.ana, false)).standing, 'member');
      assert.equal((await edge.teams.chat.lookUp(foreign, { fresh })).standing, 'external');
    }
    assert.equal((await look(PEOPLE.ana, false)).standing, 'member');
  });

  it('are vouched for by the roster alone where the directory may not be asked', async () => {
    edge.channel.setGraphRoles([]);
    await edge.restart();
    assert.equal((await look(PEOPLE.ana)).standing, 'member');
    assert.equal((await look(PEOPLE.gus)).standing, 'guest');
    assert.match(edge.logged(), /Graph tells nothing about people/);
    assert.equal(calls(/\/users\//), 1, 'and isn’t asked again at once');
  });

  it('are vouched for by the directory where no roster knows them', async () => {
    edge.channel.fault({ kind: 'status', on: 'member', status: 404, times: 20 });
    assert.equal((await look(PEOPLE.lea)).standing, 'member');
    assert.equal((await look(PEOPLE.gus)).standing, 'guest');
  });

  it('are found in the whole list where they are not found by their Entra id', async () => {
    edge.channel.setGraphRoles([]);
    await edge.restart();
    edge.channel.fault({ kind: 'status', on: 'member', status: 404, times: 20 });
    const { standing, name } = await look(PEOPLE.lea, false);
    assert.deepEqual([standing, name], ['member', 'Lea Lead']);
    assert.equal((await look(PEOPLE.leo, false)).name, 'Leo Lead');
    assert.equal(calls(/pagedmembers/), 1);
  });

  it('are nobody where nobody tells', async () => {
    edge.channel.setGraphRoles([]);
    await edge.restart();
    edge.channel.fault({ kind: 'status', on: 'member', status: 403, times: 20 });
    edge.channel.fault({ kind: 'status', on: 'members', status: 403, times: 20 });
    assert.equal((await look(PEOPLE.ana)).standing, 'unknown');
  });

  it('are not guessed when who has told about them before doesn’t answer', async () => {
    await look(PEOPLE.ana);
    edge.channel.fault({ kind: 'status', on: 'graph', status: 503, times: 5 });
    await assert.rejects(look(PEOPLE.ana), { code: 'chat_unreachable' });
    edge.channel.clearFaults();
    edge.channel.fault({ kind: 'reset', on: 'member', times: 9 });
    await assert.rejects(look(PEOPLE.ana), { code: 'chat_unreachable' });
  });

  it('are in the groups that the policy names, through other groups too, asked anew for what counts', async () => {
    groups = [GROUPS.analysts, GROUPS.leads];
    assert.deepEqual((await look(PEOPLE.ana)).groups, [GROUPS.analysts]);
    assert.deepEqual((await look(PEOPLE.leo)).groups, [GROUPS.leads]);
    edge.channel.setGroups(PEOPLE.ana, []);
    assert.deepEqual((await look(PEOPLE.ana)).groups, []);
    groups = [];
    assert.deepEqual((await look(PEOPLE.leo, false)).groups, [], 'another policy, another question');
  });

  it('are asked for by twenty groups at a time', async () => {
    groups = [
      ...Array.from({ length: 44 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`),
      GROUPS.leads,
    ];
    assert.deepEqual((await look(PEOPLE.lea)).groups, [GROUPS.leads]);
    assert.equal(calls(/checkMemberGroups/), 3);
  });

  it('have no groups when Graph refuses to say', async () => {
    groups = [GROUPS.leads];
    edge.channel.setGraphRoles(['User.Read.All']);
    await edge.restart();
    await assert.rejects(look(PEOPLE.lea), (error: { code: string; message: string }) => {
      assert.equal(error.code, 'chat_refused');
      assert.match(error.message, /docs\/teams\.md/);
      return true;
    });
  });

  it('of a group are listed for mentions, in the background', async () => {
    groups = [GROUPS.leads];
    await edge.restart();
    await until(() => edge.teams.chat.listed().size > 0);
    const names = edge.teams.chat
      .listed()
      .get(GROUPS.leads)
      ?.map(({ name }) => name);
    assert.deepEqual(names?.toSorted(), ['Lea Lead', 'Leo Lead']);
  });

  it('are told apart by what roster and directory say together', () => {
    const home = 'HOME';
    const member = { tenantId: 'home', userRole: 'user' };
    const account = { name: '', guest: false, enabled: true };
    assert.equal(standingOf(member, 'silent', home), 'member');
    assert.equal(standingOf({ ...member, userRole: 'anonymous' }, account, home), 'anonymous');
    assert.equal(standingOf({ ...member, tenantId: 'away' }, account, home), 'external');
    assert.equal(standingOf({ ...member, userRole: 'guest' }, account, home), 'guest');
    assert.equal(standingOf(member, { ...account, guest: true }, home), 'guest');
    assert.equal(standingOf(member, { ...account, enabled: false }, home), 'deactivated');
    assert.equal(standingOf(member, null, home), 'unknown', 'they contradict each other');
    assert.equal(standingOf(null, null, home), 'external');
    assert.equal(standingOf(member, { ...account, guest: null }, home), 'member');
    assert.equal(standingOf(null, { ...account, guest: null }, home), 'unknown');
    assert.equal(standingOf({ userRole: 'user', tenantId: undefined }, 'silent', home), 'unknown');
    assert.equal(standingOf({ userRole: undefined, tenantId: 'home' }, 'silent', home), 'unknown');
    assert.equal(standingOf(null, 'silent', home), 'unknown');
    assert.equal(standingOf(null, account, home), 'member');
  });
});

describe('channels of Teams', () => {
  let edge: Edge;

  beforeEach(async () => {
    edge = await startEdge();
  });
  afterEach(() => edge.stop());

  const { soc, socPrivate, socShared } = CONVERSATIONS;
  const hear = (conversation: string) =>
    edge.channel.say({ person: PEOPLE.ana, conversation, text: '@Live Response help' });

  it('are called by their names once Teams has told them, also after a restart', async () => {
    assert.equal(edge.teams.chat.channelName(soc), 'the channel of this bot’s policy');
    await hear(soc);
    const named = () => edge.teams.chat.channelName(soc) === '#soc';
    await until(named);
    await edge.restart();
    await until(named);
  });

  it('are shared when Teams calls them so, or when people of another organisation are in them', async () => {
    await hear(soc);
    await until(() => edge.teams.chat.channelName(soc) === '#soc');
    assert.equal(await edge.teams.chat.isShared(soc), false);
    assert.equal(await edge.teams.chat.isShared(socPrivate), false);
    assert.equal(await edge.teams.chat.isShared(socShared), true);
  });

  it('are judged by their roster where Teams doesn’t name their kind, and count as shared where it may not be read', async () => {
    edge.channel.fault({ kind: 'status', on: 'members', status: 500, times: 1 });
    await hear(socShared);
    assert.equal(await edge.teams.chat.isShared(socShared), true);
    edge.channel.fault({ kind: 'status', on: 'members', status: 403, times: 5 });
    await assert.rejects(edge.teams.chat.isShared(soc), { code: 'chat_blocked' });
  });
});
