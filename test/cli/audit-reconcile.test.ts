import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reconciled, reconciledOn } from '../../src/cli/audit-reconcile.ts';
import type { DefenderClient } from '../../src/defender/client.ts';
import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { readBudget } from '../../src/read-budget.ts';
import { type OpenStore, openStore } from '../../src/store/open.ts';
import { AUDIT_KEY, aRequest, aRun, quiet } from '../contracts/store/fixtures.ts';
import { clientOf } from '../defender/stand-in.ts';

interface Listed {
  listed: number;
  note: string;
  actions: {
    id: string;
    standing: string;
    runId: string | null;
    machine: string;
    requestor: string;
    comment: string;
  }[];
}

describe('audit reconcile', function () {
  this.timeout(30_000);
  let tenant: DefenderTenant;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let opened: OpenStore;
  let client: DefenderClient;
  /** Ids of actions at Defender, by what they are. */
  const actions: Record<string, string> = {};

  before(async () => {
    tenant = await startDefenderTenant({ pageSize: 2 });
    folder = await mkdtemp(join(tmpdir(), 'liveresponse-reconcile-'));
    env = {
      ...{ AUDIT_KEY, DATA_DIR: join(folder, 'data') },
      ...{ DEFENDER_TENANT_ID: tenant.tenantId, DEFENDER_CLIENT_ID: tenant.clientId },
      ...{ DEFENDER_CLIENT_SECRET: tenant.clientSecret, DEFENDER_API_URL: tenant.apiUrl },
      DEFENDER_LOGIN_URL: tenant.loginUrl,
    };
    opened = await openStore({
      ...{ dataDir: join(folder, 'data'), auditKey: AUDIT_KEY, log: quiet, clock: { now: () => Date.now() } },
    });
    client = newClient();
    await startActions();
  });

  after(async () => {
    client.close();
    await opened.close();
    await tenant.close();
    await rm(folder, { recursive: true, force: true });
  });

  const told = (json: boolean, since = tenant.state().now - 3_600_000): Promise<string> =>
    reconciledOn(opened, client, { since, json });

  const newClient = (): DefenderClient =>
    clientOf(tenant.apiUrl, {
      ...{ loginUrl: tenant.loginUrl, tenantId: tenant.tenantId, clientId: tenant.clientId, scope: tenant.scope },
      ...{ credential: { kind: 'secret', secret: tenant.clientSecret }, budget: readBudget(opened.store) },
    }).client;

  /** Six actions: two of ours, one that may be, two that only say so, and one of somebody else. */
  async function startActions(): Promise<void> {
    const machines = tenant.state().machines.filter(({ reachable }) => reachable);
    const start = async (name: string, comment: string): Promise<string> => {
      const Commands = [{ type: 'GetFile' as const, params: [{ key: 'Path' as const, value: 'C:\\x' }] }];
      const machine = machines.shift()?.id ?? '';
      const answer = await client.submit(machine, { Commands, Comment: comment }, () => true);
      assert.ok(answer.outcome === 'accepted', JSON.stringify(answer));
      actions[name] = answer.action.id;
      return answer.action.id;
    };
    const [known, sent, looking] = [aRequest(), aRequest(), aRequest()];
    const id = await start('ours', `[${known.id}.1] asked by Ana`);
    const trailed = await start('in the trail', `[${sent.id}.1] asked by Ana`);
    await start('open', `[${looking.id}.1] asked by Ana`);
    await start('forged', `[${known.id}.1] asked by Ana`);
    await start('invented', '[LR-ABCDEF.1] asked by nobody');
    await start('foreign', 'cleanup\n2030-01-01 nothing to see\u001b[2J\u202e');
    await opened.store.transaction(async (tx) => {
      for (const request of [known, sent, looking]) await tx.insertRequest(request);
      await tx.insertRun(aRun(known, 1, { status: 'running', attempt: 1, actionId: id.toUpperCase() }));
      await tx.insertRun(aRun(sent, 1, { status: 'succeeded', attempt: 1, actionId: null }));
      await tx.audit({ actor: 'bot', action: 'run.running', runId: `${sent.id}.1`, data: { actionId: trailed } });
      await tx.insertRun(aRun(looking, 1, { status: 'reconciling', attempt: 1, actionId: null }));
    });
  }

  it('lists, over all pages, what the records don’t know as ours, and what it says of itself', async () => {
    const { listed, actions: found, note } = JSON.parse(await told(true)) as Listed;
    assert.equal(listed, 6);
    assert.deepEqual(
      found.map(({ id, standing }) => [id, standing]),
      [
        [actions.open, 'open'],
        [actions.forged, 'claims'],
        [actions.invented, 'claims'],
        [actions.foreign, 'foreign'],
      ],
    );
    assert.equal(found[2]?.runId, 'LR-ABCDEF.1');
    assert.match(found[0]?.machine ?? '', /\./);
    assert.match(note, /Sessions that people open in the portal are not listed/);
  });

  it('tells it in lines that nobody’s comment can add to', async () => {
    const text = await told(false);
    const lines = text.trimEnd().split('\n');
    assert.match(
      lines[0] ?? '',
      /^Defender lists 6 live response actions since .*Z\. 4 of them are not known as ours\.$/,
    );
    assert.equal(lines.length, 1 + 4 * 3 + 1);
    assert.match(text, new RegExp(`Z {2}${actions.foreign} {2}\\S+ \\([0-9a-f]+\\) {2}by `));
    assert.match(text, /^ {4}bears no run id of ours$/m);
    assert.match(text, /^ {4}bears the run id LR-ABCDEF\.1, but isn’t the action of that run$/m);
    assert.match(text, /^ {4}may be the action of LR-\w{6}\.1, for which the records have none \(yet\)$/m);
    assert.match(text, /^ {4}comment: cleanup 2030-01-01 nothing to see \[2J$/m);
  });

  it('lists only what was started since', async () => {
    const text = await told(false, tenant.state().now + 3_600_000);
    assert.match(text, /^Defender lists 0 live response actions since .* All of them are ours\.\n/);
  });

  it('takes a refusal for no answer, never for “all ours”', async () => {
    tenant.control.set({ roles: ['Machine.LiveResponse'] });
    const powerless = newClient();
    const since = tenant.state().now - 3_600_000;
    await assert.rejects(reconciledOn(opened, powerless, { since, json: false }), { code: 'defender_forbidden' });
    powerless.close();
    await assert.rejects(reconciled({ since: 'yesterday' }, env), { code: 'usage' });
  });

  it('pays its reads out of what all instances share, and gives up where that is spent', async () => {
    const { store } = opened;
    const pages = [{ count: 3, within: 3_600_000 }];
    assert.ok((await store.transaction((tx) => tx.takeCall('defender_read', pages))) > 0);
    await store.transaction((tx) => tx.blockBudget('defender_read', Date.now() + 60_000));
    await assert.rejects(told(false), { code: 'defender_throttled' });
  });

  it('says who holds the folder of the embedded database, and needs no more settings than it names', async () => {
    await assert.rejects(reconciled({}, env), { code: 'folder_locked', message: /is in use by process \d+/ });
    const { DEFENDER_CLIENT_SECRET: _, ...few } = env;
    await assert.rejects(reconciled({}, few), { code: 'config', message: /DEFENDER_CLIENT_SECRET/ });
    await opened.close();
    await assert.rejects(reconciled({}, env), { code: 'defender_throttled' });
  });
});
