import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { type Database, openPglite } from '../../src/store/database.ts';
import { quiet } from '../support/world.ts';

const OFTEN = 30;

describe('inserts that come again and again, on the embedded database', () => {
  let database: Database;
  beforeEach(async () => {
    database = await openPglite('memory://', quiet, () => undefined);
    await sql`create table things (key text primary key, at bigint)`.execute(database.db);
  });
  afterEach(() => database.close());

  const insert = (key: string) =>
    sql`insert into things (key, at) values (${key}, ${1}) returning key`.execute(database.db);
  const select = (key: string) => sql`select at from things where key = ${key}`.execute(database.db);
  const kept = async (): Promise<string[]> => {
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(
      database.db,
    );
    return rows.map(({ statement }) => statement);
  };

  it('are parsed and planned once, which is nothing for what looks for rows in tables that grow', async () => {
    for (let index = 0; index < OFTEN; index++) {
      await insert(`key-${index}`);
      await select(`key-${index}`);
    }
    const statements = await kept();
    assert.deepEqual(statements, ['insert into things (key, at) values ($1, $2) returning key']);
    const { rows } = await sql<{ count: number }>`select count(*) as count from things`.execute(database.db);
    assert.deepEqual(rows, [{ count: OFTEN }]);
  });

  it('fail as others do, and go on after that, also after a transaction that was given up', async () => {
    for (let index = 0; index < OFTEN; index++) await insert(`key-${index}`);
    await assert.rejects(insert('key-0'), { code: '23505' });
    const givenUp = database.db.transaction().execute(async (trx) => {
      await sql`insert into things (key, at) values (${'given up'}, ${1}) returning key`.execute(trx);
      throw new Error('no');
    });
    await assert.rejects(givenUp, /no/);
    const { rows } = await insert('given up');
    assert.deepEqual(rows, [{ key: 'given up' }]);
  });

  it('are not kept without end where each is another', async () => {
    for (let index = 0; index < 250; index++) {
      const rows = sql.join(Array.from({ length: index + 1 }, (_, row) => sql`(${`${index}-${row}`}, 1)`));
      await sql`insert into things (key, at) values ${rows}`.execute(database.db);
    }
    for (let index = 0; index < OFTEN; index++) await insert(`late-${index}`);
    assert.deepEqual(await kept(), []);
  });
});
