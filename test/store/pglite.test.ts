import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openPglite } from '../../src/store/database.ts';
import { type OpenStore, openStore, openStoreOn } from '../../src/store/open.ts';
import { aRequest, fakeClock, quiet, stored, until } from '../contracts/store/fixtures.ts';
import { startChild } from '../support/children.ts';

describe('the embedded database', function () {
  this.timeout(90_000);
  let folder: string;
  const common = { auditKey: 'a key of the tests, long enough to be one', clock: fakeClock(), log: quiet };
  const open = (): Promise<OpenStore> => openStore({ ...common, dataDir: folder });

  let template: string;

  // Making a database takes seconds, copying one doesn't.
  before(async () => {
    template = await mkdtemp(join(tmpdir(), 'liveresponse-pglite-'));
    await (await openStore({ ...common, dataDir: template })).close();
  });
  after(() => rm(template, { recursive: true, force: true }));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveresponse-pglite-'));
    await cp(template, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps what was acknowledged when its process is killed in the middle of writing, and its jobs go on at once', async () => {
    const writer = startChild(new URL('./writer.ts', import.meta.url), [folder]);
    await writer.says('working');
    await writer.says((line) => Number(line) >= 30);
    await writer.kill();
    const acknowledged = writer.lines.map(Number).filter((number) => number > 0);
    const opened = await open();
    try {
      const fresh: boolean[] = [];
      for (const number of acknowledged) {
        fresh.push(await opened.store.transaction((tx) => tx.takeDelivery(String(number))));
      }
      assert.equal(fresh.filter(Boolean).length, 0, 'all of them are there');
      const last = await opened.store.transaction((tx) => tx.setting<number>('last'));
      assert.ok((last ?? 0) >= (acknowledged.at(-1) ?? 1));
      const started = Date.now();
      let worked = 0;
      await opened.jobs.work('prepare.slack', { concurrency: 1 }, async () => {
        worked = Date.now();
      });
      await until(() => worked > 0);
      assert.ok(worked - started < 5_000, 'not only after its heartbeat has run out');
    } finally {
      await opened.close();
    }
  });

  it('has everything again after a restart', async () => {
    const first = await open();
    const { request } = await stored({ one: first }, aRequest());
    await first.close();
    const second = await open();
    const found = await second.store.transaction((tx) => tx.request(request.id));
    await second.close();
    assert.deepEqual(found, request);
  });

  it('is opened by one process only', async () => {
    const first = await open();
    await assert.rejects(open(), { code: 'folder_locked' });
    await first.close();
  });

  it('keeps statements of others out of an open transaction', async () => {
    const database = await openPglite(folder, quiet, () => undefined);
    const opened = await openStoreOn(database, common);
    const order: string[] = [];
    const slow = opened.store.transaction(async (tx) => {
      await tx.setSetting('a', 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('transaction');
    });
    const rest = [
      opened.stats().then(() => order.push('stats')),
      assert.rejects(sql`select nonsense`.execute(database.db)),
      opened.healthy(),
    ];
    await Promise.all([slow, ...rest]);
    await opened.close();
    assert.equal(order[0], 'transaction');
  });

  it('says so when a transaction was lost to an error that somebody swallowed', async () => {
    const database = await openPglite(folder, quiet, () => undefined);
    const opened = await openStoreOn(database, common);
    const failing = database.db.transaction().execute(async (trx) => {
      await sql`select nonsense`.execute(trx).catch(() => undefined);
    });
    await assert.rejects(failing);
    await opened.close();
  });

  it('refuses a folder that a newer version has used', async () => {
    const database = await openPglite(folder, quiet, () => undefined);
    const opened = await openStoreOn(database, common);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-future', 'now')`.execute(database.db);
    await opened.close();
    await assert.rejects(open(), (error: Error & { code: string }) => {
      assert.equal(error.code, 'database');
      assert.match(error.message, /newer version.*9999-future/);
      return true;
    });
  });
});
