import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { Rate, Store, Tx } from '../../src/flow/ports.ts';
import { readBudget } from '../../src/read-budget.ts';
import { busiest, fillLine } from '../support/line.ts';
import { createTenantWorld, type TenantWorld } from '../support/tenant-world.ts';
import { createWorld, T0, type World } from '../support/world.ts';
import { clientOf, type Handler, json, startStandIn } from './stand-in.ts';

const MINUTE = 60_000;
const STEP = 10_000;
const READS = ['actions', 'action', 'machines', 'machine', 'library'] as const;
const LIST = { kind: 'actions', one: null };

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
    const machines = (await world.deps.defender.findMachines('ws-', { fresh: true, purpose: 'people' })).slice(2, 7);
    for (const on of READS) tenant.control.fault({ kind: 'bare', status: 500, on, times: 100_000 });
    const before = tenant.state().calls.length;
    const line = await fillLine(world, machines);
    const reads = () =>
      tenant
        .state()
        .calls.slice(before)
        .filter(({ server, method }) => server === 'api' && method === 'GET');
    for (let time = 0; time < 5 * MINUTE; time += STEP) await pass(STEP);
    const during = reads().map(({ at }) => at);
    assert.ok(during.length > 5 && during.length < 30, `${during.length} reads`);
    assert.ok(busiest(during) < 20, `${busiest(during)} reads in a minute`);
    tenant.control.clearFaults();
    for (let time = 0; time < 70_000; time += STEP) await pass(STEP);
    assert.equal((await world.run(running)).status, 'succeeded');
    for (let time = 0; time < MINUTE; time += STEP) await pass(STEP);
    for (const id of line) assert.notEqual((await world.run(id)).status, 'queued', id);
  }).timeout(60_000);
});

describe('One broken result', () => {
  it('keeps nobody from seeing how runs go and end, and is asked for less and less often', async () => {
    const { world, tenant, approved, pass, close } = await createTenantWorld();
    try {
      tenant.control.fault({ kind: 'bare', status: 500, on: 'result', times: 100_000 });
      const id = await approved('run ws-042 minidump.ps1 OfficeClickToRun');
      const before = tenant.state().calls.length;
      for (let time = 0; time < 4 * MINUTE; time += STEP) await pass(STEP);
      assert.equal((await world.run(id)).status, 'succeeded');
      const links = tenant
        .state()
        .calls.slice(before)
        .filter(({ path }) => path.includes('DownloadLink'));
      assert.ok(links.length >= 4 && links.length <= 10, `${links.length} reads of the result`);
    } finally {
      await close();
    }
  }).timeout(60_000);
});

describe('The turns of reads in an outage', () => {
  let world: World;
  let one: ReturnType<typeof readBudget>;
  let two: ReturnType<typeof readBudget>;
  beforeEach(async () => {
    world = await createWorld();
    one = readBudget(world.store, () => 0);
    two = readBudget(world.store, () => 0);
  });
  const go = { wait: 0, outage: false };
  const result = (id: string) => ({ kind: 'result_link', one: id });

  it('are one at a time for all instances, with pauses that double up to a minute', async () => {
    await one.readEnded(false, LIST);
    const pauses: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      const { wait, outage } = await two.takeRead('people', LIST);
      assert.ok(wait > 0 && outage);
      pauses.push(wait);
      world.advance(wait);
      assert.deepEqual(await one.takeRead('watch', LIST), { wait: 0, outage: true });
      assert.deepEqual(await two.takeRead('run', LIST), { wait: 10_000, outage: true }, 'one is on its way');
      await one.readEnded(false, LIST);
    }
    assert.deepEqual(
      pauses.map((pause) => pause / 1_000),
      [2, 4, 8, 16, 32, 60, 60, 60],
    );
  });

  it('are everybody’s again after the first answer', async () => {
    await one.readEnded(false, LIST);
    world.advance(2_000);
    await one.takeRead('watch', LIST);
    await one.readEnded(true, LIST);
    assert.deepEqual([await one.takeRead('run', LIST), await two.takeRead('people', LIST)], [go, go]);
  });

  it('are not put off further by several reads that fail together', async () => {
    for (let failed = 0; failed < 9; failed++) await (failed % 2 === 0 ? one : two).readEnded(false, LIST);
    assert.equal((await two.takeRead('run', LIST)).wait, 2_000);
  });

  it('go to somebody else where a try died with its process', async () => {
    await one.readEnded(false, LIST);
    world.advance(2_000);
    await one.takeRead('watch', LIST);
    world.advance(35_000);
    assert.deepEqual(await two.takeRead('watch', LIST), { wait: 0, outage: true });
  });

  it('are those of one kind of question: the others go on', async () => {
    await one.readEnded(false, { kind: 'library', one: null });
    assert.deepEqual(await two.takeRead('watch', LIST), go);
    await two.readEnded(true, LIST);
    assert.equal((await two.takeRead('run', { kind: 'library', one: null })).outage, true);
  });

  it('hold back one thing alone where the others of its kind are answered, and all where two fail', async () => {
    await one.readEnded(false, result('a'));
    assert.equal((await two.takeRead('run', result('a'))).wait, 2_000);
    assert.deepEqual(await two.takeRead('run', result('b')), go);
    await two.readEnded(true, result('b'));
    assert.equal((await one.takeRead('run', result('a'))).outage, true, 'another one’s answer says nothing of it');
    await two.readEnded(false, result('b'));
    assert.equal((await one.takeRead('run', result('c'))).wait, 2_000);
    world.advance(2_000);
    assert.deepEqual(await one.takeRead('run', result('c')), { wait: 0, outage: true });
    await one.readEnded(true, result('c'));
    assert.deepEqual(await two.takeRead('run', result('a')), go);
  });

  it('come to all who wait for them, in no order that would give them to the same one each time', async () => {
    const spread = readBudget(world.store, () => 0.5);
    await spread.readEnded(false, LIST);
    assert.equal((await spread.takeRead('run', LIST)).wait, 4_500);
  });
});

