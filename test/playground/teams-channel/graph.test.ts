import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { GROUPS, PEOPLE } from '../../../src/playground/teams-channel/index.ts';
import { assertRefused, type Caller, type Reply, startCaller } from './caller.ts';

describe('The directory behind the simulated Teams', () => {
  let caller: Caller;
  const signIn = async (): Promise<void> => {
    const scope = `${caller.channel.graphUrl}/.default`;
    caller.token = (await caller.signIn({ scope })).body.access_token;
  };
  beforeEach(async () => {
    caller = await startCaller();
    await signIn();
  });
  afterEach(() => caller.close());

  const graph = (method: string, path: string, body?: unknown): Promise<Reply> =>
    caller.send(method, path.startsWith('http') ? path : `${caller.channel.graphUrl}/v1.0/${path}`, body);
  const check = (person: string, groupIds: unknown) => graph('POST', `users/${person}/checkMemberGroups`, { groupIds });
  const all = Object.values(GROUPS);

  it('tells which of the groups somebody is in, through other groups too', async () => {
    const groups = async (person: string) => (await check(person, all)).body.value;
    assert.deepEqual(await groups(PEOPLE.ana), [GROUPS.analysts]);
    assert.deepEqual(await groups(PEOPLE.lea), [GROUPS.leads]);
    assert.deepEqual(await groups(PEOPLE.leo), [GROUPS.leads, GROUPS.duty]);
    assert.deepEqual(await groups(PEOPLE.max), []);
    assert.deepEqual((await check(PEOPLE.ana, [randomUUID()])).body.value, []);
    assert.deepEqual(
      caller.channel
        .state()
        .people.find(({ id }) => id === PEOPLE.leo)
        ?.groups.toSorted(),
      [GROUPS.leads, GROUPS.duty].toSorted(),
    );
  });

  it('checks at most twenty groups at once, and only ids', async () => {
    const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
    assert.equal((await check(PEOPLE.ana, ids(20))).status, 200);
    assert.equal((await check(PEOPLE.ana, ids(21))).status, 400);
    assertRefused(await check(PEOPLE.ana, []), 400, 'Request_BadRequest');
    assertRefused(await check(PEOPLE.ana, ['soc-leads']), 400, 'Request_BadRequest');
    assertRefused(await check(PEOPLE.ana, undefined), 400, 'Request_BadRequest');
  });

  it('knows members and guests, and nobody of another tenant', async () => {
    const user = (person: string) => graph('GET', `users/${person}?$select=id,displayName,userType,accountEnabled`);
    const facts = async (person: string) => {
      const { displayName, userType, accountEnabled } = (await user(person)).body;
      return [displayName, userType, accountEnabled];
    };
    assert.deepEqual(await facts(PEOPLE.ana), ['Ana Analyst', 'Member', true]);
    assert.deepEqual(await facts(PEOPLE.gus), ['Gus Guest', 'Guest', true]);
    assert.deepEqual(await facts(PEOPLE.dee), ['Dee Departed', 'Member', false]);
    assertRefused(await user(PEOPLE.eve), 404, 'Request_ResourceNotFound');
    assertRefused(await check(PEOPLE.eve, all), 404, 'Request_ResourceNotFound');
    assertRefused(await user(randomUUID()), 404, 'Request_ResourceNotFound');
    const { body } = await graph('GET', `users/${PEOPLE.ana}`);
    assert.deepEqual([body.userType, body.accountEnabled], [undefined, undefined]);
    assertRefused(await graph('GET', `users/${PEOPLE.ana}?$select=shoeSize`), 400, 'Request_BadRequest');
    assertRefused(await graph('GET', 'me'), 400, 'BadRequest');
  });

  it('lists who is in a group in pages', async () => {
    const path = `groups/${GROUPS.leads}/transitiveMembers/microsoft.graph.user?$select=id,displayName&$top=2`;
    const first = await graph('GET', path);
    assert.equal(first.body.value.length, 2);
    const second = await graph('GET', first.body['@odata.nextLink']);
    assert.equal(second.body['@odata.nextLink'], undefined);
    const names = [...first.body.value, ...second.body.value].map(({ displayName }) => displayName);
    assert.deepEqual(names.toSorted(), ['Dee Departed', 'Lea Lead', 'Leo Lead']);
    assertRefused(await graph('GET', path.replace('$top=2', '$top=1000')), 400, 'Request_BadRequest');
    assertRefused(await graph('GET', path.replace(GROUPS.leads, randomUUID())), 404, 'Request_ResourceNotFound');
  });

  it('follows changes of people and groups', async () => {
    caller.channel.setGroups(PEOPLE.max, [GROUPS.duty]);
    assert.deepEqual((await check(PEOPLE.max, all)).body.value, [GROUPS.leads, GROUPS.duty]);
    caller.channel.setGroups(PEOPLE.lea, []);
    assert.deepEqual((await check(PEOPLE.lea, all)).body.value, []);
    caller.channel.changePerson(PEOPLE.ana, { enabled: false, role: 'guest' });
    const { body } = await graph('GET', `users/${PEOPLE.ana}?$select=userType,accountEnabled`);
    assert.deepEqual([body.userType, body.accountEnabled], ['Guest', false]);
  });

  it('refuses what nobody consented to, until a token says so', async () => {
    caller.channel.setGraphRoles(['User.Read.All']);
    assert.equal((await check(PEOPLE.ana, all)).status, 200);
    await signIn();
    assertRefused(await check(PEOPLE.ana, all), 403, 'Authorization_RequestDenied');
    assert.equal((await graph('GET', `users/${PEOPLE.ana}`)).status, 200);
    caller.channel.setGraphRoles([]);
    await signIn();
    assertRefused(await graph('GET', `users/${PEOPLE.ana}`), 403, 'Authorization_RequestDenied');
    caller.token = 'nonsense';
    assertRefused(await graph('GET', `users/${PEOPLE.ana}`), 401, 'InvalidAuthenticationToken');
  });

  it('fails on demand', async () => {
    caller.channel.fault({ kind: 'status', on: 'graph', status: 429, headers: { 'Retry-After': '3' } });
    assert.equal((await check(PEOPLE.ana, all)).headers.get('retry-after'), '3');
    caller.channel.fault({ kind: 'garbage', on: 'graph' });
    assert.equal((await check(PEOPLE.ana, all)).body, null);
    assert.equal((await check(PEOPLE.ana, all)).status, 200);
  });
});
