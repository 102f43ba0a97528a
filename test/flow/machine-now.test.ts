import assert from 'node:assert/strict';
import { rejudge } from '../../src/flow/rejudge.ts';
import { fillLine, machinesOfLine } from '../support/line.ts';
import { facts, SCRIPT } from '../support/story.ts';
import { createTenantWorld, type TenantWorld } from '../support/tenant-world.ts';
import { POLICY } from '../support/world.ts';

const NO_REASON = POLICY.replace('    reason: "^INC-[0-9]+"\n', '');

describe('the machine by which a request is judged, on the client and a tenant', () => {
  let all: TenantWorld;
  beforeEach(async () => {
    all = await createTenantWorld();
    all.world.policy(NO_REASON);
  });
  afterEach(() => all.close());

  const tag = (name: string) => {
    const machines = all.tenant.machines.all();
    const index = machines.findIndex(({ computerDnsName }) => computerDnsName.split('.')[0] === name.split('.')[0]);
    const before = machines[index];
    assert.ok(before !== undefined);
    machines[index] = { ...before, machineTags: ['tier0'] };
  };
  const submissions = () => all.tenant.state().calls.filter(({ path }) => path.endsWith('/runliveresponse'));

  it('is read right before sending: a tag set a moment ago asks for more approvals', async () => {
    const { id } = await all.world.ask('U0ANA', SCRIPT);
    assert.equal((await all.world.request(id)).terms?.rule, 'Default');
    all.advance(1_000);
    tag('ws-042');
    await all.world.click('U0LEA', 'approve', `${id}:1`);
    const request = await all.world.request(id);
    assert.deepEqual([request.status, request.round, request.terms?.rule], ['waiting', 2, 'Domain controllers']);
    assert.deepEqual(submissions(), []);
  });

  it('stays the one by which it was sent back, on the card and under another policy', async () => {
    const { id } = await all.world.ask('U0ANA', SCRIPT);
    tag('ws-042');
    await all.world.click('U0LEA', 'approve', `${id}:1`);
    assert.match(JSON.stringify(all.world.card(id)), /tags: tier0/);
    assert.match(facts(all.world, id).join('\n'), /Rule “Domain controllers”: 2 approvals by leads, 0 so far/);
    all.world.policy(`${NO_REASON}# another text\n`);
    await rejudge(all.world.deps);
    await all.world.click('U0LEA', 'approve', `${id}:2`);
    const request = await all.world.request(id);
    assert.deepEqual([request.status, request.terms?.rule], ['waiting', 'Domain controllers']);
    assert.match(facts(all.world, id).join('\n'), /Rule “Domain controllers”: 2 approvals by leads, 1 so far/);
  });

  it('is in a line never older than ten seconds: one list is asked for again', async () => {
    all.world.policy(`${NO_REASON}limits: { callsPerMinute: 2 }\n`);
    const model = all.tenant.machines.find('ws-042');
    assert.ok(model !== undefined);
    const machines = machinesOfLine(4);
    for (const { id, name } of machines)
      all.tenant.machines.all().push({ ...model, id, computerDnsName: name, machineTags: [] });
    const runs = await fillLine(all.world, machines);
    await all.world.work({ queue: 'dispatch', id: 'next' });
    await all.world.settle();
    all.world.policy(NO_REASON);
    all.advance(11_000);
    tag(machines[2]?.name ?? '');
    await all.world.work({ queue: 'dispatch', id: 'next' });
    await all.world.settle();
    const states = await Promise.all(runs.map(async (id) => (await all.world.run(id)).status));
    assert.deepEqual(states, ['running', 'running', 'held', 'running']);
    const reads = all.tenant.state().calls.filter(({ path }) => path === '/api/machines');
    assert.equal(reads.length, 2);
  });
});
