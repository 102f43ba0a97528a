import assert from 'node:assert/strict';
import type { Job, Store } from '../../../src/flow/ports.ts';
import type { Request } from '../../../src/model/request.ts';
import { ALICE, aCommand, aRequest, aRun, deferred, type Subject, stored, T0, until } from './fixtures.ts';

/** Jobs: enqueued with what they are for, run, tried again, found again. */
export function workContract(subject: () => Subject): void {
  const store = () => subject().one.store;
  const enqueue = (...jobs: Job[]) =>
    store().transaction(async (tx) => {
      for (const job of jobs) await tx.enqueue(job);
    });
  const queued = async (queue: string) =>
    (await subject().one.stats()).jobs.find((one) => one.queue === queue && one.state === 'created')?.count ?? 0;

  describe('the sweeper', () => {
    it('finds nothing to do while every record has its job or is not due', async () => {
      await stored(subject(), aRequest(), (request) => aRun(request, 1));
      await settle(store(), T0 + 60_000);
      assert.equal(await store().revive(T0 + 60_000), 0);
    });

    it('enqueues the work of each stranded record, once', async () => {
      const { clock, one } = subject();
      clock.set(T0);
      const person = { ...ALICE, id: 'U0SWEEP' };
      const cancel = { by: person, why: null, at: T0, sent: false, note: null };
      const read = [aCommand({ state: 'completed', result: 'pending' })];
      const made = await stored(
        { one },
        aRequest({ status: 'received', requester: person }),
        (request) => aRun(request, 1, { status: 'queued' }),
        (request) => aRun(request, 2, { status: 'submitting', deadline: T0 + 30_000 }),
        (request) => aRun(request, 3, { status: 'reconciling' }),
        (request) => aRun(request, 4, { status: 'running', actionId: 'four', cancel }),
        (request) => aRun(request, 5, { status: 'succeeded', commands: read }),
        (request) => aRun(request, 6, { status: 'reconciling', notBefore: T0 + 90_000 }),
        (request) => aRun(request, 7, { status: 'unclear', actionId: 'seven', cancel }),
        (request) => aRun(request, 8, { status: 'unclear', actionId: null, cancel }),
        (request) => aRun(request, 9, { status: 'cancelled', actionId: 'nine', settledBy: person, cancel }),
        (request) => aRun(request, 10, { status: 'cancelled', actionId: 'ten', cancel }),
      );
      await enqueue({ queue: 'dispatch', id: 'next' });
      const { request } = made;
      const click = { id: 'click-1', platform: 'slack' as const, createdAt: T0, click: {} as never };
      await one.store.transaction(async (tx) => {
        await tx.insertInbound(click);
        await tx.insertInbound({ id: 'line-1', platform: 'slack', createdAt: T0 });
        await tx.insertCard({ requestId: request.id, platform: 'slack', channel: request.channel, place: 'p' });
        await tx.insertAnswer({ platform: 'slack', to: 'x', answer: { lines: [], output: [], buttons: [] } });
      });
      assert.equal(await one.store.revive(T0 + 1_000), 0, 'younger than two seconds');
      assert.equal(
        await one.store.revive(T0 + 29_000),
        10,
        'all but the submission that may still be going on, and but dispatch, which has its one job for all',
      );
      assert.equal(await one.store.revive(T0 + 31_000), 1);
      assert.equal(await one.store.revive(T0 + 31_000), 0);
      await end(one.store, request);
    });

    it('looks after a card until it shows the newest state, and after replies of a posted one', async () => {
      const { clock, one } = subject();
      clock.set(T0);
      await settle(one.store, T0 + 200_000);
      const { request } = await stored({ one }, aRequest({ status: 'waiting' }));
      await one.store.transaction(async (tx) => {
        await tx.insertCard({ requestId: request.id, platform: 'slack', channel: request.channel, place: 'p' });
        await tx.insertReply({
          ...{ requestId: request.id, key: 'end', channel: request.channel },
          reply: { text: [], output: [], moreLines: 0, buttons: [] },
        });
      });
      const card = async () => (await one.store.cardsOf(request.id))[0];
      const id = (await card())?.id ?? '';
      const reported = new Set<string>();
      await one.jobs.work('report.slack', { concurrency: 1 }, async (job) => {
        reported.add(job.id);
      });
      const due = async (at: number) => {
        reported.clear();
        await one.store.revive(at);
        await until(
          async () =>
            !(await one.stats()).jobs.some((job) => job.queue === 'report.slack' && job.state !== 'completed'),
        );
        return reported.has(`slack|${request.channel}`);
      };
      assert.equal(await due(T0 + 1_000), false, 'younger than two seconds');
      assert.equal(await due(T0 + 5_000), true);
      await one.store.sender.saveCard(id, { state: 'posting' });
      assert.equal(await due(T0 + 5_000), false, 'somebody is posting it');
      assert.equal(await due(T0 + 15_000), true, 'whoever posted it is gone');
      const shown = (await card())?.touched ?? 0;
      await one.store.sender.saveCard(id, { state: 'posted', posted: { thread: 't', message: 'm' }, shown });
      assert.equal(await due(T0 + 5_000), true, 'the reply');
      const [reply] = await one.store.sender.nextReplies(request.channel, T0, 5);
      await one.store.sender.saveReply(reply?.id ?? '', { state: 'posted' });
      assert.equal(await due(T0 + 5_000), false);
      await one.store.transaction((tx) => tx.touch(request.id));
      assert.equal(await due(T0 + 5_000), true, 'the edit');
    });
  });

  describe('work', () => {
    it('does not exist when its transaction fails', async () => {
      const before = await queued('cancel');
      const failing = store().transaction(async (tx) => {
        await tx.enqueue({ queue: 'cancel', id: 'never' });
        throw new Error('changed my mind');
      });
      await assert.rejects(failing, /changed my mind/);
      assert.equal(await queued('cancel'), before);
    });

    it('is one job while it is queued, and another for each attempt at sending', async () => {
      const before = await queued('send');
      await enqueue({ queue: 'send', id: 'r', attempt: 1 }, { queue: 'send', id: 'r', attempt: 1 });
      await enqueue({ queue: 'send', id: 'r', attempt: 1 }, { queue: 'send', id: 'r', attempt: 2 });
      assert.equal((await queued('send')) - before, 2);
    });

    it('arrives with its data soon after the commit, and is tried again when it fails', async () => {
      const got: Job[] = [];
      await subject().one.jobs.work('send', { concurrency: 2 }, async (job) => {
        got.push(job);
        if (got.length === 1) throw new Error('first time');
      });
      await until(() => got.length >= 3);
      const attempts = got.map((job) => job.queue === 'send' && job.attempt);
      assert.deepEqual([...new Set(attempts)].sort(), [1, 2]);
      assert.ok(got.every((job) => job.queue === 'send' && job.id === 'r'));
    });

    it('that arrives while the same work runs is done afterwards', async () => {
      const [started, go] = [deferred(), deferred()];
      let runs = 0;
      await subject().one.jobs.work('collect', { concurrency: 2 }, async (job) => {
        if (job.id !== 'again') return;
        runs += 1;
        started.resolve();
        await go.promise;
      });
      await enqueue({ queue: 'collect', id: 'again' });
      await started.promise;
      await enqueue({ queue: 'collect', id: 'again' });
      go.resolve();
      await until(() => runs === 2);
    });

    it('sees what the transaction wrote that joined an already queued job', async () => {
      // Whoever enqueues a job that is queued already must not find that it ran just before the commit.
      const { request } = await stored(subject(), aRequest());
      const seen: (number | undefined)[] = [];
      let notes = 0;
      const note = () =>
        store().transaction(async (tx) => {
          const now = await tx.request(request.id);
          assert.ok(now);
          await tx.saveRequest(now, { ...now, warnings: [...now.warnings, 'x'] });
          await tx.enqueue({ queue: 'reconcile', id: request.id });
        });
      await subject().one.jobs.work('reconcile', { concurrency: 1 }, async (job) => {
        if (job.id !== request.id) return;
        const now = await store().transaction((tx) => tx.request(job.id));
        seen.push(now?.warnings.length);
      });
      for (; notes < 20; notes++) await note();
      await until(() => seen.at(-1) === notes);
    });

    it('stops taking new jobs and waits for the running one', async () => {
      const { jobs } = subject().two;
      const [started, go] = [deferred(), deferred()];
      let ended = false;
      await jobs.work('look_up.slack', { concurrency: 1 }, async (job) => {
        if (job.id !== 'slow') return;
        started.resolve();
        await go.promise;
        ended = true;
      });
      await enqueue({ queue: 'look_up.slack', id: 'slow' });
      await started.promise;
      const before = await queued('look_up.slack');
      const stopping = jobs.stop(5_000);
      await enqueue({ queue: 'look_up.slack', id: 'later' });
      go.resolve();
      await stopping;
      assert.equal(ended, true);
      assert.equal(await queued('look_up.slack'), before + 1);
    });
  });
}

/** Lets the sweeper enqueue whatever earlier tests left. */
async function settle(store: Store, now: number): Promise<void> {
  for (let tries = 0; tries < 5 && (await store.revive(now)) > 0; tries++);
}

/** Ends a request with its runs, so that they bother no later test. */
async function end(store: Store, request: Request): Promise<void> {
  await store.transaction(async (tx) => {
    for (const run of await tx.runsOf(request.id)) {
      await tx.saveRun(run, { ...run, status: 'failed', commands: [], cancel: null });
    }
    await tx.saveRequest(request, { ...request, status: 'refused' });
  });
}
