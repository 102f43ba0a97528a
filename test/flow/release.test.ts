import assert from 'node:assert/strict';
import { ChatError } from '../../src/errors.ts';
import { rejudge } from '../../src/flow/rejudge.ts';
import { libraryFile } from '../support/fake-defender.ts';
import { audited, pass, SCRIPT, stateLine, storyOf, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const TWO = POLICY.replace('default: { approvals: 1,', 'default: { approvals: 2,');
const chatTrouble = () => new ChatError('chat_unreachable', 'Slack gives no answer.');

describe('a policy that asks for no more than what was approved already', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    world.policy(TWO);
    id = (await world.ask('U0ANA', SCRIPT)).id;
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.equal((await world.request(id)).status, 'waiting');
    world.chat.replies.length = 0;
    world.chat.looks.length = 0;
  });
  const changeTo = async (policy: string) => {
    world.policy(policy);
    await rejudge(world.deps);
    await world.settle();
  };
  const stillWaits = async () => {
    assert.equal((await world.request(id)).status, 'waiting');
    assert.equal(world.defender.submissions.length, 0);
    assert.deepEqual(world.chat.said(), []);
  };

  it('lets it run without another click, and the thread and the trail say why', async () => {
    await changeTo(POLICY);
    assert.equal((await storyOf(world, id)).run.status, 'running');
    assert.deepEqual(world.chat.said(), [
      'The policy changed and asks for 1 approval by leads now. That is there: Lea Lead approved. Ana Analyst',
    ]);
    assert.match(world.defender.submissions[0]?.body.Comment ?? '', /approved by Lea Lead \(slack:U0LEA\)/);
    const [released] = (await world.audit()).filter(({ action }) => action === 'request.approved');
    assert.deepEqual(
      [released?.data.by, released?.data.policy, JSON.stringify(released?.data.people).includes('"groups":["leads"]')],
      ['policy', world.deps.policy().hash, true],
    );
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.equal(whispers(world).join(), `${id} is approved already.`);
    assert.equal(world.defender.submissions.length, 1);
  });

  it('lets it run once, also where two instances see it in the same moment', async () => {
    world.policy(POLICY);
    await Promise.all([rejudge(world.deps), rejudge(world.deps)]);
    await world.settle();
    assert.equal(await audited(world, 'request.approved'), 1);
    assert.equal(world.defender.submissions.length, 1);
  });

  it('asks for no approval at all where it says so', async () => {
    const pinned = `rules:\n  - name: Pinned\n    match: { scripts: [minidump.ps1] }\n    approvals: 0\n    sha256: { minidump.ps1: ${'a'.repeat(64)} }`;
    await changeTo(POLICY.replace('rules:', pinned));
    assert.deepEqual(world.chat.said(), ['The policy changed and asks for no approval any more. Ana Analyst']);
    assert.equal(world.defender.submissions.length, 1);
  });

  it('lets nothing run by the approval of somebody who is no member or no approver any more', async () => {
    world.chat.standings.set('U0LEA', 'deactivated');
    await changeTo(POLICY);
    await stillWaits();
    world.chat.standings.delete('U0LEA');
    await changeTo(POLICY.replace('users: [U0LEA, U0LEO]', 'users: [U0LEO]'));
    await stillWaits();
    assert.ok(world.chat.looks.some((look) => look.id === 'U0LEA' && look.fresh));
    await world.click('U0LEO', 'approve', `${id}:1`);
    assert.equal(world.defender.submissions.length, 1);
  });

  it('lets nothing run that it refuses, or that is in no channel of it, or past its time', async () => {
    await changeTo(
      POLICY.replace('rules:', 'rules:\n  - { name: Never, match: { scripts: ["mini*"] }, refuse: "No." }'),
    );
    await stillWaits();
    await changeTo(POLICY.replace('slack: [C0SOC]', 'slack: [C0OTHER]'));
    await stillWaits();
    world.advance(2 * 3_600_000);
    await changeTo(POLICY.replace('expireAfter: 8h', 'expireAfter: 1h'));
    await stillWaits();
    await pass(world, 1_000);
    assert.match(stateLine(world, id), /^– Expired/);
  });

  it('lets nothing run that has changed since: it goes back to the approvers', async () => {
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await changeTo(POLICY);
    assert.equal(world.defender.submissions.length, 0);
    assert.equal(stateLine(world, id), '↺ Waiting for approval again: minidump.ps1 changed after it was approved.');
    await changeTo(`${POLICY}# another text\n`);
    assert.equal(world.defender.submissions.length, 0, 'what was approved in an earlier round counts no more');
  });

  it('lets nothing run that somebody denied while the people were looked up', async () => {
    const { lookUp } = world.chat;
    world.chat.lookUp = async (who, options) => {
      world.chat.lookUp = lookUp;
      await world.click('U0LEO', 'deny', `${id}:1`);
      return lookUp(who, options);
    };
    await changeTo(POLICY);
    assert.equal((await world.request(id)).status, 'denied');
    assert.equal(world.defender.submissions.length, 0);
  });

  it('waits for the platform to say who approved, and is tried again', async () => {
    world.chat.fail('lookUp', chatTrouble());
    world.policy(POLICY);
    await assert.rejects(rejudge(world.deps), /still judged by an earlier policy: 1\./);
    await world.settle();
    await stillWaits();
    await rejudge(world.deps);
    await world.settle();
    assert.equal(world.defender.submissions.length, 1);
  });
});
