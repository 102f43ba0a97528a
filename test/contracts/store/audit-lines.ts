import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { AuditTrail } from '../../../src/store/audit.ts';
import { verifyExport } from '../../../src/store/audit-verify-file.ts';
import { ALICE, AUDIT_KEY, type Subject, T0 } from './fixtures.ts';
import type { Rows } from './rows.ts';

type Change = (lines: string[]) => string[];
const inLine =
  (index: number, change: (line: string) => string): Change =>
  (lines) =>
    lines.map((line, at) => (at === index ? change(line) : line));
const move =
  (from: number, to: number): Change =>
  (lines) => {
    const others = lines.filter((_, at) => at !== from);
    return [...others.slice(0, to), lines[from] ?? '', ...others.slice(to)];
  };

/** Lines that say something else than the entry whose seal they bear. Three are sealed, one isn't, the last is the end. */
const CHANGES: [what: string, change: Change, no: number][] = [
  ['an added field', inLine(1, (line) => line.replace('"seal"', '"note":"approved by the board","seal"')), 2],
  ['a field twice', inLine(1, (line) => line.replace('"action":', '"action":"harmless","action":')), 2],
  ['a field of the data twice', inLine(1, (line) => line.replace('"line":', '"line":"harmless","line":')), 2],
  ['another seal before it', inLine(1, (line) => line.replace(/"previous":"./, '"previous":"x')), 2],
  ['another way to write it', inLine(1, (line) => line.replace('"two"', '"\\u0074wo"')), 2],
  ['blanks', inLine(1, (line) => line.replace('"no":2', '"no": 2')), 2],
  ['an added field of the end', inLine(4, (line) => line.replace('"end":{', '"end":{"by":"the board",')), 4],
  ['one that isn’t sealed, first', move(3, 0), 1],
  ['one that isn’t sealed, in the middle', move(3, 1), 2],
  ['one without a number that has a seal', inLine(3, (line) => line.replace('"seal":null', '"seal":"abc"')), 4],
  [
    'one without a number that has a seal before it',
    inLine(3, (l) => l.replace('"previous":null', '"previous":""')),
    4,
  ],
  ['one whose number was taken away', inLine(2, (line) => line.replace('"no":3', '"no":null')), 3],
];

/** An exported trail, line by line: each is as it was written, or is told. */
export function auditLinesContract(subject: () => Subject, rows: () => Rows): void {
  let lines: string[];
  const verify = (all: string[]) =>
    verifyExport(
      (async function* () {
        yield* all;
      })(),
      AUDIT_KEY,
    );

  describe('the lines of an exported audit trail', () => {
    before(async () => {
      await rows().run(sql`delete from audit`);
      await rows().run(sql`delete from audit_head`);
      subject().clock.set(T0);
      const trail: AuditTrail = rows().trail();
      const write = (action: string) =>
        subject().one.store.transaction((tx) =>
          tx.audit({ actor: ALICE, action, data: { line: 'run', 7: 'é\u2028' } }),
        );
      for (const action of ['one', 'two', 'three']) await write(action);
      await trail.seal(10);
      await write('four');
      lines = [];
      for await (const line of trail.export({ since: null, format: 'jsonl' })) lines.push(line);
    });

    it('are good as they are, also with the line ends of Windows', async () => {
      assert.equal((await verify(lines)).ok, true);
      assert.equal((await verify(lines.map((line) => line.replace('\n', '\r\n')))).ok, true);
    });

    for (const [what, change, no] of CHANGES) {
      it(`show ${what}`, async () => {
        const changed = change(lines);
        assert.notDeepEqual(changed, lines);
        const { ok, firstBad } = await verify(changed);
        assert.deepEqual([ok, firstBad?.no], [false, no], firstBad?.why);
      });
    }
  });
}
