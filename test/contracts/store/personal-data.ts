import assert from 'node:assert/strict';
import { type RawBuilder, sql } from 'kysely';
import { ALICE, aRequest, aRun, type Subject, stored, T0 } from './fixtures.ts';
import type { Rows } from './rows.ts';

/** Deleting a person's data by hand, as docs/security.md tells it: each table and column that it names. */
export function personalDataContract(subject: () => Subject, rows: () => Rows): void {
  const store = () => subject().one.store;
  const key = `${ALICE.platform}:${ALICE.id}`;

  describe('a person’s data', () => {
    it('is deleted from the tables and columns of docs/security.md, links apart from their requests', async () => {
      const { request, runs } = await stored(subject(), aRequest({ requester: ALICE }), (made) => aRun(made, 1));
      const output = { output: 'x', errors: '', exitCode: 0, size: 1, sha256: null, truncated: false };
      const answerId = await store().transaction(async (tx) => {
        await tx.insertDecision({ requestId: request.id, round: 1, person: ALICE, verdict: 'deny', why: null, at: T0 });
        await tx.putOutput({ ...output, runId: runs[0]?.id ?? '', index: 0 });
        await tx.insertLink({ hash: 'of-a-person', requestId: request.id, person: ALICE, expiresAt: T0 });
        return tx.insertAnswer({
          platform: ALICE.platform,
          to: ALICE.id,
          answer: { lines: [], output: [], buttons: [] },
        });
      });
      const steps: RawBuilder<unknown>[] = [
        sql`delete from requests where requester = ${key} and id = ${request.id}`,
        sql`delete from decisions where person = ${key}`,
        sql`delete from answers where body->>'to' = ${ALICE.id}`,
      ];
      for (const step of steps) await rows().run(step);
      const { request: found, decisions } = await store().transaction(async (tx) => ({
        request: await tx.request(request.id),
        decisions: await tx.decisionsOf(request.id),
      }));
      assert.deepEqual([found, decisions, await store().outputsOf(request.id)], [null, [], []]);
      assert.equal(await store().sender.answer(answerId), null);
      assert.notEqual(await store().link('of-a-person'), null, 'a link is not deleted with its request');
      await rows().run(sql`delete from links where body->'person'->>'id' = ${ALICE.id}`);
      assert.equal(await store().link('of-a-person'), null);
    });
  });
}
