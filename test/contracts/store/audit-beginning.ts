import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { AuditTrail } from '../../../src/store/audit.ts';
import { type Anchor, type ChainHead, macOf } from '../../../src/store/audit-chain.ts';
import type { ExportOptions } from '../../../src/store/audit-export.ts';
import { verifyExport } from '../../../src/store/audit-verify-file.ts';
import { ALICE, AUDIT_KEY, type Subject, T0 } from './fixtures.ts';
import type { Rows } from './rows.ts';

const MINUTE = 60_000;

/** The beginning of the trail: retention may take it away and leaves word of that; nobody else can. */
export function auditBeginningContract(subject: () => Subject, rows: () => Rows): void {
  let trail: AuditTrail;
  const write = (...actions: string[]) =>
    subject().one.store.transaction(async (tx) => {
      for (const action of actions) await tx.audit({ actor: ALICE, action });
    });
  const lines = async (options: Partial<ExportOptions> = {}) => {
    const all: string[] = [];
    for await (const line of trail.export({ since: null, format: 'jsonl', ...options })) all.push(line);
    return all;
  };
  async function* again(all: string[]) {
    yield* all;
  }
  const whyNot = async (noted: Anchor | null = null): Promise<string> => {
    const { firstBad } = await trail.verify(noted);
    return firstBad === null ? 'nothing' : `${firstBad.no}: ${firstBad.why}`;
  };
  /** Somebody with the database's password cuts all up to the beginning of what was exported, and puts its ends in as the trail's. */
  const cutAt = async (line: string): Promise<void> => {
    const { end } = JSON.parse(line) as { end: { baseNo: number; baseSeal: string; mac: string } };
    await rows().run(sql`delete from audit where no <= ${end.baseNo}`);
    await rows().run(sql`update audit_head set base_no = ${end.baseNo}, base_seal = ${end.baseSeal}, mac = ${end.mac}`);
  };

  describe('the beginning of the audit trail', () => {
    beforeEach(async () => {
      await rows().run(sql`delete from audit`);
      await rows().run(sql`delete from audit_head`);
      subject().clock.set(T0);
      trail = rows().trail();
      await write('one', 'two', 'three');
      subject().clock.advance(MINUTE);
      await write('four', 'five', 'six');
      await trail.seal(10);
    });

    for (const way of ['since', 'after'] as const) {
      it(`can’t be cut off with the last line of an export --${way}`, async () => {
        const { head } = await trail.verify();
        assert.ok(head);
        const second = rows().trail();
        const place = { no: 3, seal: (JSON.parse((await lines())[2] ?? '') as { seal: string }).seal };
        const part = await lines(way === 'since' ? { since: T0 + 1 } : { after: place });
        assert.equal((await verifyExport(again(part), AUDIT_KEY, head)).ok, true);
        await cutAt(part.at(-1) ?? '');
        assert.match(await whyNot(), /^4: the record of where the trail begins and ends was changed/);
        assert.match(await whyNot(head), /^4: /);
        await write('seven');
        await assert.rejects(second.seal(10), { code: 'database' });
      });
    }

    it('leaves word of what retention removed, sealed at once and behind nothing that waits', async () => {
      await write('waits');
      assert.equal(await trail.prune(T0 + 1, T0 + 2 * MINUTE), 3);
      const verdict = await trail.verify();
      const begins = { no: 4, at: new Date(T0 + MINUTE).toISOString(), pruned: true };
      assert.deepEqual([verdict.firstBad, verdict.count, verdict.unsealed, verdict.begins], [null, 4, 1, begins]);
      const word = JSON.parse((await lines())[3] ?? '') as { no: number; action: string; data: object };
      const { proof, ...data } = word.data as { proof: string };
      assert.deepEqual([word.no, word.action], [7, 'audit.pruned']);
      assert.deepEqual(data, { upTo: 3, removed: 3, before: new Date(T0 + 1).toISOString(), policy: null });
      assert.match(proof, /^[0-9a-f]{64}$/);
      assert.deepEqual(trail.head(), verdict.head);
      assert.deepEqual((await verifyExport(again(await lines()), AUDIT_KEY)).begins, begins);
      await trail.seal(10);
      assert.equal(await whyNot(), 'nothing');
    });

    it('may be removed again and again, each time with its own word', async () => {
      await trail.prune(T0 + 1, T0 + MINUTE);
      await trail.prune(T0 + MINUTE + 1, T0 + 2 * MINUTE);
      assert.equal(await whyNot(), 'nothing');
      assert.deepEqual((await trail.verify()).begins?.no, 8);
      assert.equal(await trail.prune(T0 + MINUTE + 1, T0 + 2 * MINUTE), 0);
    });

    it('is told when it is gone without a word of retention, also with a word that somebody made up', async () => {
      const entries = (await lines()).map((line) => JSON.parse(line) as { seal: string });
      const end = { baseNo: 3, baseSeal: entries[2]?.seal ?? '', count: 6, seal: entries[5]?.seal ?? '' };
      // What older versions put at the end of an export: a true head of the trail with a later beginning.
      await cutAt(JSON.stringify({ end: { ...end, mac: macOf(AUDIT_KEY, end) } }));
      assert.match(await whyNot(), /^3: it is missing, and all before it: the beginning was cut off/);
      await subject().one.store.transaction((tx) =>
        tx.audit({ actor: 'bot', action: 'audit.pruned', data: { upTo: 3, removed: 3, proof: '0'.repeat(64) } }),
      );
      await trail.seal(10);
      assert.match(await whyNot(), /^3: it is missing/);
    });

    it('can’t be exported as older versions did it, whose last line proves nothing', async () => {
      const all = await lines();
      const { end } = JSON.parse(all.at(-1) ?? '') as { end: ChainHead };
      const old = [...all.slice(0, -1), `${JSON.stringify({ end: { ...end, mac: macOf(AUDIT_KEY, end) } })}\n`];
      const { firstBad } = await verifyExport(again(old), AUDIT_KEY);
      assert.match(firstBad?.why ?? '', /older version, whose last line proves nothing any more: export anew/);
    });

    it('is not shortened behind an end that was set back', async () => {
      await rows().run(sql`create table kept as select * from audit_head`);
      await write('seven');
      await trail.seal(10);
      await rows().run(sql`delete from audit where no = 7`);
      await rows().run(sql`update audit_head set count = k.count, seal = k.seal, mac = k.mac from kept k`);
      await rows().run(sql`drop table kept`);
      await assert.rejects(trail.prune(T0 + 1, T0 + 2 * MINUTE), /was set back/);
    });

    it('is removed by place: an entry of a time to come holds nothing up, one of long ago takes nothing with it', async () => {
      await rows().run(sql`delete from audit`);
      await rows().run(sql`delete from audit_head`);
      trail = rows().trail();
      const at = async (time: number, action: string) => {
        subject().clock.set(time);
        await write(action);
      };
      await at(T0 + 9_000 * MINUTE, 'from the future');
      await at(T0, 'old');
      await at(T0 + 10 * MINUTE, 'new');
      await at(T0 - 9_000 * MINUTE, 'from long ago');
      await at(T0 + 9_000 * MINUTE, 'from the future again');
      await trail.seal(10);
      assert.equal(await trail.prune(T0 + 1, T0 + 12 * MINUTE), 2);
      assert.equal((await trail.verify()).begins?.no, 3);
      assert.equal(await trail.prune(T0 + 1, T0 + 12 * MINUTE), 0);
      assert.equal(await trail.prune(T0 + 11 * MINUTE, T0 + 13 * MINUTE), 2, 'up to the last old one, not further');
      assert.equal(await whyNot(), 'nothing');
    });

    it('of an exported piece is told, with nothing proved of what was before', async () => {
      const part = await lines({ since: T0 + 1 });
      const { begins } = await verifyExport(again(part), AUDIT_KEY);
      assert.deepEqual(begins, { no: 4, at: new Date(T0 + MINUTE).toISOString(), pruned: false });
    });
  });
}
