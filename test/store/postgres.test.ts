import assert from 'node:assert/strict';
import pg from 'pg';
import { openPostgres } from '../../src/store/database.ts';
import { startEngine } from '../../src/store/jobs.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import { fakeClock, quiet, until } from '../contracts/store/fixtures.ts';
import { startChild } from '../support/children.ts';
import { startPostgres } from '../support/postgres.ts';

describe('several instances on PostgreSQL', function () {
  this.timeout(90_000);
  const common = { auditKey: 'a key of the tests, long enough to be one', clock: fakeClock(), log: quiet };

  it('may start at the same moment on an empty database', async () => {
    const databaseUrl = await (await startPostgres()).createDatabase();
    const opened = await Promise.all([1, 2, 3].map(() => openStore({ ...common, databaseUrl })));
    const well = await Promise.all(opened.map((one) => one.healthy()));
    await Promise.all(opened.map((one) => one.close()));
    assert.deepEqual(well, Array(3).fill({ database: true, jobs: true }));
  });

  it('take over the work of one that was killed, within 20 seconds', async () => {
    const databaseUrl = await (await startPostgres()).createDatabase();
    const opened = await openStore({ ...common, databaseUrl });
    const worker = startChild(new URL('./postgres-worker.ts', import.meta.url), [databaseUrl]);
    await worker.says('open');
    await opened.store.transaction((tx) => tx.enqueue({ queue: 'prepare.slack', id: 'r' }));
    await worker.says('working');
    await worker.kill();
    const killed = Date.now();
    let taken = 0;
    await opened.jobs.work('prepare.slack', { concurrency: 1 }, async () => {
      taken = Date.now();
    });
    await until(() => taken > 0, 40_000);
    await opened.close();
    assert.ok(taken - killed < 20_000, `${taken - killed} ms`);
  });

  it('leave a queued job alone that a transaction has joined, until it commits', async () => {
    const database = openPostgres(await (await startPostgres()).createDatabase(), quiet);
    await migrate(database.db);
    const engine = await startEngine(database, quiet);
    const enqueue = (id: string) =>
      database.db.transaction().execute((trx) => engine.enqueue(trx, [{ queue: 'prepare.slack', id }]));
    const order: string[] = [];
    await enqueue('joined');
    const wake = await database.db.transaction().execute(async (trx) => {
      const later = await engine.enqueue(trx, [{ queue: 'prepare.slack', id: 'joined' }]);
      await enqueue('other');
      await engine.jobs.work('prepare.slack', { concurrency: 1 }, async (job) => {
        order.push(job.id);
      });
      await until(() => order.length > 0);
      order.push('commit');
      return later;
    });
    wake();
    await until(() => order.length > 2);
    await engine.close();
    await database.close();
    assert.deepEqual(order, ['other', 'commit', 'joined']);
  });

  it('say what is wrong when the database is not there', async () => {
    const opening = openStore({ ...common, databaseUrl: 'postgres://bot:secret@127.0.0.1:1/bot' });
    await assert.rejects(opening, (error: Error & { code: string }) => {
      assert.equal(error.code, 'database');
      assert.match(error.message, /ECONNREFUSED/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });

  it('survive a connection that breaks in the middle of a transaction', async () => {
    const url = await (await startPostgres()).createDatabase();
    const opened = await openStore({ ...common, databaseUrl: url });
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    const broken = opened.store.transaction(async (tx) => {
      await tx.setSetting('half', true);
      const { rowCount } = await admin.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where state = 'idle in transaction' and datname = current_database()`);
      assert.equal(rowCount, 1);
      await tx.setSetting('half', false);
    });
    await assert.rejects(broken);
    assert.equal(await opened.store.transaction((tx) => tx.setting('half')), null);
    await admin.end();
    await opened.close();
  });

  it('say when a database is not well any more', async () => {
    const postgres = await startPostgres();
    const opened = await openStore({ ...common, databaseUrl: await postgres.createDatabase() });
    assert.deepEqual(await opened.healthy(), { database: true, jobs: true });
    await opened.close();
    assert.deepEqual(await opened.healthy(), { database: false, jobs: false });
  });
});
