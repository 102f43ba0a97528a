import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { verifyExport } from '../../../src/store/audit-verify.ts';
import { ALICE, AUDIT_KEY, type Subject, T0 } from './fixtures.ts';
import type { Rows } from './rows.ts';

/** The audit trail: written with what it describes, sealed in order, and found out when somebody changes it. */
export function auditContract(subject: () => Subject, rows: () => Rows): void {
  const audit = () => subject().one.audit;
  const write = (...actions: string[]) =>
    subject().one.store.transaction(async (tx) => {
      for (const action of actions) {
        await tx.audit({
          actor: ALICE,
          action,
          requestId: 'LR-000001',
          data: { b: [1, null, 0.1], a: { z: 1, y: 'é' } },
        });
      }
    });
  const lines = async (options = { since: null as number | null, format: 'jsonl' as 'jsonl' | 'csv' }) => {
    const all: string[] = [];
    for await (const line of audit().export(options)) all.push(line);
    return all;
  };
  async function* again(all: string[]) {
    yield* all;
  }

  describe('the audit trail', () => {
    beforeEach(async () => {
      await rows().run(sql`delete from audit`);
      await rows().run(sql`delete from audit_head`);
      subject().clock.set(T0);
      await write('one', 'two', 'three');
      await write('four', 'five');
    });

    it('is good when nothing is in it', async () => {
      await rows().run(sql`delete from audit`);
      assert.deepEqual(await audit().verify(), { ok: true, count: 0, unsealed: 0, firstBad: null });
    });

    it('has no entry of a transaction that failed', async () => {
      const failing = subject().one.store.transaction(async (tx) => {
        await tx.audit({ actor: 'bot', action: 'never' });
        throw new Error('no');
      });
      await assert.rejects(failing, /no/);
      assert.equal((await audit().verify()).unsealed, 5);
    });

    it('is sealed in order, piece by piece, by one instance at a time', async () => {
      assert.equal(await audit().seal(2), 2);
      assert.deepEqual(await audit().verify(), { ok: true, count: 2, unsealed: 3, firstBad: null });
      const sealed = await Promise.all([audit().seal(10), subject().two.audit.seal(10), audit().seal(10)]);
      assert.equal(
        sealed.reduce((sum, one) => sum + one),
        3,
      );
      assert.deepEqual(await audit().verify(), { ok: true, count: 5, unsealed: 0, firstBad: null });
    });

    const tampering: [string, () => Promise<void>, number][] = [
      ['a changed action', () => rows().run(sql`update audit set action = 'x' where no = 3`), 3],
      ['a changed time', () => rows().run(sql`update audit set at = at + interval '1 ms' where no = 2`), 2],
      ['changed data', () => rows().run(sql`update audit set data = '{}' where no = 5`), 5],
      ['another actor', () => rows().run(sql`update audit set actor = '"bot"' where no = 1`), 1],
      ['a removed entry', () => rows().run(sql`delete from audit where no = 3`), 3],
      ['a removed first entry', () => rows().run(sql`delete from audit where no = 1`), 1],
      ['a cut end', () => rows().run(sql`delete from audit where no >= 4`), 4],
      ['an emptied trail', () => rows().run(sql`delete from audit`), 1],
      [
        'a cut end with a moved head',
        async () => {
          await rows().run(sql`delete from audit where no = 5`);
          await rows().run(sql`update audit_head set count = 4, seal = (select seal from audit where no = 4)`);
        },
        1,
      ],
      [
        'a removed head',
        async () => {
          await rows().run(sql`delete from audit_head`);
        },
        1,
      ],
      [
        'entries in another order',
        async () => {
          await rows().run(sql`update audit set no = -no where no in (2, 3)`);
          await rows().run(sql`update audit set no = 5 + no where no in (-2, -3)`);
        },
        2,
      ],
      [
        'an inserted entry',
        async () => {
          await rows().run(sql`insert into audit (at, actor, action, data, no, seal)
            select at, actor, 'forged', data, 6, seal from audit where no = 5`);
        },
        6,
      ],
      [
        'an entry that is no longer marked as sealed',
        async () => {
          await rows().run(sql`update audit set no = null, seal = null where no = 4`);
        },
        4,
      ],
    ];
    for (const [what, tamper, no] of tampering) {
      it(`shows ${what}`, async () => {
        await audit().seal(10);
        await tamper();
        const verdict = await audit().verify();
        assert.equal(verdict.ok, false);
        assert.equal(verdict.firstBad?.no, no, verdict.firstBad?.why);
        // What stands behind the end is not exported at all.
        const exported = await verifyExport(again(await lines()), AUDIT_KEY);
        assert.equal(exported.ok, what === 'an inserted entry');
      });
    }

    it('refuses to go on sealing what was sealed with another key', async () => {
      await audit().seal(10);
      await rows().run(sql`update audit_head set mac = 'forged'`);
      await write('six');
      await assert.rejects(audit().seal(10), { code: 'database' });
    });

    it('is exported with its proof, and unsealed entries last', async () => {
      await audit().seal(10);
      await write('six');
      const all = await lines();
      assert.equal(all.length, 7);
      assert.ok(all.every((line) => line.endsWith('\n')));
      assert.deepEqual(await verifyExport(again(all), AUDIT_KEY), { ok: true, count: 5, unsealed: 1, firstBad: null });
      assert.equal((await verifyExport(again(all), `${AUDIT_KEY}!`)).ok, false);
      for (let index = 0; index < 5; index++) {
        const cut = all.filter((_, at) => at !== index);
        assert.equal((await verifyExport(again(cut), AUDIT_KEY)).ok, false, `without line ${index}`);
        const changed = all.map((line, at) => (at === index ? line.replace('Alice', 'Malice') : line));
        assert.equal((await verifyExport(again(changed), AUDIT_KEY)).firstBad?.no, index + 1);
      }
      assert.equal((await verifyExport(again(all.slice(0, -1)), AUDIT_KEY)).ok, false, 'without the end');
      assert.equal((await verifyExport(again(['nonsense\n']), AUDIT_KEY)).ok, false);
    });

    it('is exported since a time', async () => {
      subject().clock.advance(60_000);
      await write('six', 'seven');
      await audit().seal(10);
      const some = await lines({ since: T0 + 1, format: 'jsonl' });
      assert.equal(some.length, 3);
      assert.deepEqual(await verifyExport(again(some), AUDIT_KEY), { ok: true, count: 2, unsealed: 0, firstBad: null });
    });

    it('is exported as CSV that no spreadsheet takes for formulas', async () => {
      await write('=cmd|"/c calc"!A1', '+1', '@x', 'with, comma');
      await audit().seal(20);
      const all = await lines({ since: null, format: 'csv' });
      assert.equal(all[0], 'no,at,actor,action,requestId,runId,data,previous,seal\r\n');
      assert.match(all[6] ?? '', /,"'=cmd\|""\/c calc""!A1",LR-000001,,/);
      assert.match(all[7] ?? '', /,'\+1,/);
      assert.match(all[8] ?? '', /,'@x,/);
      assert.match(all[9] ?? '', /,"with, comma",/);
    });

    it('stays provable after its old part was removed', async () => {
      subject().clock.advance(60_000);
      await write('six');
      await audit().seal(10);
      await audit().prune(T0 + 1);
      assert.deepEqual(await audit().verify(), { ok: true, count: 1, unsealed: 0, firstBad: null });
      await write('seven');
      await audit().seal(10);
      assert.deepEqual(await audit().verify(), { ok: true, count: 2, unsealed: 0, firstBad: null });
      assert.equal((await verifyExport(again(await lines()), AUDIT_KEY)).ok, true);
      await rows().run(sql`delete from audit where action = 'six'`);
      assert.equal((await audit().verify()).ok, false);
    });
  });
}
