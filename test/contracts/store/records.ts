import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Machine } from '../../../src/model/machine.ts';
import type { Request, Run } from '../../../src/model/request.ts';
import { ALICE, aCommand, aRequest, aRun, BOB, type Subject, stored, T0, winners } from './fixtures.ts';

/** Requests, runs, decisions: what is stored, and who wins. */
export function recordsContract(subject: () => Subject): void {
  const store = () => subject().one.store;
  const other = () => subject().two.store;

  describe('a request', () => {
    it('is read back as it was stored', async () => {
      const { request } = await stored(subject(), aRequest({ reason: 'INC-1 “quoted” 😀', warnings: ['a', 'b'] }));
      assert.deepEqual(await store().transaction((tx) => tx.request(request.id)), request);
    });

    it('survives characters that a database cannot hold', async () => {
      const { request } = await stored(subject(), aRequest({ reason: 'a\0b\ud800c\\u0000', line: 'x\0y' }));
      const found = await store().transaction((tx) => tx.request(request.id));
      assert.equal(found?.reason, 'a\ufffdb\ufffdc\\u0000');
      assert.equal((await store().sameLine(ALICE, 'x\0y', T0))?.id, request.id);
    });

    it('does not replace another one with the same id', async () => {
      const { request } = await stored(subject(), aRequest());
      await assert.rejects(stored(subject(), aRequest({ id: request.id })), { code: 'conflict' });
    });

    it('is unknown by another id', async () => {
      assert.equal(await store().transaction((tx) => tx.request('LR-000000')), null);
    });

    it('is saved only by who has its newest version and status', async () => {
      const { request } = await stored(subject(), aRequest());
      const saved = await store().transaction((tx) => tx.saveRequest(request, { ...request, status: 'waiting' }));
      assert.deepEqual(saved, { ...request, status: 'waiting', version: 2 });
      assert.deepEqual(await store().transaction((tx) => tx.request(request.id)), saved);
      const stale = store().transaction((tx) => tx.saveRequest(request, { ...request, note: 'late' }));
      await assert.rejects(stale, { code: 'conflict' });
      const wrongStatus = store().transaction((tx) => tx.saveRequest({ ...saved, status: 'approved' }, saved));
      await assert.rejects(wrongStatus, { code: 'conflict' });
    });

    it('keeps one history, whatever sequence of fresh and stale writers comes', async () => {
      const step = fc.record({ writer: fc.nat(2), what: fc.constantFrom('read', 'save', 'lose'), note: fc.string() });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const { request } = await stored(subject(), aRequest());
          let truth = request;
          const seen: Request[] = [request, request, request];
          for (const { writer, what, note } of steps) {
            const before = seen[writer] ?? request;
            if (what === 'read') {
              seen[writer] = (await store().transaction((tx) => tx.request(request.id))) ?? before;
              assert.deepEqual(seen[writer], truth);
              continue;
            }
            const save = store().transaction(async (tx) => {
              const saved = await tx.saveRequest(before, { ...before, warnings: [...before.warnings, 'x'] });
              if (what === 'lose') throw new Error(note);
              return saved;
            });
            if (before.version !== truth.version) await assert.rejects(save, { code: 'conflict' });
            else if (what === 'lose') await assert.rejects(save);
            else truth = seen[writer] = await save;
          }
          assert.deepEqual(await store().transaction((tx) => tx.request(request.id)), truth);
        }),
        { numRuns: 15 },
      );
    });
  });

  describe('a run', () => {
    it('is read back as it was stored, in the order of its request', async () => {
      const many = Array.from({ length: 11 }, (_, index) => (request: Request) => aRun(request, index + 1));
      const { request, runs } = await stored(subject(), aRequest(), ...many);
      assert.deepEqual(await store().transaction((tx) => tx.runsOf(request.id)), runs);
      assert.deepEqual(await store().transaction((tx) => tx.run(runs[10]?.id ?? '')), runs[10]);
    });

    it('is among those to collect as long as something of it is to be read', async () => {
      const unread = { ...aCommand(), state: 'completed' as const, result: 'pending' as const };
      const read = { ...unread, result: 'collected' as const };
      const { request, runs } = await stored(
        subject(),
        aRequest(),
        (one) => aRun(one, 1, { commands: [read] }),
        (one) => aRun(one, 2, { commands: [read, unread] }),
      );
      const toCollect = () => store().transaction((tx) => tx.runsOf(request.id, { toCollect: true }));
      const [, second] = runs;
      assert.ok(second !== undefined);
      assert.deepEqual(await toCollect(), [second]);
      await store().transaction((tx) => tx.saveRun(second, { ...second, commands: [read, read] }));
      assert.deepEqual(await toCollect(), []);
    });

    it('is saved by exactly one of two at the same moment', async () => {
      const { runs } = await stored(subject(), aRequest(), (request) => aRun(request, 1));
      const [run] = runs;
      assert.ok(run);
      const save = (note: string) => (tx: Parameters<Parameters<ReturnType<typeof store>['transaction']>[0]>[0]) =>
        tx.saveRun(run, { ...run, note });
      const attempts = [store().transaction(save('a')), other().transaction(save('b')), store().transaction(save('c'))];
      assert.equal(await winners(attempts, 'conflict'), 1);
      assert.equal((await store().transaction((tx) => tx.run(run.id)))?.version, 2);
    });

    it('has its machine to itself while in flight', async () => {
      const first = await stored(subject(), aRequest(), (request) => aRun(request, 1));
      const run = first.runs[0];
      assert.ok(run);
      const second = await stored(subject(), aRequest(), (request) => aRun(request, 1, { machine: run.machine }));
      const rival = second.runs[0];
      assert.ok(rival);
      const take = (which: typeof run) => (who: ReturnType<typeof store>) =>
        who.transaction((tx) => tx.saveRun(which, { ...which, status: 'submitting' }));
      assert.equal(await winners([take(run)(store()), take(rival)(other())], 'conflict'), 1);
      const flying = await store().transaction(async (tx) => [await tx.run(run.id), await tx.run(rival.id)]);
      const [taken, free] = flying[0]?.status === 'submitting' ? flying : [flying[1], flying[0]];
      assert.ok(taken && free);
      await store().transaction((tx) => tx.saveRun(taken, { ...taken, status: 'failed' }));
      await take(free)(store());
    });

    it('leaves the transaction usable when its machine is taken', async () => {
      const first = await stored(subject(), aRequest(), (request) => aRun(request, 1, { status: 'running' }));
      const machine = first.runs[0]?.machine;
      assert.ok(machine);
      const { runs } = await stored(subject(), aRequest(), (request) => aRun(request, 1, { machine }));
      const [run] = runs;
      assert.ok(run);
      const note = await store().transaction(async (tx) => {
        await assert.rejects(tx.saveRun(run, { ...run, status: 'submitting' }), { code: 'conflict' });
        return (await tx.saveRun(run, { ...run, note: 'waits' })).note;
      });
      assert.equal(note, 'waits');
    });

    it('counts as a session while submitting, reconciling, or running and picked up', async () => {
      const count = () => store().transaction((tx) => tx.countSessions());
      const before = await count();
      const statuses = ['queued', 'submitting', 'reconciling', 'running', 'unclear', 'succeeded'] as const;
      await stored(
        subject(),
        aRequest(),
        ...statuses.map((status, index) => (request: Request) => aRun(request, index + 1, { status })),
        (request) => aRun(request, 9, { status: 'running', pickedUpAt: T0 }),
      );
      assert.equal((await count()) - before, 3);
    });
  });

  describe('a decision', () => {
    it('counts once per round and person, also at the same moment', async () => {
      const { request } = await stored(subject(), aRequest({ status: 'waiting' }));
      const decide = (who: ReturnType<typeof store>, round = 1, person = BOB) =>
        who.transaction((tx) =>
          tx.insertDecision({ requestId: request.id, round, person, verdict: 'approve', why: null, at: T0 }),
        );
      const taken = await Promise.all([decide(store()), decide(other()), decide(store()), decide(other())]);
      assert.equal(taken.filter(Boolean).length, 1);
      assert.equal(await decide(store(), 2), true);
      assert.equal(await decide(store(), 1, ALICE), true);
      const found = await store().transaction((tx) => tx.decisionsOf(request.id));
      assert.deepEqual(
        found.map((one) => [one.round, one.person.id]),
        [
          [1, 'U0ALICE'],
          [1, 'U0BOB'],
          [2, 'U0BOB'],
        ],
      );
    });
  });

  describe('a decision that is replaced', () => {
    it('is one still, also at the same moment as another of its person', async () => {
      const { request } = await stored(subject(), aRequest({ status: 'waiting' }));
      const decision = { requestId: request.id, round: 1, person: BOB, why: null, at: T0 };
      const approve = (who: ReturnType<typeof store>) =>
        who.transaction((tx) => tx.insertDecision({ ...decision, verdict: 'approve' }));
      const deny = (who: ReturnType<typeof store>) =>
        who.transaction((tx) => tx.replaceDecision({ ...decision, verdict: 'deny', at: T0 + 1 }));
      await Promise.all([approve(store()), deny(other()), approve(other()), deny(store())]);
      const found = await store().transaction((tx) => tx.decisionsOf(request.id));
      assert.deepEqual(found, [{ ...decision, verdict: 'deny', at: T0 + 1 }]);
    });

    it('leaves those of other people and rounds alone', async () => {
      const { request } = await stored(subject(), aRequest({ status: 'waiting' }));
      const decision = { requestId: request.id, why: null, at: T0 };
      await store().transaction(async (tx) => {
        await tx.insertDecision({ ...decision, person: ALICE, round: 1, verdict: 'approve' });
        await tx.insertDecision({ ...decision, person: BOB, round: 1, verdict: 'approve' });
        await tx.replaceDecision({ ...decision, person: BOB, round: 2, verdict: 'deny' });
      });
      const found = await store().transaction((tx) => tx.decisionsOf(request.id));
      assert.deepEqual(
        found.map(({ person, round, verdict }) => [person.id, round, verdict]),
        [
          ['U0ALICE', 1, 'approve'],
          ['U0BOB', 1, 'approve'],
          ['U0BOB', 2, 'deny'],
        ],
      );
    });
  });

  describe('a delivery', () => {
    it('is taken once, also at the same moment, and again when its transaction failed', async () => {
      const take = (who: ReturnType<typeof store>, key: string) => who.transaction((tx) => tx.takeDelivery(key));
      const results = await Promise.all([take(store(), 'd1'), take(other(), 'd1'), take(store(), 'd1')]);
      assert.deepEqual(results.filter(Boolean), [true]);
      const failed = store().transaction(async (tx) => {
        await tx.takeDelivery('d2');
        throw new Error('no');
      });
      await assert.rejects(failed, /no/);
      assert.equal(await take(other(), 'd2'), true);
    });
  });

  describe('queries', () => {
    it('find requests by status, platform, person, time and machine, newest first', async () => {
      const person = { ...ALICE, id: 'U0QUERY' };
      const made = await stored(
        subject(),
        aRequest({ requester: person, status: 'done', machine: 'WS-QUERY' }),
        (request) => aRun(request, 1, { status: 'succeeded' }),
      );
      const newer = await stored(subject(), aRequest({ requester: person, status: 'waiting', createdAt: T0 + 5 }));
      const ids = async (filter: object) =>
        (await store().requestsBy({ requester: person, limit: 10, ...filter })).map((request) => request.id);
      assert.deepEqual(await ids({}), [newer.request.id, made.request.id]);
      assert.deepEqual(await ids({ limit: 1 }), [newer.request.id]);
      assert.deepEqual(await ids({ status: ['done', 'denied'] }), [made.request.id]);
      assert.deepEqual(await ids({ status: [] }), []);
      assert.deepEqual(await ids({ since: T0 + 1 }), [newer.request.id]);
      assert.deepEqual(await ids({ platform: 'teams' }), []);
      const machine = made.runs[0]?.machine;
      assert.ok(machine);
      for (const name of [machine.id, machine.name.toUpperCase(), machine.name.split('.')[0], 'ws-query']) {
        assert.deepEqual(await ids({ machine: name }), [made.request.id]);
      }
    });

    it('find requests page by page, also those of the same moment', async () => {
      const requester = { ...ALICE, id: 'U0PAGES' };
      for (const createdAt of [T0, T0, T0 + 5]) await stored(subject(), aRequest({ requester, createdAt }));
      const all = await store().requestsBy({ requester, limit: 10 });
      const paged: Request[] = [];
      for (let page = await store().requestsBy({ requester, limit: 1 }); page[0] !== undefined; ) {
        paged.push(...page);
        page = await store().requestsBy({ requester, limit: 1, after: page[0] });
      }
      assert.deepEqual(paged, all);
      assert.equal(all.length, 3);
    });

    it('find the same line of the same person since a time', async () => {
      const line = 'get ws-7 C:\\a.log';
      const { request } = await stored(subject(), aRequest({ line, createdAt: T0 + 100 }));
      assert.deepEqual(await store().sameLine(ALICE, line, T0 + 100), request);
      assert.equal(await store().sameLine(ALICE, line, T0 + 101), null);
      assert.equal(await store().sameLine(BOB, line, T0), null);
    });

    it('know the digest that a file had when it was approved last', async () => {
      const file = (sha256: string) => ({
        ...{ command: 0, fileName: 'Dump.ps1', sha256, description: '', addedBy: '', updatedAt: '' },
      });
      await stored(subject(), aRequest({ files: [file('aa')], approvedAt: T0 }));
      await stored(subject(), aRequest({ files: [file('bb')], approvedAt: T0 + 1 }));
      await stored(subject(), aRequest({ files: [file('cc')] }));
      assert.equal(await store().lastApprovedDigest('Dump.ps1'), 'bb');
      assert.equal(await store().lastApprovedDigest('Other.ps1'), null);
    });

    it('put the line of queued runs in a fair order', async () => {
      const clear = await store().runsBy({ status: ['queued'] });
      for (const run of clear) await store().transaction((tx) => tx.saveRun(run, { ...run, status: 'cancelled' }));
      const busy = (request: Request) => aRun(request, 1, { status: 'running' });
      const queued = (number: number, queuedAt: number) => (request: Request) => aRun(request, number, { queuedAt });
      const big = await stored(subject(), aRequest(), busy, queued(2, T0), queued(3, T0), queued(4, T0));
      const small = await stored(subject(), aRequest(), queued(1, T0 + 50));
      const later = await stored(subject(), aRequest(), (request) =>
        aRun(request, 1, { queuedAt: T0 + 60, notBefore: T0 + 1_000 }),
      );
      const blocked = await stored(subject(), aRequest(), (request) =>
        aRun(request, 1, { queuedAt: T0 + 70, machine: machineOf(big) }),
      );
      const twin = await stored(subject(), aRequest(), (request) =>
        aRun(request, 1, { queuedAt: T0 + 80, machine: machineOf(small) }),
      );
      const ids = (runs: { id: string }[]) => runs.map((run) => run.id);
      const [, b2, b3, b4] = big.runs;
      const [s] = small.runs;
      const [l] = later.runs;
      const [t] = twin.runs;
      const [k] = blocked.runs;
      assert.ok(b2 && b3 && b4 && s && l && t && k);
      assert.deepEqual(ids(await store().dispatchable(T0, 10)), ids([s, b2, b3, b4]));
      assert.deepEqual(ids(await store().dispatchable(T0, 2)), ids([s, b2]));
      assert.deepEqual(ids(await store().dispatchable(T0 + 1_000, 10)), ids([s, l, b2, b3, b4]));
      const places = await Promise.all([s, l, k, t, b2, b3, b4].map((run) => store().placeInLine(run)));
      assert.deepEqual(places, [0, 1, 2, 3, 4, 5, 6]);
      assert.deepEqual(ids(await store().runsBy({ status: ['queued'], limit: 3 })), ids([b2, b3, b4]));
    });

    it('list nothing for no status', async () => {
      assert.deepEqual(await store().runsBy({ status: [] }), []);
    });
  });

  describe('a transaction', () => {
    it('refuses uses of the store inside of it that would wait for its own end', async () => {
      const nested = store().transaction(async () => await store().runsBy({ status: ['queued'] }));
      await assert.rejects(nested, /inside of a transaction/);
      const later = await store().transaction(async () => ({
        read: () => store().runsBy({ status: ['running'], limit: 1 }),
      }));
      await later.read();
    });
  });

  describe('small things', () => {
    it('keep outputs by run and command, the last one written', async () => {
      const { request, runs } = await stored(subject(), aRequest(), (one) => aRun(one, 1, { commands: [aCommand()] }));
      const runId = runs[0]?.id ?? '';
      const output = {
        runId,
        index: 0,
        output: 'hello',
        errors: '',
        exitCode: 0,
        size: 5,
        sha256: null,
        truncated: false,
      };
      await store().transaction((tx) => tx.putOutput({ ...output, output: 'first' }));
      await store().transaction((tx) => tx.putOutput(output));
      await store().transaction((tx) => tx.putOutput({ ...output, index: 1 }));
      assert.deepEqual(await store().outputsOf(request.id), [output, { ...output, index: 1 }]);
      assert.deepEqual(await store().outputsOf(request.id, runId), [output, { ...output, index: 1 }]);
      assert.deepEqual(await store().outputsOf(request.id, 'LR-8K3F2Q.9'), []);
    });

    it('give a stored click to one worker at a time', async () => {
      const inbound = { id: `twice${aRequest().id}`, platform: 'slack' as const, createdAt: T0 };
      await store().transaction((tx) => tx.insertInbound(inbound));
      const take = () =>
        other().transaction(async (tx) => {
          const found = await tx.inbound(inbound.id);
          if (found !== null) await tx.removeInbound(found.id);
          return found;
        });
      assert.equal((await Promise.all([take(), take(), take()])).filter((found) => found !== null).length, 1);
    });

    it('keep a setting that is held as it was read until the transaction ends', async () => {
      const key = 'held';
      await store().transaction((tx) => tx.setSetting(key, 'before'));
      const ends: string[] = [];
      let begun = (): void => undefined;
      const holding = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const reader = store().transaction(async (tx) => {
        await tx.setting(key, 'shared');
        begun();
        // Time enough for the other, where transactions run side by side.
        for (let n = 0; n < 50; n++) await tx.setting('something else');
        assert.equal(await tx.setting(key), 'before');
        ends.push('read');
      });
      await holding;
      await other().transaction(async (tx) => {
        await tx.setting(key, 'alone');
        await tx.setSetting(key, 'after');
      });
      ends.push('changed');
      await reader;
      assert.deepEqual(ends, ['read', 'changed']);
    });

    it('keep settings, links and inbound things', async () => {
      const { request } = await stored(subject(), aRequest());
      const link = { hash: `h${request.id}`, requestId: request.id, person: ALICE, expiresAt: T0 + 1 };
      const inbound = { id: `i${request.id}`, platform: 'slack' as const, createdAt: T0 };
      await store().transaction(async (tx) => {
        assert.equal(await tx.setting('pause'), null);
        await tx.setSetting('pause', { by: 'Alice' });
        await tx.setSetting('pause', ['a', null, 1]);
        assert.deepEqual(await tx.setting('pause'), ['a', null, 1]);
        await tx.setSetting('pause', null);
        await tx.insertLink(link);
        await tx.insertInbound(inbound);
      });
      assert.deepEqual(await other().link(link.hash), link);
      assert.equal(await other().link('unknown'), null);
      await store().transaction(async (tx) => {
        assert.equal(await tx.setting('pause'), null);
        assert.deepEqual(await tx.inbound(inbound.id), inbound);
        await tx.removeInbound(inbound.id);
        assert.equal(await tx.inbound(inbound.id), null);
      });
    });

    it('lend a lease to one holder at a time, until it ends or is given back', async () => {
      const { clock, one, two } = subject();
      assert.equal(await one.store.lease('channel', 1_000), true);
      assert.equal(await one.store.lease('channel', 1_000), true);
      if (one !== two) {
        assert.equal(await two.store.lease('channel', 1_000), false);
        await two.store.releaseLease('channel');
        assert.equal(await two.store.lease('channel', 1_000), false);
        clock.advance(1_000);
        assert.equal(await two.store.lease('channel', 1_000), true);
        assert.equal(await one.store.lease('channel', 1_000), false);
        await two.store.releaseLease('channel');
      }
      assert.equal(await one.store.lease('channel', 1_000), true);
      await one.store.releaseLease('channel');
    });
  });
}

function machineOf({ runs }: { runs: Run[] }): Machine {
  const [run] = runs;
  assert.ok(run);
  return run.machine;
}
