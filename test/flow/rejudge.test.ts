import assert from 'node:assert/strict';
import type { Deps } from '../../src/flow/deps.ts';
import type { Log, Store } from '../../src/flow/ports.ts';
import { rejudge } from '../../src/flow/rejudge.ts';
import { loadPolicy } from '../../src/policy/index.ts';
import { fakeChat } from '../support/fake-chat.ts';
import { CLIENT_ID, fakeDefender } from '../support/fake-defender.ts';
import { type MemoryStore, memoryStore } from '../support/memory-store.ts';
import { ANA, NOW } from '../support/records.ts';
import { insert, recordsOf } from '../support/rights/states.ts';
import { audited, SCRIPT, stateLine } from '../support/story.ts';
import { createWorld, POLICY, quiet, quietMetrics } from '../support/world.ts';

const ASKED_UNDER = loadPolicy(POLICY, { platforms: ['slack'] });
const IN_FORCE = POLICY.replace('default: { approvals: 1,', 'default: { approvals: 2,');
/** More than two pages. */
const MANY = 450;

describe('judging all that is open by the policy in force', () => {
  let memory: MemoryStore;
  let errors: object[];
  const log: Log = { ...quiet, error: (facts) => errors.push(facts) };
  const depsOf = (changes: Partial<Deps> = {}): Deps => ({
    ...{ store: memory.store, chats: new Map([['slack', fakeChat()]]), defender: fakeDefender({ now: () => NOW }) },
    ...{ policy: () => policy, clock: { now: () => NOW }, sleep: async () => undefined, log },
    ...{ metrics: quietMetrics, publicUrl: 'https://bot.example.com', clientId: CLIENT_ID, visibilityLag: 1 },
    ...changes,
  });
  const policy = loadPolicy(IN_FORCE, { platforms: ['slack'] });
  const judged = () =>
    [...memory.requests.values()].filter(({ terms }) => terms?.policyHash === policy.hash && terms.approvals === 2);
  const idOf = (index: number) => `LR-${String(index).padStart(6, '0')}`;
  const waiting = async (count: number) => {
    const records = recordsOf('waiting', ANA, ASKED_UNDER);
    for (let index = 0; index < count; index++) {
      const id = idOf(index);
      const run = records.run === null ? null : { ...records.run, id: `${id}.1`, requestId: id };
      await memory.store.transaction((tx) => insert(tx, { request: { ...records.request, id }, run, decisions: [] }));
    }
  };
  beforeEach(() => {
    memory = memoryStore();
    errors = [];
  });

  it('leaves nothing out, however much there is', async () => {
    await waiting(MANY);
    await rejudge(depsOf());
    assert.equal(judged().length, MANY);
  });

  it('goes on past the trouble of one, logs it, and tells that something is left', async () => {
    await waiting(3);
    const store: Store = {
      ...memory.store,
      transaction: (work) =>
        memory.store.transaction((tx) =>
          work({
            ...tx,
            request: (id) => (id === idOf(1) ? Promise.reject(new Error('cannot be read')) : tx.request(id)),
          }),
        ),
    };
    await assert.rejects(rejudge(depsOf({ store })), /still judged by an earlier policy: 1\./);
    assert.deepEqual(
      judged().map(({ id }) => id),
      [idOf(0), idOf(2)],
    );
    assert.deepEqual(
      errors.map((facts) => 'request' in facts && facts.request),
      [idOf(1)],
    );
    await rejudge(depsOf());
    assert.equal(judged().length, 3);
  });

  it('ends between two of them when the bot stops', async () => {
    await waiting(3);
    const stopping = new AbortController();
    const store: Store = {
      ...memory.store,
      transaction: async (work) => {
        const result = await memory.store.transaction(work);
        stopping.abort();
        return result;
      },
    };
    await rejudge(depsOf({ store }), stopping.signal);
    assert.equal(judged().length, 1);
  });

  it('leaves what lives on a platform that is off, where nobody decides, to the start that turns it on', async () => {
    await waiting(1);
    await rejudge(depsOf({ chats: new Map() }));
    assert.equal(judged().length, 0);
    await rejudge(depsOf());
    assert.equal(judged().length, 1);
  });

  it('by two instances in the same moment changes each once, and its card shows it at once', async () => {
    const world = await createWorld();
    const { id } = await world.ask('U0ANA', SCRIPT);
    world.policy(IN_FORCE);
    await Promise.all([rejudge(world.deps), rejudge(world.deps)]);
    await world.settle();
    assert.equal(await audited(world, 'request.terms'), 1);
    assert.match(stateLine(world, id), /it now asks for 2 approvals by leads\.$/);
  });
});
