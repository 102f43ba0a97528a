import assert from 'node:assert/strict';
import type { Deps } from '../../src/flow/deps.ts';
import { clicked } from '../../src/flow/inbox.ts';
import type { Job, Store } from '../../src/flow/ports.ts';
import { plain } from '../../src/model/notice.ts';
import { loadPolicy } from '../../src/policy/index.ts';
import { stage } from '../../src/work.ts';
import { fakeChat } from '../support/fake-chat.ts';
import { CLIENT_ID, fakeDefender } from '../support/fake-defender.ts';
import { type MemoryStore, memoryStore } from '../support/memory-store.ts';
import { ANA, NOW } from '../support/records.ts';
import { insert, recordsOf } from '../support/rights/states.ts';
import { POLICY, quiet, quietMetrics } from '../support/world.ts';

const policy = loadPolicy(POLICY, { platforms: ['slack'] });

/**
 * PostgreSQL shows a transaction what others have committed since it began: here all of another lead's approval happens between this
 * lead's decision and the release of the runs.
 */
describe('Clicks on two instances', () => {
  let memory: MemoryStore;
  let jobs: Job[];
  let deps: Deps;
  /** What happens between the judgement of a click and the writing of what it decides. */
  let meanwhile: () => Promise<void>;
  const { request } = recordsOf('waiting', ANA, policy);
  const { id } = request;
  beforeEach(() => {
    memory = memoryStore();
    jobs = [];
    meanwhile = async () => undefined;
    const both: Store = {
      ...memory.store,
      transaction: (work) =>
        memory.store.transaction((tx) =>
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
    deps = {
      ...{ store: both, chats: new Map([['slack', fakeChat()]]), defender: fakeDefender({ now: () => NOW }) },
      ...{ policy: () => policy, clock: { now: () => NOW }, sleep: async () => undefined, log: quiet },
      ...{ metrics: quietMetrics, publicUrl: 'https://bot.example.com', clientId: CLIENT_ID, visibilityLag: 1 },
    };
  });
  /** The work of two clicks, of which all of the second is done in the midst of the first. */
  const bothClick = async (...clicks: [user: string, action: 'approve' | 'deny'][]): Promise<void> => {
    await memory.store.transaction((tx) => insert(tx, recordsOf('waiting', ANA, policy)));
    for (const [user, action] of clicks) {
      const person = { platform: 'slack' as const, id: user, tenant: 'T0CONTOSO', name: user };
      const click = { delivery: `${user} ${action}`, person, channel: 'C0SOC', action, id: `${id}:1` };
      await clicked(deps, { ...click, words: null, openUntil: null, replyTo: user });
    }
    const [first, second] = jobs.splice(0);
    assert.ok(first !== undefined && second !== undefined);
    meanwhile = () => stage(deps, second);
    await stage(deps, first);
  };
  const states = () => [memory.requests.get(id)?.status, memory.runs.get(`${id}.1`)?.status];
  const told = () => memory.answers.map(({ answer }) => answer.lines.map(plain).join());

  it('of two leads who approve release it once, and the one who was later hears that it is approved', async () => {
    await bothClick(['U0LEA', 'approve'], ['U0LEO', 'approve']);
    assert.deepEqual(states(), ['approved', 'queued']);
    assert.equal(jobs.filter(({ queue }) => queue === 'dispatch').length, 1);
    assert.deepEqual(told(), [`${id} is approved already.`]);
  });

  it('of one lead who approves and denies leave one decision, and the one that was later tells how it stands', async () => {
    await bothClick(['U0LEA', 'approve'], ['U0LEA', 'deny']);
    assert.deepEqual(states(), ['denied', 'cancelled']);
    assert.deepEqual(
      memory.decisions.map(({ verdict }) => verdict),
      ['deny'],
    );
    assert.deepEqual(told(), [
      `You denied ${id}. Its card gives no reason yet.`,
      `${id} was denied, so it is over. Ask again with a new request.`,
    ]);
    assert.equal(jobs.filter(({ queue }) => queue === 'dispatch').length, 0);
  });
});
