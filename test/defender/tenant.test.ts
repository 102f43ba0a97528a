import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { DefenderError } from '../../src/errors.ts';
import type { MachineAction } from '../../src/flow/ports.ts';
import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { clientOf } from './stand-in.ts';

const PEOPLE = { fresh: false, purpose: 'people' as const };
const SCRIPT = 'Get-Processes.ps1';
const yes = () => true;

describe('the client and the simulated tenant', () => {
  let tenant: DefenderTenant;
  let client: ReturnType<typeof clientOf>['client'];

  beforeEach(async () => {
    tenant = await startDefenderTenant();
    const { tenantId, clientId, scope, loginUrl } = tenant;
    const credential = { kind: 'secret' as const, secret: tenant.clientSecret };
    const more = { tenantId, clientId, credential, scope, loginUrl, timing: { deadline: 10_000 } };
    client = clientOf(tenant.apiUrl, more).client;
  });
  afterEach(async () => {
    client.close();
    await tenant.close();
  });

  const bodyOf = (runId: string) => ({
    Commands: [{ type: 'RunScript' as const, params: [{ key: 'ScriptName' as const, value: SCRIPT }] }],
    Comment: `[${runId}] asked for by a test`,
  });
  async function machineId(name: string): Promise<string> {
    const [machine] = await client.findMachines(name, PEOPLE);
    assert.ok(machine !== undefined);
    return machine.id;
  }
  async function accepted(id: string, runId: string): Promise<MachineAction> {
    const submission = await client.submit(id, bodyOf(runId), yes);
    assert.ok(submission.outcome === 'accepted', JSON.stringify(submission));
    return submission.action;
  }

  it('tell the same story of a run, from the name to what the script wrote', async () => {
    assert.ok((await client.checkToken()).includes('Machine.LiveResponse'));
    assert.ok((await client.library(PEOPLE)).some((file) => file.fileName === SCRIPT));
    const id = await machineId('ws-042');
    assert.equal((await client.machine(id, PEOPLE))?.id, id);
    const action = await accepted(id, 'LR-8K3F2Q.1');
    assert.equal(tenant.executions('LR-8K3F2Q.1'), 1);
    tenant.control.advance(3_600_000);
    const [ended] = (await client.actions([action.id])).shown;
    assert.equal(ended?.status, 'Succeeded');
    assert.equal(ended?.commands[0]?.status, 'Completed');
    const since = (action.createdAt ?? 0) - 1000;
    assert.deepEqual(
      (await client.actionsOf(id, since)).map((other) => other.id),
      [action.id],
    );
    const result = await client.scriptResult(action.id, 0, 1_000_000);
    assert.equal(result.exitCode, 0);
    assert.equal(result.truncated, false);
    assert.notEqual(result.output, '');
  });

  it('agree that a closed gate leaves no trace', async () => {
    const submission = await client.submit(await machineId('ws-042'), bodyOf('LR-8K3F2Q.2'), () => false);
    assert.equal(submission.outcome, 'not_sent');
    assert.equal(tenant.executions('LR-8K3F2Q.2'), 0);
  });

  it('agree on busy, on too many sessions, and on cancelling', async () => {
    const id = await machineId('ws-042');
    const action = await accepted(id, 'LR-8K3F2Q.3');
    tenant.control.fault({ kind: 'busy' });
    assert.equal((await client.submit(id, bodyOf('LR-8K3F2Q.4'), yes)).outcome, 'busy');
    tenant.control.fault({ kind: 'throttle', form: 'none', seconds: 7 });
    const throttled = await client.submit(await machineId('ws-001'), bodyOf('LR-8K3F2Q.5'), yes);
    assert.deepEqual(throttled, { outcome: 'throttled', retryAfter: 7_000, sessions: false });
    assert.equal((await client.cancel(action.id, 'enough')).outcome, 'requested');
    tenant.control.advance(3_600_000);
    assert.equal((await client.cancel(action.id, 'enough')).outcome, 'too_late');
  });

  it('agree on permissions that are missing', async () => {
    const id = await machineId('ws-042');
    tenant.control.set({ roles: ['Machine.Read.All'] });
    const anew = clientOf(tenant.apiUrl, {
      loginUrl: tenant.loginUrl,
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      credential: { kind: 'secret', secret: tenant.clientSecret },
      scope: tenant.scope,
    }).client;
    try {
      const submission = await anew.submit(id, bodyOf('LR-8K3F2Q.6'), yes);
      assert.ok(submission.outcome === 'refused' && submission.code === 'Forbidden', JSON.stringify(submission));
      const forbidden = (error: unknown) => error instanceof DefenderError && error.code === 'defender_forbidden';
      await assert.rejects(anew.library({ fresh: true, purpose: 'people' }), forbidden);
    } finally {
      anew.close();
    }
  });
});
