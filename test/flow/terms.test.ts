import assert from 'node:assert/strict';
import { rejudge } from '../../src/flow/rejudge.ts';
import { libraryFile, machine } from '../support/fake-defender.ts';
import { audited, facts, pass, running, SCRIPT, stateLine, storyOf, whispers } from '../support/story.ts';
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
    await rejudge(world.deps);
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
    const THREE = POLICY.replace(/approvals: [12]/g, 'approvals: 3').replace('U0LEO]', 'U0LEO, U0MAX]');
    world.policy(THREE);
    const { id } = await world.ask('U0ANA', SCRIPT);
    await world.click('U0LEA', 'approve', `${id}:1`);
    await changeTo(TWO);
    assert.match(facts(world, id).join('\n'), /2 approvals by leads, 1 so far/);
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

  it('shows on the card what a refused click has found out, without waiting for the next look', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    world.policy(REFUSED);
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.match(stateLine(world, id), /the policy now refuses this: Not here\.$/);
  });

  it('that wants another reason by now lets nobody approve what was asked for without it', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await changeTo(WITH_REASON);
    assert.match(
      stateLine(world, id),
      /rule “Default” now needs a reason that fits \^INC-\[0-9\]\+\. Ask again with --reason "…"\.$/,
    );
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.match(whispers(world).join(), /^Rule “Default” now needs a reason/);
    const fitting = await world.ask('U0ANA', `${SCRIPT} --reason "INC-7"`);
    await world.click('U0LEA', 'approve', `${fitting.id}:1`);
    assert.equal(world.defender.submissions.length, 1);
  });

  it('and is taken back leaves none of its words on the card, and lets it be approved', async () => {
    for (const other of [REFUSED, WITH_REASON, TWO, `${TWO}# another text\n`]) {
      const { id } = await world.ask('U0ANA', `run ws-042 minidump.ps1 ${other.length}`);
      await changeTo(other);
      assert.match(stateLine(world, id), /^↺ Waiting for approval: /);
      await changeTo(POLICY);
      assert.equal(stateLine(world, id), '⏳ Waiting for approval');
      await world.click('U0LEA', 'deny', `${id}:1`);
    }
  });

  it('adds its words to those of the change that opened the round, and takes only them away again', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await world.click('U0LEA', 'approve', `${id}:1`);
    const file = '↺ Waiting for approval again: minidump.ps1 changed after it was approved.';
    assert.equal(stateLine(world, id), file);
    await changeTo(TWO);
    assert.equal(stateLine(world, id), `${file} The policy changed, and it now asks for 2 approvals by leads.`);
    await changeTo(REFUSED);
    assert.equal(stateLine(world, id), `${file} The policy now refuses this: Not here.`);
    await changeTo(POLICY);
    assert.equal(stateLine(world, id), file);
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
      /^Rule “Domain controllers” now needs a reason .* Ask again with --reason/,
    );
    assert.equal(world.defender.submissions.length, 0);
  });

  describe('and gives what is approved less time to start', () => {
    const HASTY = POLICY.replace('startWithin: 8h', 'startWithin: 1h');
    const paused = async () => {
      await world.type('U0LEO', 'pause');
      await world.settle();
      const { id } = await world.ask('U0ANA', SCRIPT);
      await world.click('U0LEA', 'approve', `${id}:1`);
      return id;
    };
    const resume = async () => {
      await world.type('U0LEO', 'resume');
      await world.settle();
    };

    it('says so on the card of what its machine hasn’t picked up, and cancels it then', async () => {
      const { id, action } = await running(world).then(({ request, action: sent }) => ({
        id: request.id,
        action: sent,
      }));
      world.defender.go(action.id, 'Pending');
      await pass(world, 6_000);
      const approvedAt = (await world.request(id)).approvedAt ?? 0;
      await changeTo(HASTY);
      assert.equal((await world.request(id)).startBy, approvedAt + 3_600_000);
      assert.match(stateLine(world, id), /we cancel at 10:00 UTC/);
      assert.equal(await audited(world, 'request.start_by'), 1);
      await changeTo(POLICY);
      assert.equal((await world.request(id)).startBy, approvedAt + 3_600_000, 'a lighter one gives no time back');
      await pass(world, 3_600_000);
      assert.match((await world.run(id)).cancel?.why ?? '', /it did not start within 1 h of the approval/);
    });

    it('ends what stands in line past that time', async () => {
      const id = await paused();
      await changeTo(HASTY);
      await pass(world, 3_600_001);
      assert.match((await world.run(id)).note ?? '', /^It did not start within 1 h of the approval\./);
      assert.equal(world.defender.submissions.length, 0);
    });

    it('is heeded right before sending, also where nobody saw the policy change', async () => {
      const late = await paused();
      world.advance(3_600_001);
      world.policy(HASTY);
      await resume();
      assert.match((await world.run(late)).note ?? '', /^It did not start within 1 h of the approval\./);
      assert.equal(world.defender.submissions.length, 0);
      world.policy(POLICY);
      const inTime = await paused();
      world.policy(HASTY);
      await resume();
      const { startBy, approvedAt } = await world.request(inTime);
      assert.deepEqual([world.defender.submissions.length, (startBy ?? 0) - (approvedAt ?? 0)], [1, 3_600_000]);
    });
  });
});
