import assert from 'node:assert/strict';
import type { Deps } from '../../src/flow/deps.ts';
import { clicked, typed } from '../../src/flow/inbox.ts';
import { holdPolicy, OtherPolicy, putInForce } from '../../src/flow/policy-in-force.ts';
import type { Click } from '../../src/flow/ports.ts';
import { rejudge } from '../../src/flow/rejudge.ts';
import { stage } from '../../src/work.ts';
import { libraryFile } from '../support/fake-defender.ts';
import { audited, facts, pass, SCRIPT, storyOf, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const ONE = POLICY;
const TWO = POLICY.replace('default: { approvals: 1,', 'default: { approvals: 2,');
const NOBODY = POLICY.replace('requesters: [analysts, leads]', 'requesters: [leads]');

/** Two instances on one database. The world is the one that runs the policy in force; the other has not read it yet. */
describe('Two instances with different policies', () => {
  let world: World;
  let behind: Deps;
  let clicks: number;
  beforeEach(async () => {
    world = await createWorld();
    clicks = 0;
  });
  const load = async (text: string) => {
    world.policy(text);
    await world.store.transaction((tx) => putInForce(tx, world.deps.policy().hash, world.now()));
    await rejudge(world.deps);
  };
  /** All start with one policy; then only the world's instance loads the other. */
  const change = async (from: string, to: string, meanwhile: () => Promise<unknown> = async () => undefined) => {
    await load(from);
    const policy = world.deps.policy();
    behind = { ...world.deps, policy: () => policy };
    await meanwhile();
    await load(to);
  };
  /** The other instance takes all jobs that wait, and those that come of them. */
  const behindWorks = async () => {
    for (let job = world.jobs.shift(); job !== undefined; job = world.jobs.shift()) await stage(behind, job);
  };
  const press = (deps: Deps, user: string, action: Click['action'], id: string) => {
    clicks += 1;
    return clicked(deps, {
      ...{ delivery: `pressed-${clicks}`, person: { platform: 'slack', id: user, tenant: 'T0CONTOSO', name: user } },
      ...{ channel: 'C0SOC', action, id, words: null, openUntil: null, replyTo: `to-${user}` },
    });
  };
  const clickBehind = async (user: string, action: Click['action'], id: string) => {
    await press(behind, user, action, id);
    await behindWorks();
  };
  /** The click is decided, and nothing of what follows is done yet. */
  const decided = async (user: string, id: string) => {
    await press(world.deps, user, 'approve', id);
    const job = world.jobs.find(({ queue }) => queue === 'decide.slack') ?? assert.fail('no click was stored');
    world.jobs.splice(world.jobs.indexOf(job), 1);
    await world.work(job);
  };
  const decisions = (id: string) => world.store.transaction((tx) => tx.decisionsOf(id));

  it('keep an approval that suffices by the newer one: the other neither sends it nor sends it back', async () => {
    let id = '';
    await change(TWO, ONE, async () => {
      id = (await world.ask('U0ANA', SCRIPT)).id;
      await world.click('U0LEA', 'approve', `${id}:1`);
    });
    assert.equal((await world.request(id)).status, 'approved');
    await behindWorks();
    const { request, run } = await storyOf(world, id);
    assert.deepEqual([request.status, request.round, run.status], ['approved', 1, 'queued']);
    await pass(world, 2_500);
    assert.equal((await storyOf(world, id)).run.status, 'running');
    assert.deepEqual([world.defender.submissions.length, world.failed], [1, []]);
  });

  it('never let a run leave by the older one: a click that the other took waits, is not lost, and counts by the newer', async () => {
    let id = '';
    await change(ONE, TWO, async () => {
      id = (await world.ask('U0ANA', SCRIPT)).id;
    });
    await clickBehind('U0LEA', 'approve', `${id}:1`);
    const { terms } = await world.request(id);
    assert.deepEqual([terms?.approvals, (await decisions(id)).length, whispers(world)], [2, 0, []]);
    await pass(world, 2_500);
    assert.match(facts(world, id).join('\n'), /2 approvals by leads, 1 so far/);
    assert.equal(world.defender.submissions.length, 0);
    await world.click('U0LEO', 'approve', `${id}:1`);
    assert.equal((await storyOf(world, id)).run.status, 'running');
    assert.deepEqual([await audited(world, 'request.approve'), world.failed], [2, []]);
  });

  it('write no terms over those of the newer one', async () => {
    let id = '';
    await change(ONE, TWO, async () => {
      id = (await world.ask('U0ANA', SCRIPT)).id;
    });
    await rejudge(behind);
    assert.equal((await world.request(id)).terms?.approvals, 2);
    assert.equal(await audited(world, 'request.terms'), 1);
  });

  it('leave what was approved by the older one to the newer: in line, and in the library', async () => {
    const ids: string[] = [];
    await change(ONE, TWO, async () => {
      world.defender.files = [libraryFile(), libraryFile({ fileName: 'old.ps1' })];
      for (const line of [SCRIPT, 'library delete old.ps1']) ids.push((await world.ask('U0ANA', line)).id);
      await world.click('U0ANA', 'confirm', ids[1] ?? '');
      for (const id of ids) await decided('U0LEA', `${id}:1`);
    });
    assert.deepEqual(new Set(world.jobs.map(({ queue }) => queue)), new Set(['report.slack', 'dispatch', 'delete']));
    await behindWorks();
    assert.deepEqual([world.defender.submissions.length, world.defender.files.length], [0, 2]);
    await pass(world, 2_500);
    for (const id of ids) {
      const { status, round } = await world.request(id);
      assert.deepEqual([status, round], ['waiting', 2]);
    }
  });
  it('take a new request by the newer one alone, however soon the other sees it', async () => {
    await change(NOBODY, ONE);
    await typed(world.deps, {
      ...{ delivery: 'typed', person: { platform: 'slack', id: 'U0ANA', tenant: 'T0CONTOSO', name: 'Ana' } },
      ...{ channel: 'C0SOC', place: 'C0SOC', thread: null, text: SCRIPT, replyTo: 'to-U0ANA' },
    });
    await behindWorks();
    assert.deepEqual(whispers(world), []);
    await pass(world, 2_500);
    assert.equal(await audited(world, 'request.waiting'), 1);
  });

  it('stop by whichever of them: that never waits, but a refusal does', async () => {
    let id = '';
    await change(TWO, ONE, async () => {
      id = (await world.ask('U0ANA', SCRIPT)).id;
    });
    await clickBehind('U0GUS', 'withdraw', id);
    assert.deepEqual([(await world.request(id)).status, whispers(world)], ['waiting', []]);
    await clickBehind('U0ANA', 'withdraw', id);
    assert.equal((await world.request(id)).status, 'withdrawn');
    await pass(world, 2_500);
    assert.equal(whispers(world).length, 1);
  });

  it('put no other policy in force while something is being decided by this one', async () => {
    await change(ONE, ONE);
    const order: string[] = [];
    let begun = (): void => undefined;
    const holding = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const deciding = world.store.transaction(async (tx) => {
      await holdPolicy(tx, behind.policy().hash);
      begun();
      // Time enough for the other, where transactions run side by side.
      for (let n = 0; n < 50; n++) await tx.setting('something else');
      order.push('decided');
    });
    await holding;
    await world.store.transaction((tx) => putInForce(tx, 'another', world.now()));
    order.push('in force');
    await deciding;
    assert.deepEqual(order, ['decided', 'in force']);
    await assert.rejects(
      world.store.transaction((tx) => holdPolicy(tx, behind.policy().hash)),
      OtherPolicy,
    );
  });
});
