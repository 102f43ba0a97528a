import assert from 'node:assert/strict';
import { rejudgeWaiting } from '../../src/flow/terms.ts';
import { machine } from '../support/fake-defender.ts';
import { audited, facts, SCRIPT, stateLine, storyOf, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const TWO = POLICY.replace('default: { approvals: 1,', 'default: { approvals: 2,');
const REFUSED = POLICY.replace(
  'rules:',
  'rules:\n  - { name: Never, match: { scripts: ["mini*"] }, refuse: "Not here." }',
);

const WITH_REASON = POLICY.replace('default: {', 'default: { reason: "^INC-[0-9]+",');

describe('a policy that changes while something waits', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const changeTo = async (policy: string) => {
    world.policy(policy);
    await rejudgeWaiting(world.deps);
    await world.settle();
  };

  it('shows on the card what it asks for now, and why', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await changeTo(TWO);
    assert.match(facts(world, id).join('\n'), /Rule “Default”: 2 approvals by leads, 0 so far/);
    assert.match(stateLine(world, id), /the policy changed, and it now asks for 2 approvals by leads\.$/);
    assert.equal(await audited(world, 'request.terms'), 1);
    await changeTo(TWO);
    assert.equal(await audited(world, 'request.terms'), 1);
  });

  it('leaves the card’s words alone where those who decide are asked for the same', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await changeTo(POLICY.replace('expireAfter: 8h', 'expireAfter: 1h'));
    assert.equal(stateLine(world, id), '⏳ Waiting for approval');
    assert.equal((await world.request(id)).expiresAt, world.now() + 3_600_000);
  });

  it('counts what was decided before under the new terms', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await changeTo(TWO);
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.equal((await world.request(id)).status, 'waiting');
    await changeTo(POLICY);
    await world.click('U0LEO', 'approve', `${id}:1`);
    assert.equal((await storyOf(world, id)).run.status, 'running');
  });

  it('that refuses it now lets nobody approve it, and lets it be denied', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await changeTo(REFUSED);
    assert.match(stateLine(world, id), /the policy now refuses this: Not here\.$/);
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.match(whispers(world).join(), /^The policy now refuses this: Not here\.$/);
    assert.equal(await audited(world, 'click.refused'), 1);
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.equal((await world.request(id)).status, 'waiting');
    await world.click('U0LEA', 'deny', `${id}:1`);
    assert.equal((await world.request(id)).status, 'denied');
    assert.equal(world.defender.submissions.length, 0);
  });

  it('that wants another reason by now lets nobody approve what was asked for without it', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await changeTo(WITH_REASON);
    assert.match(stateLine(world, id), /the policy now refuses this: Rule “Default” needs a reason that fits \^INC-/);
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.match(whispers(world).join(), /^The policy now refuses this: Rule “Default” needs a reason/);
    const fitting = await world.ask('U0ANA', `${SCRIPT} --reason "INC-7"`);
    await world.click('U0LEA', 'approve', `${fitting.id}:1`);
    assert.equal(world.defender.submissions.length, 1);
  });

  it('after it was approved cancels what lacks the reason that is wanted now, before anything is sent', async () => {
    await world.type('U0LEO', 'pause');
    await world.settle();
    const { id } = await world.ask('U0ANA', SCRIPT);
    await world.click('U0LEA', 'approve', `${id}:1`);
    world.defender.machines = [machine({ tags: ['tier0'] })];
    await world.type('U0LEO', 'resume');
    await world.settle();
    assert.match(
      (await world.run(id)).note ?? '',
      /^The policy now refuses this: Rule “Domain controllers” needs a reason/,
    );
    assert.equal(world.defender.submissions.length, 0);
  });
});
