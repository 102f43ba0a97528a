import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { DefenderError } from '../../src/errors.ts';
import type { TenantOptions } from '../../src/playground/defender-tenant/index.ts';
import { stateLine } from '../support/story.ts';
import { createTenantWorld, type TenantWorld } from '../support/tenant-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PEOPLE = { fresh: true, purpose: 'people' as const };

describe('What is known of Defender, in the whole way of a run', () => {
  let open: TenantWorld | null = null;
  afterEach(() => open?.close());

  async function setUp(options: TenantOptions = {}): Promise<TenantWorld> {
    open = await createTenantWorld(options);
    return open;
  }

  for (const [queueEnds, status, words] of [
    ['TimeOut', 'timed_out', /^✘ Timed out: Defender gave up\. Nothing shows that ws-013 picked it up\.$/],
    ['Failed', 'failed', /^✘ Failed/],
  ] as const) {
    it(`a machine that stays off is waited for until Defender says ${queueEnds}, whatever we take its patience to be`, async () => {
      const { world, tenant, approved, pass } = await setUp({ queueEnds, queueMs: 3 * HOUR });
      const id = await approved('run ws-013 Get-Processes.ps1');
      await pass(2 * HOUR + 30 * MINUTE);
      assert.equal((await world.run(id)).status, 'running', 'the two hours of the policy end nothing');
      await pass(HOUR);
      assert.equal((await world.run(id)).status, status);
      assert.match(stateLine(world, id.slice(0, -2)), words);
      assert.equal(tenant.state().actions[0]?.started, false);
    });
  }

  it('a script that Defender stops after ten minutes has timed out, and what came after it did not run', async () => {
    const { world, tenant, approved, pass } = await setUp();
    tenant.control.putFile({ fileName: 'Slow.ps1', content: 'Start-Sleep 3600', workMs: HOUR });
    const id = await approved('run ws-042 Slow.ps1 then get C:\\Temp\\a.log');
    for (let minute = 0; minute < 15; minute++) await pass(MINUTE);
    const run = await world.run(id);
    assert.deepEqual([run.status, run.commands[0]?.state, run.commands[1]?.state], ['timed_out', 'failed', 'waiting']);
    assert.match(run.commands[0]?.errors.join(' ') ?? '', /10 minutes/);
    assert.equal(run.commands[1]?.raw, 'Created');
  });

  it('a collected file may have no start: it is picked up all the same', async () => {
    const { world, approved, pass } = await setUp();
    const id = await approved('get ws-042 C:\\Temp\\a.log');
    await pass(MINUTE);
    const run = await world.run(id);
    assert.deepEqual([run.actionStatus, run.commands[0]?.startedAt], ['InProgress', null]);
    assert.notEqual(run.pickedUpAt, null);
    await pass(5 * MINUTE);
    const ended = await world.run(id);
    assert.deepEqual([ended.status, ended.commands[0]?.result], ['succeeded', 'collected']);
  });

  it('nothing is asked of Defender but what a run needs', async () => {
    const { tenant, approved, pass } = await setUp();
    await approved('put ws-042 yara-rules.yar then run Get-Processes.ps1 then get C:\\Temp\\a.log');
    for (let minute = 0; minute < 6; minute++) await pass(MINUTE);
    const needed = [
      'POST /<id>/oauth2/v2.0/token',
      'GET /api/machines',
      'GET /api/machines/<id>',
      'GET /api/libraryfiles',
      'POST /api/machines/<id>/runliveresponse',
      'GET /api/machineactions',
      'GET /api/machineactions/<id>/GetLiveResponseResultDownloadLink(index=1)',
      // How large the collected file is.
      'GET /api/machineactions/<id>/GetLiveResponseResultDownloadLink(index=2)',
      'GET /investigation-actions-data/<id>/CustomPlaybookCommandOutput/<id>',
    ];
    const calls = tenant
      .state()
      .calls.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{32,}/g, '<id>')}`);
    assert.deepEqual(
      calls.filter((call) => !needed.includes(call)),
      [],
    );
    assert.equal(calls.filter((call) => call.startsWith('POST /api/')).length, 1);
    assert.ok(calls.some((call) => call.includes('CustomPlaybookCommandOutput')));
  });

  it('a machine may never have reported, and have neither risk nor exposure', async () => {
    const { client } = await setUp();
    const [machine] = await client.findMachines('ws-055', PEOPLE);
    assert.deepEqual([machine?.lastSeen, machine?.risk, machine?.health], [null, '', 'NoSensorData']);
  });

  it('ids of 32 digits are ids too', async () => {
    const { client, tenant } = await setUp();
    const [model] = tenant.machines.all();
    assert.ok(model !== undefined);
    const id = 'a1b2c3d4'.repeat(4);
    tenant.machines.all().push({ ...model, id });
    assert.deepEqual(
      (await client.findMachines(id, PEOPLE)).map((machine) => machine.id),
      [id],
    );
    assert.equal((await client.machine(id, PEOPLE))?.id, id);
  });

  it('pages may go on at another host of Defender, and nowhere else', async () => {
    const { client, tenant } = await setUp({ pageSize: 5 });
    const ids = tenant.machines.all().map(({ id }) => id);
    assert.ok(ids.length > 5);
    tenant.control.set({ nextLinkOrigin: tenant.apiUrl.replace('127.0.0.1', 'localhost') });
    assert.equal((await client.machinesBy(ids, 'people')).length, ids.length);
    tenant.control.set({ nextLinkOrigin: 'https://defender.example' });
    const error = await client.machinesBy(ids, 'people').catch((reason: unknown) => reason);
    assert.ok(error instanceof DefenderError && error.code === 'defender_unexpected');
  });
});

describe('The budget of reads', () => {
  let open: TenantWorld | null = null;
  afterEach(() => open?.close());

  it('leaves room for what people wait for: their look-ups stop before watching and sending do', async () => {
    open = await createTenantWorld();
    const { client, tenant, world } = open;
    const reads = () =>
      tenant.state().calls.filter(({ server, method }) => server === 'api' && method === 'GET').length;
    const untilRefused = async (purpose: 'people' | 'run') => {
      for (;;) {
        const error = await client.library({ fresh: true, purpose }).then(
          () => null,
          (reason: unknown) => reason,
        );
        if (error === null) continue;
        assert.ok(error instanceof DefenderError && error.code === 'defender_throttled', String(error));
        return;
      }
    };
    await untilRefused('people');
    assert.equal(reads(), 70);
    await untilRefused('run');
    assert.equal(reads(), 94);
    await client.actions(['5382f7ea-7557-4ab7-9782-d50480024a4e']);
    assert.ok(reads() > 94, 'watching goes on');
    world.advance(MINUTE + 500);
    await client.library({ fresh: true, purpose: 'people' });
    assert.ok(tenant.state().calls.every(({ status }) => status !== 429));
  });
});
