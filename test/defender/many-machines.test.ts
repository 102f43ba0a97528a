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

  it('a beginning is answered with one page, though there are more', async () => {
    client.close();
    await tenant.close();
    await setUp(5);
    assert.equal((await client.findMachines('ws-', { ...PEOPLE, only: 'beginning' })).length, 5);
    assert.equal(reads(), 1);
  });
});
