import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { preflight } from '../../src/flow/preflight.ts';
import { Refusal } from '../../src/flow/refusal.ts';
import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { clientOf } from './stand-in.ts';

const RUN = { fresh: true, purpose: 'run' as const };
const PEOPLE = { fresh: true, purpose: 'people' as const };

describe('Where more machines begin like a name than one answer holds', () => {
  let tenant: DefenderTenant;
  let client: ReturnType<typeof clientOf>['client'];
  let purposes: string[];

  async function setUp(pageSize?: number): Promise<void> {
    tenant = await startDefenderTenant(pageSize === undefined ? {} : { pageSize });
    const { tenantId, clientId, scope, loginUrl } = tenant;
    const credential = { kind: 'secret' as const, secret: tenant.clientSecret };
    const more = { tenantId, clientId, credential, scope, loginUrl, timing: { deadline: 10_000 } };
    ({ client, purposes } = clientOf(tenant.apiUrl, more));
  }
  beforeEach(() => setUp());
  afterEach(async () => {
    client.close();
    await tenant.close();
  });

  /** Machines of these names, behind those that are there. */
  function add(...names: string[]): void {
    const all = tenant.machines.all();
    const [model] = all;
    assert.ok(model !== undefined);
    for (const name of names) {
      all.push({ ...model, id: (all.length + 0xabc000).toString(16).padStart(40, '0'), computerDnsName: name });
    }
  }
  const numbered = (start: string, count: number) =>
    Array.from({ length: count }, (_unused, n) => `${start}${String(n).padStart(4, '0')}.contoso.com`);

  const look = (machine: string) =>
    preflight(
      { defender: client, clock: { now: () => Date.now() }, store: { lastApprovedDigest: async () => null } },
      { machine, commands: [{ kind: 'get', path: 'C:\\Temp\\a.log' }] },
      RUN,
    );
  const refusal = async (machine: string): Promise<string> => {
    const error = await look(machine).catch((reason: unknown) => reason);
    assert.ok(error instanceof Refusal, String(error));
    return error.message;
  };
  const reads = () => tenant.state().calls.filter(({ path }) => path === '/api/machines').length;

  it('two of one name are two, wherever they stand among the others', async () => {
    add('two-1.contoso.com', ...numbered('two-1', 600), 'two-1.contoso.com');
    assert.match(await refusal('two-1'), /^Several machines are called two-1, so I did nothing\./);
    assert.match(await refusal('two-1.contoso.com'), /^Several machines are called two-1\.contoso\.com/);
  });

  it('the one that is there is found behind all of them, by its whole name and its first label', async () => {
    add(...numbered('big-1', 600), 'big-1.contoso.com');
    for (const name of ['big-1', 'BIG-1.contoso.com'])
      assert.equal((await look(name)).machines[0].name, 'big-1.contoso.com');
    assert.equal(reads(), 2);
    const [first] = await client.findMachines('big-1', PEOPLE);
    assert.equal(first?.name, 'big-1.contoso.com', 'a form offers it first');
  });

  it('a name that nobody has costs its own look and at most three more, all but the first as look-ups of people', async () => {
    client.close();
    await tenant.close();
    await setUp(500);
    add(...numbered('ws-', 2_000).filter((name) => !name.startsWith('ws-0042')));
    assert.match(await refusal('ws-0042'), /^I don't know the machine “ws-0042”\. Close to it: ws-00/);
    assert.deepEqual(purposes, ['run', 'people', 'people', 'people']);
    purposes.length = 0;
    assert.match(await refusal('zzzzzz'), /nothing is called like it/);
    assert.deepEqual(purposes, ['run', 'people', 'people', 'people']);
  });

  const namesOf = (machines: readonly { name: string }[]) => machines.map(({ name }) => name.split('.')[0]).sort();

  it('a hundred names cost a read for eight of them each, ids one more, and what nobody has is left out', async () => {
    add(...numbered('lot-', 200));
    const wanted = numbered('LOT-', 100).map((name, n) => (n % 2 === 0 ? name : (name.split('.')[0] ?? '')));
    const all = tenant.machines.all();
    const [byId] = all;
    assert.ok(byId !== undefined);
    const found = await client.machinesNamed([...wanted, byId.id, 'nobody', '10.0.0.1'], 'run');
    assert.equal(found.length, 101);
    assert.equal(new Set(found.map(({ id }) => id)).size, 101);
    assert.equal(reads(), 1 + Math.ceil(101 / 8));
  });

  it('all with a tag are found over all pages, spelled exactly so, with one read for a minute', async () => {
    client.close();
    await tenant.close();
    await setUp(3);
    const tagged = { by: 'tag', is: 'finance' } as const;
    const found = await client.machinesWith(tagged, 'run');
    const there = tenant.machines.all().filter(({ machineTags }) => machineTags.includes('finance'));
    assert.ok(there.length > 3);
    assert.deepEqual(namesOf(found), namesOf(there.map(({ computerDnsName: name }) => ({ name }))));
    const before = reads();
    assert.deepEqual(await client.machinesWith(tagged, 'run'), found);
    assert.equal(reads(), before);
    assert.deepEqual(await client.machinesWith({ by: 'tag', is: 'Finance' }, 'run'), []);
    assert.deepEqual(await client.machinesWith({ by: 'tag', is: "it's" }, 'run'), []);
  });

  it('all of a device group are found, in any case, but for those that were never onboarded', async () => {
    const members = tenant.machines.all().filter(({ rbacGroupName }) => rbacGroupName === 'Servers');
    const [stranger] = members;
    assert.ok(stranger !== undefined);
    stranger.onboardingStatus = 'CanBeOnboarded';
    const found = await client.machinesWith({ by: 'group', is: 'sERVERS' }, 'run');
    assert.equal(found.length, members.length - 1);
    assert.ok(found.every(({ group, id }) => group === 'Servers' && id !== stranger.id));
  });

  it('a beginning is answered with one page, though there are more', async () => {
    client.close();
    await tenant.close();
    await setUp(5);
    assert.equal((await client.findMachines('ws-', { ...PEOPLE, only: 'beginning' })).length, 5);
    assert.equal(reads(), 1);
  });
});
