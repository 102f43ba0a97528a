import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { readBudget } from '../../src/read-budget.ts';
import { busiest, fillLine } from '../support/line.ts';
import { createTenantWorld, type TenantWorld } from '../support/tenant-world.ts';
import { createWorld, type World } from '../support/world.ts';
import { clientOf, json, startStandIn } from './stand-in.ts';

const MINUTE = 60_000;
const STEP = 10_000;
const READS = ['actions', 'action', 'machines', 'machine', 'library'] as const;

describe('An outage at Defender', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function setUp(): Promise<TenantWorld> {
    const setup = await createTenantWorld();
    closing.push(() => setup.close());
    return setup;
  }

  it('of some minutes costs a few reads, and is over for all within a minute or so', async () => {
    const { world, tenant, approved, pass } = await setUp();
    const running = await approved('get ws-042 C:\\Temp\\a.log');
    const machines = (await world.deps.defender.findMachines('ws-', { fresh: true, purpose: 'people' })).slice(2, 11);
    for (const on of READS) tenant.control.fault({ kind: 'bare', status: 500, on, times: 100_000 });
    const before = tenant.state().calls.length;
    const line = await fillLine(world, machines);
    const reads = () =>
      tenant
        .state()
        .calls.slice(before)
        .filter(({ server, method }) => server === 'api' && method === 'GET');
    for (let time = 0; time < 8 * MINUTE; time += STEP) await pass(STEP);
    const during = reads().map(({ at }) => at);
    assert.ok(during.length > 10 && during.length < 40, `${during.length} reads`);
    assert.ok(busiest(during) < 20, `${busiest(during)} reads in a minute`);
    tenant.control.clearFaults();
    for (let time = 0; time < 70_000; time += STEP) await pass(STEP);
    assert.equal((await world.run(running)).status, 'succeeded');
    for (let time = 0; time < 2 * MINUTE; time += STEP) await pass(STEP);
    for (const id of line) assert.notEqual((await world.run(id)).status, 'queued', id);
  }).timeout(60_000);
});

describe('The turns of reads in an outage', () => {
  let world: World;
  let one: ReturnType<typeof readBudget>;
  let two: ReturnType<typeof readBudget>;
  beforeEach(async () => {
    world = await createWorld();
    one = readBudget(world.store);
    two = readBudget(world.store);
  });
  const go = { wait: 0, outage: false };

  it('are one at a time for all instances, with pauses that double up to a minute', async () => {
    await one.readEnded(false);
    const pauses: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      const { wait, outage } = await two.takeRead('people');
      assert.ok(wait > 0 && outage);
      pauses.push(wait);
      world.advance(wait);
      assert.deepEqual(await one.takeRead('watch'), { wait: 0, outage: true });
      assert.deepEqual(await two.takeRead('run'), { wait: 10_000, outage: true }, 'one is on its way');
      await one.readEnded(false);
    }
    assert.deepEqual(
      pauses.map((pause) => pause / 1_000),
      [2, 4, 8, 16, 32, 60, 60, 60],
    );
  });

  it('are everybody’s again after the first answer', async () => {
    await one.readEnded(false);
    world.advance(2_000);
    await one.takeRead('watch');
    await one.readEnded(true);
    assert.deepEqual([await one.takeRead('run'), await two.takeRead('people')], [go, go]);
  });

  it('are not put off further by several reads that fail together', async () => {
    for (let failed = 0; failed < 9; failed++) await (failed % 2 === 0 ? one : two).readEnded(false);
    assert.equal((await two.takeRead('run')).wait, 2_000);
  });

  it('go to somebody else where a try died with its process', async () => {
    await one.readEnded(false);
    world.advance(2_000);
    await one.takeRead('watch');
    world.advance(35_000);
    assert.deepEqual(await two.takeRead('watch'), { wait: 0, outage: true });
  });
});

describe('The share of watching', () => {
  it('is left by all others: a look in fifteen seconds, whatever they spend', async () => {
    const world = await createWorld();
    const { takeRead } = readBudget(world.store);
    const looks: number[] = [];
    let all = 0;
    for (let time = 0; time < 61 * MINUTE; time += 15_125) {
      for (const spender of ['run', 'people'] as const) {
        while (all < 10_000 && (await takeRead(spender)).wait === 0) all += 1;
      }
      if ((await takeRead('watch')).wait === 0) looks.push(time);
      world.advance(15_125);
    }
    assert.equal(looks.length, Math.ceil((61 * MINUTE) / 15_125));
    assert.ok(all > 1_000 && all <= 2 * 1_260, `${all} reads of others`);
  }).timeout(60_000);
});

describe('Each call to Defender is a read', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('counted as such, also the second after a 401; where fresh tokens are refused too, none is forced for a minute', async () => {
    const standIn = await startStandIn((_seen, res) => json(res, 401, {}));
    const time = { now: Date.now() };
    const { client, purposes } = clientOf(standIn.url, { clock: { now: () => time.now } });
    closing.push(() => client.close(), standIn.close);
    const read = () => client.library({ fresh: true, purpose: 'run' }).catch(({ code }) => code);
    for (let reads = 0; reads < 4; reads++) assert.equal(await read(), 'defender_sign_in');
    assert.deepEqual([standIn.seen.length, purposes.length, standIn.tokens.length], [5, 5, 2]);
    time.now += MINUTE;
    await read();
    assert.deepEqual([standIn.seen.length, purposes.length, standIn.tokens.length], [7, 7, 3]);
  });

  it('which is not spent where there is no token', async () => {
    const standIn = await startStandIn((_seen, res) => json(res, 200, { value: [] }));
    standIn.signIn = (_seen, res) => json(res, 500, {});
    const { client, purposes } = clientOf(standIn.url);
    closing.push(() => client.close(), standIn.close);
    await assert.rejects(client.library({ fresh: true, purpose: 'run' }), { code: 'defender_unreachable' });
    assert.deepEqual(purposes, []);
  });
});
