import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { AuditTrail } from '../../../src/store/audit.ts';
import { ALICE, type Subject, T0 } from './fixtures.ts';
import type { Rows } from './rows.ts';

const MINUTE = 60_000;

/** The texts of policies: kept as long as an entry goes by them, and longer than the entry that had them first. */
export function auditTextsContract(subject: () => Subject, rows: () => Rows): void {
  let trail: AuditTrail;
  const store = () => subject().one.store;
  /** As a bot loads a policy: the text where it isn't known to be kept. */
  const load = (hash: string) =>
    store().transaction(async (tx) => {
      const known = (await tx.setting(`policy:${hash}`)) === true;
      await tx.setSetting(`policy:${hash}`, true);
      const text = known ? {} : { text: `text of ${hash}` };
      await tx.audit({ actor: 'bot', action: 'policy.loaded', data: { hash, why: 'start', ...text } });
    });
  const decide = (hash: string) =>
    store().transaction((tx) =>
      tx.audit({ actor: ALICE, action: 'request.approve', data: { terms: { policy: hash } } }),
    );
  const known = (hash: string) => store().transaction((tx) => tx.setting(`policy:${hash}`));
  const pruneAt = async (minutes: number) => {
    await trail.seal(50);
    await trail.prune(T0 + minutes * MINUTE - 1, subject().clock.now());
    assert.equal((await trail.verify()).firstBad, null);
  };
  /** Whose text stands in the trail, and in which kind of entry. */
  const texts = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const line of trail.export({ since: null, format: 'jsonl' })) {
      const { action, data } = JSON.parse(line) as { action?: string; data?: { hash: string; text?: string } };
      if (data?.text !== undefined) found.push(`${action} ${data.text}`);
    }
    return found;
  };

  describe('the texts of policies in the audit trail', () => {
    beforeEach(async () => {
      await rows().run(sql`delete from audit`);
      await rows().run(sql`delete from audit_head`);
      await rows().run(sql`delete from settings where key like 'policy:%'`);
      subject().clock.set(T0);
      trail = rows().trail();
      await load('cafe');
    });
    after(() => rows().run(sql`delete from settings where key like 'policy:%'`));

    it('stay while their policy is in force, also when nothing happened since', async () => {
      subject().clock.advance(10 * MINUTE);
      await pruneAt(5);
      assert.deepEqual([await texts(), await known('cafe')], [['policy.kept text of cafe'], true]);
      for (const minutes of [15, 25]) {
        subject().clock.advance(10 * MINUTE);
        await pruneAt(minutes);
        assert.deepEqual(await texts(), ['policy.kept text of cafe']);
      }
      subject().clock.advance(10 * MINUTE);
      await load('beef');
      await pruneAt(35);
      assert.deepEqual(await texts(), ['policy.loaded text of beef', 'policy.kept text of cafe']);
    });

    it('stay while an entry goes by them, and are forgotten with the last one, so that the next load keeps them again', async () => {
      subject().clock.advance(MINUTE);
      await load('beef');
      subject().clock.advance(9 * MINUTE);
      await decide('cafe');
      await pruneAt(5);
      assert.deepEqual(await texts(), ['policy.kept text of beef', 'policy.kept text of cafe']);
      subject().clock.advance(10 * MINUTE);
      await decide('beef');
      await pruneAt(15);
      assert.deepEqual(await texts(), ['policy.kept text of beef']);
      assert.deepEqual([await known('cafe'), await known('beef')], [null, true]);
      await load('cafe');
      assert.deepEqual(await texts(), ['policy.kept text of beef', 'policy.loaded text of cafe']);
    });

    it('are written down no second time where a later entry has them', async () => {
      await rows().run(sql`delete from settings where key = 'policy:cafe'`);
      subject().clock.advance(10 * MINUTE);
      await load('cafe');
      await pruneAt(5);
      assert.deepEqual([await texts(), await known('cafe')], [['policy.loaded text of cafe'], true]);
    });
  });
}
