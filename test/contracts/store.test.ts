import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawBuilder } from 'kysely';
import { createAuditTrail } from '../../src/store/audit.ts';
import { type Database, openPglite, openPostgres } from '../../src/store/database.ts';
import { type OpenStore, openStoreOn } from '../../src/store/open.ts';
import { startPostgres } from '../support/postgres.ts';
import { auditContract } from './store/audit.ts';
import { auditBeginningContract } from './store/audit-beginning.ts';
import { auditLinesContract } from './store/audit-lines.ts';
import { auditRetentionContract } from './store/audit-retention.ts';
import { auditTextsContract } from './store/audit-texts.ts';
import { budgetContract } from './store/budget.ts';
import { AUDIT_KEY, fakeClock, quiet, type Subject } from './store/fixtures.ts';
import { messagesContract } from './store/messages.ts';
import { personalDataContract } from './store/personal-data.ts';
import { recordsContract } from './store/records.ts';
import { upkeepContract } from './store/upkeep.ts';
import { workContract } from './store/work.ts';

interface Place {
  open(): Promise<Database>;
  /** Whether several instances may be open at once. */
  shared: boolean;
  remove(): Promise<void>;
}

/** Every database the store runs on. */
const DATABASES: { name: string; prepare: () => Promise<Place> }[] = [
  {
    name: 'PGlite in memory',
    prepare: async () => ({
      open: () => openPglite('memory://', quiet, () => undefined),
      shared: false,
      remove: async () => undefined,
    }),
  },
  {
    name: 'PGlite in a folder',
    prepare: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'liveresponse-store-'));
      return {
        open: () => openPglite(folder, quiet, () => undefined),
        shared: false,
        remove: () => rm(folder, { recursive: true, force: true }),
      };
    },
  },
  {
    name: 'PostgreSQL',
    prepare: async () => {
      const url = await (await startPostgres()).createDatabase();
      return { open: async () => openPostgres(url, quiet), shared: true, remove: async () => undefined };
    },
  },
];

for (const database of DATABASES) {
  describe(`the store on ${database.name}`, function () {
    this.timeout(30_000);
    let place: Place;
    let opened: Database;
    let subject: Subject;

    before(async function () {
      this.timeout(60_000);
      place = await database.prepare();
      const clock = fakeClock();
      const start = async (instance: string): Promise<OpenStore> => {
        opened = await place.open();
        return await openStoreOn(opened, { auditKey: AUDIT_KEY, clock, log: quiet, instance });
      };
      const one = await start('one');
      subject = { one, two: place.shared ? await start('two') : one, clock };
    });
    after(async () => {
      await subject.two.close();
      await subject.one.close();
      await place.remove();
    });

    recordsContract(() => subject);
    messagesContract(() => subject);
    budgetContract(() => subject);
    workContract(() => subject);
    const rows = () => ({
      run: async (statement: RawBuilder<unknown>) => void (await statement.execute(opened.db)),
      trail: () => createAuditTrail(opened.db, AUDIT_KEY),
    });
    auditContract(() => subject, rows);
    auditBeginningContract(() => subject, rows);
    auditLinesContract(() => subject, rows);
    auditRetentionContract(() => subject, rows);
    auditTextsContract(() => subject, rows);
    upkeepContract(() => subject, rows);
    personalDataContract(() => subject, rows);
  });
}
