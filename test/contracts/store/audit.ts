import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { AuditTrail } from '../../../src/store/audit.ts';
import { type Anchor, sealOf } from '../../../src/store/audit-chain.ts';
import type { ExportOptions } from '../../../src/store/audit-export.ts';
import { verifyExport } from '../../../src/store/audit-verify-file.ts';
import { ALICE, AUDIT_KEY, type Subject, T0 } from './fixtures.ts';
import type { Rows } from './rows.ts';

/** The audit trail: written with what it describes, sealed in order, and found out when somebody changes it. */
export function auditContract(subject: () => Subject, rows: () => Rows): void {
  let trail: AuditTrail;
  const audit = () => trail;
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
  const lines = async (options: ExportOptions = { since: null, format: 'jsonl' }) => {
    const all: string[] = [];
    for await (const line of audit().export(options)) all.push(line);
    return all;
  };
  async function* again(all: string[]) {
    yield* all;
  }
  /** What is good of a verdict, without its head. */
  const goodOf = async (verdict: ReturnType<AuditTrail['verify']>) => {
    const { ok, count, unsealed, firstBad } = await verdict;
    assert.equal(firstBad, null, firstBad?.why);
    return { ok, count, unsealed };
  };
  const headNow = async (): Promise<Anchor> => {
    const { head } = await audit().verify();
    assert.ok(head);
    return head;
  };
  const whyNot = async (noted: Anchor | null = null): Promise<string> => {
    const { firstBad } = await audit().verify(noted);
    return firstBad === null ? 'nothing' : `${firstBad.no}: ${firstBad.why}`;
  };

  describe('the audit trail', () => {
    beforeEach(async () => {
      await rows().run(sql`delete from audit`);
      await rows().run(sql`delete from audit_head`);
      subject().clock.set(T0);
      trail = rows().trail();
      await write('one', 'two', 'three');
      await write('four', 'five');
    });

    it('is good when nothing is in it', async () => {
      await rows().run(sql`delete from audit`);
      const empty = { ok: true, count: 0, unsealed: 0, firstBad: null, head: null, begins: null };
      assert.deepEqual(await audit().verify(), empty);
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
      assert.deepEqual(await goodOf(audit().verify()), { ok: true, count: 2, unsealed: 3 });
      const sealed = await Promise.all([audit().seal(10), rows().trail().seal(10), audit().seal(10)]);
      assert.equal(
        sealed.reduce((sum, one) => sum + one),
        3,
      );
      assert.deepEqual(await goodOf(audit().verify()), { ok: true, count: 5, unsealed: 0 });
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
        'an entry inserted in the middle, the later ones moved on',
        async () => {
          await rows().run(sql`update audit set no = no + 100 where no > 2`);
          await rows().run(sql`update audit set no = no - 99 where no > 100`);
          await rows().run(sql`insert into audit (at, actor, action, data, no, seal)
            select at, actor, 'forged', data, 3, seal from audit where no = 2`);
          await rows().run(sql`update audit_head set count = 6`);
        },
        1,
      ],
      [
        'a changed entry that was sealed anew with another key',
        async () => {
          const entry = { no: 5, at: new Date(T0).toISOString(), actor: ALICE, action: 'x', requestId: 'LR-000001' };
          const seal = sealOf('not the key that is in use, but long', '', { ...entry, runId: null, data: {} });
          await rows().run(sql`update audit set action = 'x', data = '{}', seal = ${seal} where no = 5`);
          await rows().run(sql`update audit_head set seal = ${seal}`);
        },
        1,
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

    describe('held to a head that was noted elsewhere', () => {
      let noted: Anchor;
      beforeEach(async () => {
        await audit().seal(3);
        noted = await headNow();
        assert.equal(noted.no, 3);
        assert.deepEqual(audit().head(), noted);
        await audit().seal(10);
      });

      it('goes on from there, also when nothing was added', async () => {
        assert.equal(await whyNot(noted), 'nothing');
        assert.equal(await whyNot(await headNow()), 'nothing');
        assert.equal((await verifyExport(again(await lines()), AUDIT_KEY, noted)).ok, true);
      });

      it('shows an end that was cut off together with a head that was true once', async () => {
        const later = await headNow();
        await rows().run(sql`create table kept as select * from audit_head`);
        await write('six');
        await audit().seal(10);
        const latest = await headNow();
        await rows().run(sql`delete from audit where no = 6`);
        await rows().run(sql`update audit_head set count = k.count, seal = k.seal, mac = k.mac from kept k`);
        await rows().run(sql`drop table kept`);
        assert.equal(await whyNot(), 'nothing', 'the database alone can’t tell');
        assert.equal(await whyNot(later), 'nothing');
        assert.match(await whyNot(latest), /^6: it is missing: you noted a trail of 6 entries/);
        const exported = await verifyExport(again(await lines()), AUDIT_KEY, latest);
        assert.equal(exported.firstBad?.no, 6);
        await write('instead');
        await assert.rejects(audit().seal(10), /was set back: entry no\. 6 was sealed by this process/);
        assert.equal((await audit().verify()).unsealed, 1);
        await rows().trail().seal(10);
        assert.match(await whyNot(latest), /^6: its seal is not the one that you noted/);
      });

      it('shows a whole trail that was thrown away, and one that was begun anew in its place', async () => {
        await rows().run(sql`delete from audit`);
        await rows().run(sql`delete from audit_head`);
        assert.equal(await whyNot(), 'nothing', 'an empty database alone can’t tell');
        assert.match(await whyNot(noted), /^1: it is missing: you noted a trail of 3 entries, and all are gone/);
        await write('a', 'b', 'c', 'd');
        await rows().trail().seal(10);
        assert.match(await whyNot(noted), /^3: its seal is not the one that you noted/);
      });

      it('says of one that retention removed that nothing can be said', async () => {
        subject().clock.advance(60_000);
        await write('six');
        await audit().seal(10);
        await audit().prune(T0 + 1, T0 + 60_000);
        assert.match(await whyNot(noted), /^3: it was removed with the oldest entries/);
        assert.equal(await whyNot(await headNow()), 'nothing');
      });
    });

    it('is missed where a bot has been at work', async () => {
      await audit().seal(10);
      await rows().run(sql`insert into settings values ('policy:abc', 'true')`);
      try {
        await rows().run(sql`delete from audit`);
        assert.match(await whyNot(), /^1: it is missing/);
        await rows().run(sql`delete from audit_head`);
        assert.match(await whyNot(), /^1: it is missing: a bot has been at work on this database/);
        await write('later');
        assert.match(
          await whyNot(),
          /^1: it is missing: a bot has been at work/,
          'an entry that isn’t sealed is no trail',
        );
        await subject().one.store.transaction((tx) =>
          tx.audit({ actor: 'bot', action: 'policy.loaded', data: { hash: 'abc', text: 'version: 1' } }),
        );
        assert.equal(await whyNot(), 'nothing', 'a bot that has just begun, and sealed nothing yet');
      } finally {
        await rows().run(sql`delete from settings where key = 'policy:abc'`);
      }
    });

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
      assert.deepEqual(await goodOf(verifyExport(again(all), AUDIT_KEY)), { ok: true, count: 5, unsealed: 1 });
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
      assert.deepEqual(await goodOf(verifyExport(again(some), AUDIT_KEY)), { ok: true, count: 2, unsealed: 0 });
    });

    it('is exported in pieces that make the whole, with no gap and nothing twice', async () => {
      await audit().seal(2);
      const first = await lines({ since: null, after: null, format: 'jsonl' });
      const { head } = await verifyExport(again(first), AUDIT_KEY);
      assert.ok(head);
      assert.equal(head.no, 2);
      await audit().seal(2);
      const second = await lines({ since: null, after: head, format: 'jsonl' });
      const numbers = [...first, ...second].map((line) => (JSON.parse(line) as { no?: number | null }).no);
      assert.deepEqual(numbers, [1, 2, null, null, null, undefined, 3, 4, undefined]);
      assert.equal((await verifyExport(again(second), AUDIT_KEY, head)).ok, true);
      const other = { ...head, seal: '0'.repeat(64) };
      assert.equal((await verifyExport(again(second), AUDIT_KEY, other)).firstBad?.no, 2);
      await assert.rejects(lines({ since: null, after: other, format: 'jsonl' }), /--after: the trail doesn’t go on/);
      const none = await lines({ since: null, after: await headNow(), format: 'jsonl' });
      assert.equal(none.length, 1);
      assert.equal((await verifyExport(again(none), AUDIT_KEY, await headNow())).ok, true);
    });

    it('can’t be exported in pieces from where retention has removed it', async () => {
      await audit().seal(2);
      const noted = await headNow();
      subject().clock.advance(60_000);
      await write('six');
      await audit().seal(10);
      await audit().prune(T0 + 1, T0 + 60_000);
      await assert.rejects(lines({ since: null, after: noted, format: 'jsonl' }), /there would be a gap/);
    });

    it('is exported as CSV that no spreadsheet takes for formulas', async () => {
      await write('=cmd|"/c calc"!A1', '+1', '@x', 'with, comma', 'one;=two', '\t=x', '-1');
      await audit().seal(20);
      const all = await lines({ since: null, format: 'csv' });
      assert.equal(all[0], 'no,at,actor,action,requestId,runId,data,previous,seal\r\n');
      assert.match(all[6] ?? '', /,"'=cmd\|""\/c calc""!A1",LR-000001,,/);
      assert.match(all[7] ?? '', /,'\+1,/);
      assert.match(all[8] ?? '', /,'@x,/);
      assert.match(all[9] ?? '', /,"with, comma",/);
      assert.match(all[10] ?? '', /,"one;'=two",/);
      assert.match(all[11] ?? '', /,"'\t'=x",/);
      assert.match(all[12] ?? '', /,'-1,/);
    });

    it('stays provable after its old part was removed', async () => {
      subject().clock.advance(60_000);
      await write('six');
      await audit().seal(10);
      await audit().prune(T0 + 1, T0 + 60_000);
      assert.deepEqual(await goodOf(audit().verify()), { ok: true, count: 2, unsealed: 0 });
      await write('seven');
      await audit().seal(10);
      assert.deepEqual(await goodOf(audit().verify()), { ok: true, count: 3, unsealed: 0 });
      assert.equal((await verifyExport(again(await lines()), AUDIT_KEY)).ok, true);
      await rows().run(sql`delete from audit where action = 'six'`);
      assert.equal((await audit().verify()).ok, false);
    });

    it('shows a beginning that somebody else removed, before and after retention did', async () => {
      subject().clock.advance(60_000);
      await write('six', 'seven', 'eight');
      await audit().seal(10);
      await audit().prune(T0 + 1, T0 + 60_000);
      await rows().run(sql`delete from audit where no = 6`);
      assert.match(await whyNot(), /^6: it is missing: an entry was removed/);
      await rows().run(sql`update audit_head set base_no = 6, base_seal = ''`);
      assert.match(await whyNot(), /^7: the record of where the trail begins and ends was changed/);
      await assert.rejects(audit().prune(T0 + 60_001, T0 + 60_001), { code: 'database' });
    });

    it('is followed over many pages, in the database and in a file', async () => {
      await rows().run(sql`insert into audit (at, actor, action, data)
        select to_timestamp(${T0 / 1000}), '"bot"', 'many', jsonb_build_object('i', i) from generate_series(1, 1200) i`);
      assert.equal(await audit().seal(5_000), 1_205);
      const exported = await lines();
      assert.deepEqual(await goodOf(audit().verify()), { ok: true, count: 1_205, unsealed: 0 });
      assert.equal((await verifyExport(again(exported), AUDIT_KEY)).count, 1_205);
      await rows().run(sql`update audit set data = '{}' where no = 1103`);
      assert.match(await whyNot(), /^1103: its seal does not fit/);
      const moved = [
        ...exported.slice(0, 1_101),
        exported[1_102] ?? '',
        exported[1_101] ?? '',
        ...exported.slice(1_103),
      ];
      assert.equal((await verifyExport(again(moved), AUDIT_KEY)).firstBad?.no, 1_102);
    });

    it('passes a head that was noted while entries come and go', async () => {
      await audit().seal(10);
      const noted = await headNow();
      const writing = (async () => {
        for (let count = 0; count < 5; count++) {
          await write(`more ${count}`);
          await audit().seal(10);
        }
      })();
      for (let count = 0; count < 5; count++) assert.equal(await whyNot(noted), 'nothing');
      await writing;
      assert.deepEqual(await goodOf(audit().verify(noted)), { ok: true, count: 10, unsealed: 0 });
    });
  });
}
