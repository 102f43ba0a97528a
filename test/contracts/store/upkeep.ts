import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { ALICE, aRequest, aRun, type Subject, stored, T0 } from './fixtures.ts';
import type { Rows } from './rows.ts';

/** Health, numbers and retention. */
export function upkeepContract(subject: () => Subject, rows: () => Rows): void {
  const store = () => subject().one.store;

  describe('upkeep', () => {
    it('says that database and engine are well', async () => {
      assert.deepEqual(await subject().one.healthy(), { database: true, jobs: true });
    });

    it('counts requests and runs by state', async () => {
      const before = await subject().one.stats();
      await stored(subject(), aRequest({ status: 'denied' }), (request) => aRun(request, 1, { status: 'timed_out' }));
      const after = await subject().one.stats();
      assert.equal((after.requests.denied ?? 0) - (before.requests.denied ?? 0), 1);
      assert.equal((after.runs.timed_out ?? 0) - (before.runs.timed_out ?? 0), 1);
    });

    it('counts and finds what is still to be reviewed, and what is overdue', async () => {
      const review = (by: number, doneAt: number | null = null) => ({ review: { by, remindAt: by, doneAt } });
      const before = (await subject().one.stats()).reviews;
      const late = await stored(subject(), aRequest({ status: 'done', ...review(T0 - 1) }));
      const open = await stored(subject(), aRequest({ status: 'done', ...review(T0 + 1_000_000) }));
      const done = await stored(subject(), aRequest({ status: 'done', ...review(T0 - 1, T0 - 2) }));
      const after = (await subject().one.stats()).reviews;
      assert.deepEqual([after.open - before.open, after.overdue - before.overdue], [2, 1]);
      const found = async (reviewBy: number) =>
        (await store().requestsBy({ reviewBy, limit: 100 })).map(({ id }) => id);
      assert.ok((await found(T0)).includes(late.request.id));
      assert.ok(!(await found(T0)).includes(open.request.id));
      const all = await found(Number.MAX_SAFE_INTEGER);
      assert.ok(all.includes(open.request.id) && !all.includes(done.request.id));
    });

    it('forgets results after their time, and expired links some time later', async () => {
      const { clock, one } = subject();
      clock.set(T0);
      const { request, runs } = await stored(subject(), aRequest(), (made) => aRun(made, 1));
      const output = { output: 'x', errors: '', exitCode: 0, size: 1, sha256: null, truncated: false };
      await store().transaction(async (tx) => {
        await tx.putOutput({ ...output, runId: runs[0]?.id ?? '', index: 0 });
        await tx.insertLink({ hash: 'prune', requestId: request.id, person: ALICE, expiresAt: T0 });
        await tx.takeDelivery('prune');
      });
      const keep = { results: 1_000, audit: 1_000_000 };
      await one.prune(T0 + 1_000, keep);
      assert.equal((await store().outputsOf(request.id)).length, 1);
      assert.notEqual(await store().link('prune'), null);
      await one.prune(T0 + 1_001, keep);
      assert.equal((await store().outputsOf(request.id)).length, 0);
      assert.equal(await store().link('prune'), null);
      assert.equal(await store().transaction((tx) => tx.takeDelivery('prune')), false);
      await one.prune(T0 + 4 * 86_400_000, keep);
      assert.equal(await store().transaction((tx) => tx.takeDelivery('prune')), true);
    });

    it('removes no audit entry of the last 24 hours, however short a policy would keep it', async () => {
      const { clock, one } = subject();
      const hour = 3_600_000;
      const keep = { results: hour, audit: 1_000 };
      clock.set(T0 + 10 * 24 * hour);
      await store().transaction((tx) => tx.audit({ actor: 'bot', action: 'young once' }));
      await one.audit.seal(100_000);
      const kept = async (): Promise<boolean> => {
        const lines: string[] = [];
        for await (const line of one.audit.export({ since: null, format: 'jsonl' })) lines.push(line);
        return lines.some((line) => line.includes('young once'));
      };
      await one.prune(clock.now() + 24 * hour, keep);
      assert.equal(await kept(), true);
      await one.prune(clock.now() + 24 * hour + 1, keep);
      assert.equal(await kept(), false);
      clock.set(T0);
    });

    it('forgets all the rest also while the audit trail has been changed, and says so', async () => {
      const { clock, one } = subject();
      const day = 86_400_000;
      const keep = { results: day, audit: day };
      clock.set(T0 + 20 * day);
      await store().transaction(async (tx) => {
        await tx.audit({ actor: 'bot', action: 'true once' });
        await tx.takeDelivery('while it is changed');
      });
      await one.audit.seal(100_000);
      await rows().run(sql`update audit set action = 'changed' where action = 'true once'`);
      const changed = { code: 'database', message: /isn't as it was sealed/ };
      await assert.rejects(one.prune(T0 + 24 * day, keep), changed);
      assert.equal(await store().transaction((tx) => tx.takeDelivery('while it is changed')), true);
      await rows().run(sql`update audit set action = 'true once' where action = 'changed'`);
      await one.prune(T0 + 24 * day, keep);
      assert.deepEqual((await one.audit.verify()).begins?.pruned, true);
      clock.set(T0);
    });
  });
}
