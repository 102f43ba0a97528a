import assert from 'node:assert/strict';
import { type RawBuilder, sql } from 'kysely';
import type { AuditTrail } from '../../../src/store/audit.ts';
import { ALICE, type Subject, T0 } from './fixtures.ts';
import type { Rows } from './rows.ts';

const MINUTE = 60_000;

/** What somebody with the database, but without the key, may do before retention comes, and the first entry that isn't true then. */
const TAMPERINGS: { what: string; by: RawBuilder<unknown>[]; bad: number }[] = [
  { what: 'made older than they are', by: [sql`update audit set at = '2001-01-01' where no <= 8`], bad: 1 },
  { what: 'young and made older', by: [sql`update audit set at = '2001-01-01' where no between 6 and 8`], bad: 6 },
  {
    what: 'young, and put among those of a time to come',
    by: [sql`update audit set at = '2999-01-01' where no = 6`, sql`update audit set at = '2001-01-01' where no = 7`],
    bad: 6,
  },
  { what: 'of no time at all', by: [sql`update audit set at = '-infinity' where no = 3`], bad: 3 },
  { what: 'changed', by: [sql`update audit set data = '{"changed": true}' where no = 4`], bad: 4 },
  {
    what: 'changed at the very place where the trail would begin',
    by: [sql`update audit set actor = '"bot"' where no = 5`],
    bad: 5,
  },
  { what: 'sealed by somebody else', by: [sql`update audit set seal = repeat('0', 64) where no = 5`], bad: 5 },
  { what: 'gone', by: [sql`delete from audit where no = 2`], bad: 2 },
  { what: 'gone at the beginning', by: [sql`delete from audit where no <= 2`], bad: 1 },
  {
    what: 'in another order',
    by: [
      sql`update audit set no = 99 where no = 2`,
      sql`update audit set no = 2 where no = 3`,
      sql`update audit set no = 3 where no = 99`,
    ],
    bad: 2,
  },
];

/** Retention doesn't clear away what somebody has changed: that would prove a trail which isn't true. */
export function auditRetentionContract(subject: () => Subject, rows: () => Rows): void {
  let trail: AuditTrail;
  const write = (...actions: string[]) =>
    subject().one.store.transaction(async (tx) => {
      for (const action of actions) await tx.audit({ actor: ALICE, action });
    });
  const prune = () => trail.prune(T0 + 1, T0 + 2 * MINUTE);
  const lines = async () => {
    const all: { no: number; action: string }[] = [];
    for await (const line of trail.export({ since: null, format: 'jsonl' })) all.push(JSON.parse(line));
    return all.slice(0, -1);
  };
  const firstBad = async () => (await trail.verify()).firstBad?.no ?? null;

  describe('retention of the audit trail', () => {
    beforeEach(async () => {
      await rows().run(sql`delete from audit`);
      await rows().run(sql`delete from audit_head`);
      subject().clock.set(T0);
      trail = rows().trail();
      await write('1', '2', '3', '4', '5');
      subject().clock.advance(MINUTE);
      await write('6', '7', '8', '9');
      await trail.seal(50);
      await rows().run(sql`create table kept as select * from audit`);
    });
    afterEach(() => rows().run(sql`drop table kept`));

    for (const { what, by, bad } of TAMPERINGS) {
      it(`leaves all of it, and names the first, where entries are ${what}`, async () => {
        for (const statement of by) await rows().run(statement);
        const before = await lines();
        const why = new RegExp(`entry no\\. ${bad} isn't as it was sealed .*\`liveresponse audit verify\``);
        await assert.rejects(prune(), { code: 'database', message: why });
        assert.deepEqual([await lines(), await firstBad()], [before, bad]);
        assert.ok(before.every(({ action }) => action !== 'audit.pruned'));
        await rows().run(sql`delete from audit`);
        await rows().run(sql`insert into audit overriding system value select * from kept`);
        assert.deepEqual([await prune(), await firstBad()], [5, null], 'once it is as it was, retention goes on');
      });
    }

    it('keeps what was made younger, where it shows', async () => {
      await rows().run(sql`update audit set at = ${new Date(T0 + MINUTE)} where no = 1`);
      assert.deepEqual([await prune(), await firstBad()], [0, 1]);
    });

    it('looks at what goes only, whatever was changed behind it', async () => {
      await rows().run(sql`update audit set data = '{"changed": true}' where no = 7`);
      assert.deepEqual([await prune(), await firstBad()], [5, 7]);
    });

    it('takes nothing for a part of the trail that somebody put before its beginning or behind its end', async () => {
      await prune();
      for (const no of [-1, 3, 5, 99]) {
        await rows().run(sql`insert into audit (at, actor, action, data, no, seal)
          values ('2001-01-01', '"bot"', 'policy.loaded', '{"hash": "abc", "text": "anything"}', ${no}, 'x')`);
      }
      assert.equal(await prune(), 0);
      assert.equal((await trail.verify()).begins?.no, 6);
      await rows().run(sql`delete from audit where no = 99`);
      assert.equal(await trail.prune(T0 + MINUTE + 1, T0 + 2 * MINUTE), 4);
      assert.equal(await firstBad(), null);
      assert.ok((await lines()).every(({ action }) => action === 'audit.pruned'));
    });

    it('is done once by two instances at the same time, over many pages', async () => {
      await rows().run(sql`delete from audit`);
      await rows().run(sql`delete from audit_head`);
      trail = rows().trail();
      await rows().run(sql`insert into audit (at, actor, action, data)
        select to_timestamp(${T0 / 1000}), '"bot"', 'many', jsonb_build_object('i', i) from generate_series(1, 1200) i`);
      await trail.seal(5_000);
      await rows().run(sql`update audit set data = '{}' where no = 1103`);
      await assert.rejects(prune(), { code: 'database', message: /entry no\. 1103 / });
      await rows().run(sql`update audit set data = '{"i": 1103}' where no = 1103`);
      const other = rows().trail();
      const removed = await Promise.all([prune(), other.prune(T0 + 1, T0 + 2 * MINUTE)]);
      assert.deepEqual(removed.toSorted(), [0, 1_200]);
      assert.deepEqual([(await lines()).map(({ no }) => no), await firstBad()], [[1_201], null]);
    });
  });
}
