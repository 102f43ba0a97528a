import assert from 'node:assert/strict';
import type { Deps } from '../../src/flow/deps.ts';
import { clicked } from '../../src/flow/inbox.ts';
import type { Job, Store } from '../../src/flow/ports.ts';
import { loadPolicy } from '../../src/policy/index.ts';
import { stage } from '../../src/work.ts';
import { fakeChat } from '../support/fake-chat.ts';
import { CLIENT_ID, fakeDefender } from '../support/fake-defender.ts';
import { memoryStore } from '../support/memory-store.ts';
import { ANA, NOW } from '../support/records.ts';
import { insert, recordsOf } from '../support/rights/states.ts';
import { POLICY, quiet, quietMetrics } from '../support/world.ts';

const policy = loadPolicy(POLICY, { platforms: ['slack'] });

/**
 * PostgreSQL shows a transaction what others have committed since it began: here all of another lead's approval happens between this
 * lead's decision and the release of the runs.
 */
describe('Two leads on two instances', () => {
  it('who approve in the same moment release it once, and the one who was later hears that it is approved', async () => {
    const { store, requests, runs, answers } = memoryStore();
    const jobs: Job[] = [];
    let meanwhile = async (): Promise<void> => undefined;
    const both: Store = {
      ...store,
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            enqueue: async (job) => void jobs.push(job),
            insertDecision: async (decision) => {
              const other = meanwhile;
              meanwhile = async () => undefined;
              await other();
              return tx.insertDecision(decision);
            },
          }),
        ),
    };
    const deps: Deps = {
      ...{ store: both, chats: new Map([['slack', fakeChat()]]), defender: fakeDefender({ now: () => NOW }) },
      ...{ policy: () => policy, clock: { now: () => NOW }, sleep: async () => undefined, log: quiet },
      ...{ metrics: quietMetrics, publicUrl: 'https://bot.example.com', clientId: CLIENT_ID, visibilityLag: 1 },
    };
    const records = recordsOf('waiting', ANA, policy);
    await store.transaction((tx) => insert(tx, records));
    const { id } = records.request;
    for (const user of ['U0LEA', 'U0LEO']) {
      const person = { platform: 'slack' as const, id: user, tenant: 'T0CONTOSO', name: user };
      const click = { delivery: user, person, channel: 'C0SOC', action: 'approve' as const, id: `${id}:1` };
      await clicked(deps, { ...click, words: null, openUntil: null, replyTo: user });
    }
    const [first, second] = jobs.splice(0);
    assert.ok(first !== undefined && second !== undefined);
    meanwhile = () => stage(deps, second);
    await stage(deps, first);
    assert.deepEqual([requests.get(id)?.status, runs.get(`${id}.1`)?.status], ['approved', 'queued']);
    assert.equal(jobs.filter(({ queue }) => queue === 'dispatch').length, 1);
    assert.deepEqual(
      answers.map(({ answer }) => answer.lines.flat()),
      [[{ kind: 'text', text: `${id} is approved already.` }]],
    );
  });
});