describe('The share of watching', () => {
  /** Sliding windows in memory: hours of reads in a moment. */
  function quickStore(clock: { now: number }): Pick<Store, 'transaction'> {
    let taken: { budget: string; at: number }[] = [];
    const waitFor = (budget: string, { count, within }: Rate) => {
      const inside = taken.filter((call) => call.budget === budget && call.at > clock.now - within);
      return inside.length < count ? 0 : (inside.at(-count)?.at ?? 0) + within - clock.now;
    };
    const tx: Partial<Tx> = {
      setting: async () => null,
      async takeCall(budget, limits) {
        const wait = Math.max(...limits.map((limit) => waitFor(budget, limit)));
        if (wait === 0) taken = [...taken, { budget, at: clock.now }];
        return wait;
      },
    };
    return {
      async transaction(work) {
        const before = taken;
        try {
          return await work(tx as Tx);
        } catch (error) {
          taken = before;
          throw error;
        }
      },
    };
  }

  it('is left by all others: a look in fifteen seconds, whatever they spend', async () => {
    const clock = { now: T0 };
    const { takeRead } = readBudget(quickStore(clock));
    const others: number[] = [];
    const looks: number[] = [];
    for (; clock.now < T0 + 150 * MINUTE; clock.now += 15_125) {
      for (const spender of ['run', 'people'] as const) {
        while ((await takeRead(spender, LIST)).wait === 0) others.push(clock.now);
      }
      assert.equal((await takeRead('watch', LIST)).wait, 0, `${others.length} reads of others, ${looks.length} looks`);
      looks.push(clock.now);
    }
    const all = [...others, ...looks].sort((a, b) => a - b);
    assert.ok(busiest(all) <= 100 && busiest(all, 60 * MINUTE) <= 1_500);
    assert.ok(others.length > 2 * 1_000, `${others.length} reads of others`);
  });
});

describe('The minute of reads', () => {
  it('is half a second longer than Defender’s: the first read may be slower on its way than the one a minute later', async () => {
    const world = await createWorld();
    const { takeRead } = readBudget(world.store);
    for (let reads = 0; reads < 94; reads++) assert.equal((await takeRead('run', LIST)).wait, 0);
    world.advance(60_200);
    assert.deepEqual(await takeRead('run', LIST), { wait: 300, outage: false });
  });
});

describe('A read tells everybody whether Defender answers', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** What one read told, and how often it was made. */
  async function told(handler: Handler, turn = { wait: 0, outage: false }) {
    const standIn = await startStandIn(handler);
    const ends: boolean[] = [];
    const budget = {
      takeRead: async () => turn,
      readEnded: async (answered: boolean) => void ends.push(answered),
      blockReads: async () => undefined,
    };
    const { client } = clientOf(standIn.url, { budget, timing: { deadline: 300 } });
    closing.push(() => client.close(), standIn.close);
    const read = client.library({ fresh: true, purpose: 'run' });
    const error = await read.then(
      () => null,
      ({ code, retryAfter, unasked }) => ({ code, retryAfter, unasked }),
    );
    return { ends, made: standIn.seen.length, error };
  }
  const fails: Handler = (_seen, res) => json(res, 500, {});

  it('once it has failed twice, or got no answer in its time', async () => {
    const error = { code: 'defender_unreachable', retryAfter: null, unasked: false };
    assert.deepEqual(await told(fails), { ends: [false], made: 2, error });
    assert.deepEqual(await told((_seen, res) => void res.destroy()), { ends: [false], made: 2, error });
    assert.deepEqual(await told(() => undefined), { ends: [false], made: 1, error });
  });

  it('also by a refusal', async () => {
    for (const status of [200, 400, 403, 404, 429]) {
      const { ends, made } = await told((_seen, res) => json(res, status, { value: [] }));
      assert.deepEqual([ends, made], [[true], 1], String(status));
    }
  });

  it('by one try in an outage, and doesn’t leave before its turn', async () => {
    const trying = await told(fails, { wait: 0, outage: true });
    assert.deepEqual([trying.ends, trying.made], [[false], 1]);
    const waiting = await told(fails, { wait: 40, outage: true });
    const error = { code: 'defender_unreachable', retryAfter: 40, unasked: true };
    assert.deepEqual(waiting, { ends: [], made: 0, error });
  });
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
