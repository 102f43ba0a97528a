import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { readBudget } from '../../src/read-budget.ts';
import { createWorld } from '../support/world.ts';
import { clientOf, type Handler, json, refusal, startStandIn, wireAction } from './stand-in.ts';

const guid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const guids = (count: number) => Array.from({ length: count }, (_unused, n) => guid(n));
const single = (path: string) => /^\/api\/machineactions\/([0-9a-f-]+)$/.exec(path)?.[1];

/** Simulated; an hour of it takes some 10 s. */
const MINUTES = Number(process.env.MINUTES ?? 12);

describe('actions read one by one', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** A Defender that refuses lists by id (or answers them as told), with a clock that tests move. */
  async function setUp(answer: (id: string) => object | null, list: Handler | null = null) {
    const time = { now: 1_000_000 };
    const standIn = await startStandIn((seen, res) => {
      const id = single(seen.path);
      if (id === undefined) {
        return list === null ? refusal(res, 400, 'BadRequest', 'The operator in is not supported.') : list(seen, res);
      }
      const action = answer(id);
      return action === null ? refusal(res, 404, 'ResourceNotFound', 'No such action.') : json(res, 200, action);
    });
    const setup = clientOf(standIn.url, { clock: { now: () => time.now } });
    closing.push(() => setup.client.close(), standIn.close);
    const looked = () => standIn.seen.splice(0).flatMap((seen) => single(seen.path) ?? []);
    return { standIn, time, looked, ...setup };
  }
  const pending = (id: string) => wireAction({ id });

  it('are read so where Defender refuses lists by id, which is remembered and said once', async () => {
    const { standIn, client, time, logged } = await setUp((id) => (id === guid(2) ? null : pending(id)));
    const look = await client.actions([guid(1), guid(2), guid(3)]);
    assert.deepEqual(
      look.shown.map((action) => action.id),
      [guid(1), guid(3)],
    );
    assert.deepEqual(look.unknown, [guid(2)]);
    const lists = () => standIn.seen.filter((seen) => seen.path.includes('$filter')).length;
    time.now += 60_000;
    await client.actions([guid(1), guid(2), guid(3)]);
    assert.deepEqual([lists(), standIn.seen.length], [1, 7]);
    time.now += 11 * 60_000;
    await client.actions([guid(1)]);
    assert.equal(lists(), 2, 'it may take them by now');
    assert.equal(logged.filter((line) => line.includes('one by one')).length, 1);
  });

  for (const [what, list] of [
    ['answers 501, as OData does to an operator it lacks', (_seen, res) => refusal(res, 501, 'NotImplemented', '')],
    [
      'goes on at a foreign host',
      (_seen, res) => json(res, 200, { value: [], '@odata.nextLink': 'https://evil.example.com/api/machineactions' }),
    ],
    ['lists what is no list', (_seen, res) => json(res, 200, { odd: 1 })],
  ] satisfies [string, Handler][]) {
    it(`are read so where Defender ${what}`, async () => {
      const { standIn, client } = await setUp(pending, list);
      assert.equal((await client.actions(guids(2))).shown.length, 2);
      const lists = () => standIn.seen.filter((seen) => seen.path.includes('$filter')).length;
      const asked = lists();
      await client.actions(guids(2));
      assert.equal(lists(), asked, 'that is remembered');
    });
  }

  it('are tried where lists fail again and again, since it may be the list alone that fails', async () => {
    const fail: Handler = (_seen, res) => json(res, 500, {});
    const { standIn, client, looked, logged } = await setUp(pending, fail);
    for (let i = 0; i < 2; i++) await assert.rejects(client.actions(guids(2)), { code: 'defender_unreachable' });
    assert.deepEqual(looked(), []);
    assert.equal((await client.actions(guids(2))).shown.length, 2);
    standIn.seen.length = 0;
    await client.actions(guids(3));
    assert.deepEqual(looked(), [guid(2)], 'and no list for a while');
    assert.equal(logged.filter((line) => line.includes('one by one')).length, 1);
  });

  it('are two at a time at most while nothing at all is answered', async () => {
    const standIn = await startStandIn((_seen, res) => json(res, 500, {}));
    const { client } = clientOf(standIn.url);
    closing.push(() => client.close(), standIn.close);
    for (let i = 0; i < 5; i++) await assert.rejects(client.actions(guids(6)), { code: 'defender_unreachable' });
    const tried = () => standIn.seen.splice(0).flatMap(({ path }) => single(path) ?? []);
    assert.deepEqual(tried(), [guid(0), guid(0), guid(1), guid(1)], 'each once more, as all reads');
    await assert.rejects(client.actions(guids(6)), { code: 'defender_unreachable' });
    assert.deepEqual([...new Set(tried())], [guid(2), guid(3)], 'the next time others have their turn');
  });

  it('are not kept from being read by one that can’t be, be it asked in vain or held back', async () => {
    const world = await createWorld();
    const time = { now: () => world.now() };
    const standIn = await startStandIn((seen, res) => {
      const id = single(seen.path);
      if (id === undefined) return refusal(res, 400, 'BadRequest', 'The operator in is not supported.');
      return id === guid(0) ? json(res, 500, {}) : json(res, 200, pending(id));
    });
    const { client } = clientOf(standIn.url, { clock: time, budget: readBudget(world.store) });
    closing.push(() => client.close(), standIn.close);
    let shown = 0;
    for (let look = 0; look < 24; look++) {
      world.advance(5_000);
      const seen = await client.actions(guids(3));
      shown += seen.shown.length;
      assert.deepEqual(seen.unknown, []);
    }
    assert.ok(shown >= 15, `${shown} answers in two minutes, of 24 such reads at most`);
    const inVain = standIn.seen.filter(({ path }) => single(path) === guid(0)).length;
    assert.ok(inVain >= 4 && inVain <= 12, `${inVain} reads of the broken one`);
  });

  it('have their turn one after the other, and of those whose turn hasn’t come nothing is said', async () => {
    const { client, looked } = await setUp(pending);
    const ids = guids(15);
    const sizes: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { shown, unknown } = await client.actions(ids);
      sizes.push(shown.length);
      assert.deepEqual(unknown, []);
    }
    assert.deepEqual(sizes, [6, 6, 3, 0]);
    assert.deepEqual(looked(), ids);
  });

  it('are read the sooner again the fresher their last change is', async () => {
    let status = 'Pending';
    const { client, time, looked } = await setUp((id) =>
      wireAction({ id, status: id === guid(1) ? status : 'Pending' }),
    );
    const ids = guids(3);
    for (let i = 0; i < 120; i++) {
      await client.actions(ids);
      time.now += 5_000;
    }
    status = 'InProgress';
    time.now += 60_000;
    await client.actions(ids);
    looked();
    for (let i = 0; i < 12; i++) {
      time.now += 5_000;
      await client.actions(ids);
    }
    const turns = looked();
    const of = (id: string) => turns.filter((one) => one === id).length;
    assert.equal(of(guid(1)), 12);
    assert.ok(of(guid(0)) <= 2 && of(guid(2)) <= 2, turns.join(' '));
  });

  it('wait for their turn without keeping anybody, and without an error', async () => {
    const { client, looked, waits, purposes } = await setUp(pending);
    waits.push(0, 0, 2_000);
    const { shown } = await client.actions(guids(4));
    assert.equal(shown.length, 1);
    assert.deepEqual(purposes, ['watch', 'single', 'single']);
    waits.push(2_000);
    assert.deepEqual(await client.actions(guids(4)), { shown: [], unknown: [] });
    assert.deepEqual(looked(), [guid(0)]);
    await client.actions(guids(4));
    assert.deepEqual(looked(), [guid(1), guid(2), guid(3)]);
  });

  it('keep nobody else from being read when there is trouble with one', async () => {
    const { client, looked } = await setUp((id) => (id === guid(0) ? wireAction({ id: guid(9) }) : pending(id)));
    const { shown, unknown, unread } = await client.actions(guids(8));
    assert.equal(shown.length, 5);
    assert.deepEqual(unread, [{ id: guid(0), code: 'defender_unexpected' }]);
    assert.deepEqual(unknown, [], 'another action than was asked for proves nothing');
    looked();
    await client.actions(guids(8));
    assert.deepEqual(looked(), [guid(6), guid(7)]);
  });

  it('fail where none was answered', async () => {
    const { standIn, client } = await setUp(pending);
    standIn.signIn = (_seen, res) => json(res, 500, {});
    await assert.rejects(client.actions(guids(2)), { code: 'defender_unreachable' });
  });

  it('that lists lack are looked for by their id, a few at a time and not with every call', async () => {
    const list: Handler = (_seen, res) => json(res, 200, { value: [pending(guid(0)), pending(guid(99))] });
    const { client, time, looked } = await setUp((id) => (id === guid(1) ? pending(id) : null), list);
    const look = await client.actions(guids(8));
    assert.deepEqual(
      look.shown.map(({ id }) => id),
      [guid(0), guid(1)],
    );
    assert.deepEqual(look.unknown, guids(7).slice(2));
    assert.equal(looked().length, 6);
    await client.actions(guids(8));
    assert.deepEqual(looked(), [guid(7)]);
    time.now += 5_000;
    await client.actions(guids(8));
    assert.deepEqual(looked(), [guid(1)]);
    time.now += 5_000;
    await client.actions(guids(8));
    assert.deepEqual(looked(), guids(7).slice(1));
  });

  for (const [status, body, code] of [
    [200, { odd: 1 }, 'defender_unexpected'],
    [500, {}, 'defender_unreachable'],
    [403, {}, 'defender_forbidden'],
  ] as const) {
    it(`that lists lack are only not known of where looking for them is answered ${status}, and it is told why`, async () => {
      const standIn = await startStandIn((seen, res) =>
        single(seen.path) === undefined ? json(res, 200, { value: [pending(guid(0))] }) : json(res, status, body),
      );
      const { client } = clientOf(standIn.url);
      closing.push(() => client.close(), standIn.close);
      const { shown, unknown, unread } = await client.actions(guids(2));
      assert.deepEqual([shown.length, unknown, unread], [1, [], [{ id: guid(1), code }]]);
    });
  }

  it('keep to a pace that leaves half of an hour’s reads to others, 25 at once, with two instances', async () => {
    const world = await createWorld();
    const standIn = await startStandIn((seen, res) => {
      const id = single(seen.path);
      at.push(world.now());
      if (id === undefined) return refusal(res, 400, 'BadRequest', '');
      turns.set(id, [...(turns.get(id) ?? [start]), world.now()]);
      json(res, 200, pending(id));
    });
    const at: number[] = [];
    const turns = new Map<string, number[]>();
    const start = world.now();
    // Two instances that look in turn, as they do: what they may read is counted in the one database.
    const instances = [0, 1].map(() => {
      const { client } = clientOf(standIn.url, { clock: { now: world.now }, budget: readBudget(world.store) });
      closing.push(() => client.close());
      return client;
    });
    closing.push(standIn.close);
    const ids = guids(25);
    for (let turn = 0; world.now() < start + MINUTES * 60_000; turn++) {
      assert.deepEqual((await instances[turn % 2]?.actions(ids))?.unknown, []);
      world.advance(5_000);
    }
    assert.ok(at.length <= 20 + 12 * MINUTES, `${at.length} reads`);
    const busiest = Math.max(...at.map((from) => at.filter((one) => one >= from && one < from + 60_000).length));
    assert.ok(busiest <= 15, `${busiest} reads in a minute`);
    const gaps = ids.map((id) => {
      const all = [...(turns.get(id) ?? []), world.now()];
      return Math.max(...all.slice(1).map((one, n) => one - (all[n] ?? 0)));
    });
    assert.ok(Math.max(...gaps) <= 180_000, `one wasn’t looked at for ${Math.max(...gaps) / 1000} s`);
  }).timeout(60_000);
});
