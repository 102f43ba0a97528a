import assert from 'node:assert/strict';
import { audited, buttons, facts, finish, pass, SCRIPT, stateLine, warnings, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const DAY = 24 * 3_600_000;
const LINE = `${SCRIPT} --break-glass --reason "ransomware spreading"`;

describe('a request that was started without approval', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    id = (await world.ask('U0LEA', LINE)).id;
  });
  const pending = async (): Promise<string> => {
    await world.type('U0LEO', 'pending');
    await world.settle();
    return whispers(world).join('\n');
  };
  const overdueSaid = () => world.chat.said().filter((words) => words.includes('should have been reviewed')).length;

  it('runs at once, is loud on its card and in its thread, and says until when it is to be reviewed', async () => {
    assert.equal((await world.run(id)).status, 'running');
    assert.match(
      warnings(world, id).join('\n'),
      /‼ Started without approval by Lea Lead 09:00 UTC: “ransomware spreading”\. To be reviewed until 2026-11-25 09:00 UTC/,
    );
    assert.ok(buttons(world, id).includes('reviewed'));
    const [asked] = world.chat.replies.map(({ reply }) => reply).filter(({ buttons: has }) => has.length > 0);
    assert.deepEqual(
      asked?.buttons.map(({ action, id: about }) => [action, about]),
      [['reviewed', id]],
    );
    assert.match(world.chat.said().join('\n'), /‼ Break-glass by Lea Lead: “ransomware spreading”\. To be reviewed/);
    assert.deepEqual(
      asked?.text.flatMap((span) => (span.kind === 'person' && span.mention ? [span.id] : [])),
      ['U0LEO'],
    );
  });

  it('is reviewed by another approver, once, never by who started it', async () => {
    await world.click('U0LEA', 'reviewed', id);
    assert.match(whispers(world).join(), /You asked for LR-\w+ yourself/);
    await world.click('U0ANA', 'reviewed', id);
    assert.match(whispers(world).join(), /You may not review/);
    await world.click('U0LEO', 'reviewed', id);
    await world.click('U0LEO', 'reviewed', id);
    assert.match(whispers(world).join(), /Leo Lead reviewed it already\./);
    assert.equal(await audited(world, 'request.reviewed'), 1);
    assert.deepEqual(warnings(world, id), []);
    assert.ok(facts(world, id).includes('‼ Started without approval by Lea Lead 09:00 UTC: “ransomware spreading”'));
    assert.ok(!buttons(world, id).includes('reviewed'));
  });

  it('stands in “pending” until somebody has reviewed it, loudly once that is overdue', async () => {
    assert.match(
      await pending(),
      new RegExp(`without approval\\n${id} break-glass by Lea Lead: “ransomware spreading”`),
    );
    await pass(world, DAY + 1_000);
    assert.match(await pending(), new RegExp(`‼ overdue: ${id}`));
    await world.click('U0LEO', 'reviewed', id);
    whispers(world);
    assert.doesNotMatch(await pending(), /without approval/);
  });

  it('is asked for again each time that its time has passed, and no more once it is reviewed', async () => {
    await pass(world, DAY - 1_000);
    assert.equal(overdueSaid(), 0);
    await pass(world, 2_000);
    await pass(world, 60_000);
    assert.equal(overdueSaid(), 1);
    assert.match(warnings(world, id).join(), /Its review is overdue since 2026-11-25 09:00 UTC/);
    await pass(world, DAY);
    assert.deepEqual([overdueSaid(), await audited(world, 'request.review_overdue')], [2, 2]);
    await world.click('U0LEO', 'reviewed', id);
    assert.match(world.chat.said().at(-1) ?? '', /Leo Lead reviewed this break-glass run, after its time\./);
    const entry = (await world.audit()).find(({ action }) => action === 'request.reviewed');
    assert.equal(entry?.data.late, true);
    await pass(world, 2 * DAY);
    assert.equal(overdueSaid(), 2);
  });

  it('keeps the time that the policy gave when it was started', async () => {
    world.policy(POLICY.replace('reviewWithin: 24h', 'reviewWithin: 1h'));
    assert.match(warnings(world, id).join(), /until 2026-11-25/);
    const second = await world.ask('U0LEA', LINE.replace('OfficeClickToRun', 'other'));
    assert.match(warnings(world, second.id).join(), /until 2026-11-24 10:00 UTC/);
    assert.match(stateLine(world, second.id), /Break-glass, without approval/);
  });

  describe('and of which nothing was sent yet', () => {
    let unsent: string;
    beforeEach(async () => {
      await world.type('U0LEO', 'pause');
      await world.settle();
      unsent = (await world.ask('U0LEA', LINE.replace('OfficeClickToRun', 'unsent'))).id;
      whispers(world);
    });
    const openReviews = () => world.store.requestsBy({ reviewBy: Number.MAX_SAFE_INTEGER, limit: 10 });
    const isOpen = async () => (await openReviews()).some((one) => one.id === unsent);

    it('says break-glass instead of started, and can’t be reviewed', async () => {
      assert.match(warnings(world, unsent).join('\n'), /‼ Break-glass by Lea Lead 09:00 UTC: “ransomware spreading”/);
      assert.ok(!buttons(world, unsent).includes('reviewed'));
      await world.click('U0LEO', 'reviewed', unsent);
      assert.match(whispers(world).join(), /Nothing was sent to the machine yet, so there is nothing to review\./);
      assert.ok(await isOpen());
    });

    it('needs no review once it was cancelled', async () => {
      await world.click('U0LEA', 'cancel', unsent);
      assert.equal((await world.run(unsent)).status, 'cancelled');
      assert.ok(!(await isOpen()));
      assert.doesNotMatch(facts(world, unsent).join('\n'), /Started|To be reviewed/);
      assert.equal(await audited(world, 'request.review_vain'), 1);
      await world.click('U0LEO', 'reviewed', unsent);
      assert.match(whispers(world).join(), /Nothing of it was ever sent to the machine/);
      await pass(world, DAY + 60_000);
      assert.ok(!world.chat.said().some((words) => words.includes(`${unsent} was started`)));
    });

    it('needs none once it was sent back to the approvers', async () => {
      await finish(world, id);
      world.policy(POLICY.replace('breakGlass: true', 'breakGlass: false'));
      await world.type('U0LEO', 'resume');
      await world.settle();
      assert.equal((await world.request(unsent)).status, 'waiting');
      assert.ok(!(await isOpen()));
    });
  });
});
