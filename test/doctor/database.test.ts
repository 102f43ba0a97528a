import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { CONVERSATIONS } from '../../src/playground/teams-channel/index.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { type OpenStore, openStore } from '../../src/store/open.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { failures, GOOD_POLICY, has, SECRETS, startWorld, type World } from './world.ts';

const LOG = { debug() {}, info() {}, warn() {}, error() {} };

describe('the doctor, looking at the database', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => {
    world = await startWorld();
  });
  after(() => world.close());

  const open = (where: { dataDir: string } | { databaseUrl: string }): Promise<OpenStore> =>
    openStore({ ...where, auditKey: SECRETS.AUDIT_KEY, clock: { now: () => Date.now() }, log: LOG, onLost: () => {} });

  describe('of PostgreSQL', () => {
    let server: TestPostgres;
    let url: string;

    before(async () => {
      server = await startPostgres();
    });
    beforeEach(async () => {
      url = await server.createDatabase();
    });

    const at = (databaseUrl: string) => world.examine({ DATA_DIR: undefined, DATABASE_URL: databaseUrl });

    async function query(sql: string): Promise<Record<string, unknown>[]> {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    }

    it('says that it is empty, and leaves it so', async () => {
      has(await at(url), 'Database', 'ok', /^PostgreSQL \d+\.\d+ answers; it is empty/);
      const tables = await query(
        "select 1 from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
      );
      assert.deepEqual(tables, []);
    });

    it('says that its tables are up to date, and that a bot is at work', async () => {
      const bot = await open({ databaseUrl: url });
      try {
        has(await at(url), 'Database', 'ok', /tables are up to date, and a bot is at work on it/);
      } finally {
        await bot.close();
      }
    });

    it('tells an older and a newer database, and changes neither', async () => {
      await (await open({ databaseUrl: url })).close();
      const names = () => query('select name from kysely_migration order by name');
      const before = await names();
      MIGRATIONS['9998-of-tomorrow'] = { up: async () => assert.fail('nothing may be migrated') };
      try {
        const mend = has(await at(url), 'Database', 'warning', /older version and lack 9998-of-tomorrow/);
        assert.match(mend, /backup/);
      } finally {
        delete MIGRATIONS['9998-of-tomorrow'];
      }
      assert.deepEqual(await names(), before);
      await query("insert into kysely_migration (name, timestamp) values ('9999-of-next-year', 'x')");
      has(await at(url), 'Database', 'failed', /newer version of this bot \(it knows 9999-of-next-year\)/);
    });

    it('tells that the user may not make the tables', async () => {
      await query("create role guest login password 'guest-password'; revoke create on schema public from public");
      const guest = new URL(url);
      guest.username = 'guest';
      guest.password = 'guest-password';
      const findings = await at(guest.href);
      assert.match(has(findings, 'Database', 'failed', /may not create/), /Grant CREATE/);
      assert.ok(!JSON.stringify(findings).includes('guest-password'));
    });

    it('names what is wrong with the address, never the password', async () => {
      const wrong = new URL(url);
      wrong.password = 'not-the-password';
      const findings = await at(wrong.href);
      has(findings, 'Database', 'failed', /doesn't accept this user and password/);
      assert.ok(!JSON.stringify(findings).includes('not-the-password'));
      has(await at(`${url}_none`), 'Database', 'failed', /no database of this name/);
      has(await at('postgres://u:password-1@127.0.0.1:1/x'), 'Database', 'failed', /no answer \(ECONNREFUSED\)/);
      has(await at('mysql://u:password-1@127.0.0.1/x'), 'Configuration', 'failed', /^DATABASE_URL: /);
    });
  });

  describe('of the embedded database', () => {
    let number = 0;
    let folder: string;

    beforeEach(() => {
      number += 1;
      folder = join(world.folder, `data-${number}`);
    });

    const look = (more: { send?: string } = {}) => world.examine({ DATA_DIR: folder }, more);

    it('warns that it is not for production', async () => {
      assert.match(has(await look(), 'Database', 'warning', /no power cut/), /DATABASE_URL/);
    });

    it('says that the folder is to be made, and makes none', async () => {
      has(await look(), 'Database', 'ok', /isn't there yet/);
      await assert.rejects(readdir(folder));
    });

    it('refuses a file in the folder’s place', async () => {
      await writeFile(folder, 'a file');
      has(await look(), 'Database', 'failed', /no folder/);
      folder = join(folder, 'below');
      has(await look(), 'Database', 'failed', /no folder|may not make it/);
    });

    it('looks into it without touching it, and says that a running bot holds it', async () => {
      const bot = await open({ dataDir: folder });
      const held = await look();
      has(held, 'Database', 'ok', new RegExp(`in use by process ${process.pid} `));
      has(held, 'Teams channel', 'warning', /database, which couldn't be read/);
      await bot.close();
      const files = await readdir(folder, { recursive: true });
      has(await look(), 'Database', 'ok', /can be read; its tables are up to date/);
      assert.deepEqual(await readdir(folder, { recursive: true }), files);
    });

    it('says that it can’t be read where it can’t', async () => {
      const bot = await open({ dataDir: folder });
      await bot.close();
      await writeFile(join(folder, 'database', 'PG_VERSION'), '9.6\n');
      has(await look(), 'Database', 'failed', /can't be read/);
    });

    describe('with what Teams has told', () => {
      async function remember(channel: string, membership: string | null): Promise<void> {
        const bot = await open({ dataDir: folder });
        const place = { serviceUrl: world.teams.serviceUrl, name: 'soc', membership };
        await bot.store.transaction((tx) => tx.setSetting(`teams:place:${channel}`, place));
        await bot.store.transaction((tx) => tx.setSetting('teams:place:anywhere', { ...place, name: null }));
        await bot.close();
      }

      it('asks Teams about the channels', async () => {
        const { soc, socShared, general } = CONVERSATIONS;
        await world.policy(
          GOOD_POLICY.replace(/teams: \["[^\]]*\]/, `teams: ["${soc}", "${socShared}", "${general}"]`),
        );
        await remember(soc, 'standard');
        const findings = await look();
        has(findings, 'Teams channel', 'ok', new RegExp(`^${soc} \\(#soc\\): the bot is in it`));
        has(findings, 'Teams channel', 'warning', new RegExp(`^${socShared} .*other organisations`));
        assert.match(has(findings, 'Teams channel', 'failed', new RegExp(`^${general}: `)), /Add the app to the team/);
        assert.deepEqual(failures(findings), ['Teams channel']);
        await world.policy(GOOD_POLICY);
      });

      it('posts the test card to Teams', async () => {
        await remember(CONVERSATIONS.soc, 'standard');
        has(await look({ send: CONVERSATIONS.soc }), 'Test card', 'ok', /in Teams/);
        const [message, ...others] = world.teams.state().messages;
        assert.deepEqual([message?.conversation, others.length], [CONVERSATIONS.soc, 0]);
        assert.match(JSON.stringify(message), /Test card/);
        assert.ok(!JSON.stringify(message).includes('Action.Execute'));
      });

      it('sends the token nowhere but to Teams, whatever the database says', async () => {
        const bot = await open({ dataDir: folder });
        const place = { serviceUrl: 'https://elsewhere.example/', name: 'soc', membership: 'standard' };
        await bot.store.transaction((tx) => tx.setSetting(`teams:place:${CONVERSATIONS.soc}`, place));
        await bot.close();
        has(await look(), 'Teams channel', 'warning', /hasn't spoken/);
      });
    });
  });
});
