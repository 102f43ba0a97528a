import assert from 'node:assert/strict';
import { standingRefusal } from '../../src/model/person.ts';
import { askedOfTwo, audited, buttons, facts, SCRIPT, stateLine, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

describe('a denial', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
  });
  const waiting = async (line = SCRIPT): Promise<void> => {
    id = (await world.ask('U0ANA', line)).id;
  };
  const twoNeeded = async (): Promise<void> => {
    id = await askedOfTwo(world);
  };
  const approve = (user: string) => world.click(user, 'approve', `${id}:1`);
  const deny = (user: string, words: string | null = null) => world.click(user, 'deny', `${id}:1`, { words });
  const verdicts = async () =>
    (await world.store.transaction((tx) => tx.decisionsOf(id))).map(({ person, verdict }) => [person.id, verdict]);
  const nothingRan = () => assert.equal(world.defender.submissions.length, 0);

  it('ends it, with the reason, told to who asked', async () => {
    await waiting();
    await deny('U0LEA', 'not during business hours');
    const request = await world.request(id);
    assert.deepEqual(
      [request.status, request.note, request.endedBy?.id],
      ['denied', 'not during business hours', 'U0LEA'],
    );
    assert.equal((await world.run(id)).status, 'cancelled');
    assert.match(stateLine(world, id), /^✘ Denied by Lea Lead 09:00 UTC: “not during business hours”/);
    assert.deepEqual(world.chat.said(), [
      'Lea Lead denied it: “not during business hours”. Nothing was sent to the machine. Ana Analyst',
    ]);
    assert.deepEqual(buttons(world, id), []);
    await approve('U0LEO');
    assert.match(whispers(world).join(), /was denied, so it is over/);
    nothingRan();
  });

  it('needs no reason', async () => {
    await waiting();
    await deny('U0LEA');
    assert.equal(
      world.chat.said()[0],
      'Lea Lead denied it, no reason given. Nothing was sent to the machine. Ana Analyst',
    );
  });

  it('may be followed by its reason, from who denied, once', async () => {
    await waiting();
    await deny('U0LEA');
    const asked = world.chat.answers.at(-1)?.answer;
    assert.deepEqual(
      asked?.buttons.map(({ action, id: about }) => [action, about]),
      [['deny_reason', id]],
    );
    whispers(world);
    const why = (user: string, words: string | null) => world.click(user, 'deny_reason', id, { words });
    await why('U0LEO', 'not mine');
    assert.match(whispers(world).join(), /Only who denied it can say why\./);
    await why('U0LEA', null);
    assert.match(whispers(world).join(), /Say why in a few words/);
    await why('U0LEA', 'ask the owner first');
    assert.match(stateLine(world, id), /^✘ Denied by Lea Lead 09:00 UTC: “ask the owner first”/);
    assert.match(world.chat.said().at(-1) ?? '', /^Lea Lead, who denied it: “ask the owner first” Ana Analyst$/);
    await why('U0LEA', 'and another');
    assert.match(whispers(world).join(), /says why already/);
    assert.equal((await world.request(id)).note, 'ask the owner first');
  });

  describe('whose reason comes afterwards', () => {
    const why = async (user: string): Promise<string> => {
      await world.click(user, 'deny_reason', id, { words: 'words of somebody without a right' });
      return whispers(world).join();
    };
    const nothingSaid = async () => {
      assert.equal((await world.request(id)).note, null);
      assert.doesNotMatch(JSON.stringify([world.card(id), world.chat.said()]), /without a right/);
      const refused = (await world.audit()).filter(({ action }) => action === 'click.refused');
      return refused.map(({ data }) => data.rule);
    };
    beforeEach(async () => {
      await waiting();
      await deny('U0LEA');
      whispers(world);
    });

    for (const standing of ['guest', 'external', 'bot', 'deactivated', 'anonymous', 'unknown'] as const) {
      it(`takes none from who is ${standing} by then, and tells them that, not that the card says why`, async () => {
        world.chat.standings.set('U0LEA', standing);
        assert.equal(await why('U0LEA'), standingRefusal(standing));
        assert.deepEqual(await nothingSaid(), ['standing']);
      });
    }

    it('takes none from who may not deny any more by the policy in force', async () => {
      world.policy(POLICY.replace('users: [U0LEA, U0LEO]', 'users: [U0LEO]'));
      assert.equal(
        await why('U0LEA'),
        `You may not decide about ${id} any more, so its card takes no reason from you.`,
      );
      world.policy(POLICY.replace('slack: [C0SOC]', 'slack: [C0OTHER]'));
      assert.match(await why('U0LEA'), /lives in a channel that the policy no longer has/);
      assert.deepEqual(await nothingSaid(), ['listed-approver', 'channel-of-policy']);
    });

    it('takes none from anybody else, nor while nothing is denied', async () => {
      assert.equal(await why('U0LEO'), 'Only who denied it can say why.');
      assert.equal(await why('U0ANA'), 'Only who denied it can say why.');
      assert.deepEqual(await nothingSaid(), ['denier', 'denier']);
      await waiting(`${SCRIPT} --reason "another"`);
      assert.equal(await why('U0LEA'), 'Only who denied it can say why.');
      await nothingSaid();
    });
  });

  it('takes the place of one’s own approval while it waits for others; the trail keeps both', async () => {
    await twoNeeded();
    await approve('U0LEA');
    await deny('U0LEA', 'wrong machine');
    assert.deepEqual(whispers(world), []);
    assert.equal((await world.request(id)).status, 'denied');
    assert.deepEqual(await verdicts(), [['U0LEA', 'deny']]);
    assert.match(stateLine(world, id), /^✘ Denied by Lea Lead 09:00 UTC: “wrong machine”/);
    assert.doesNotMatch(facts(world, id).join(), /Approved by/);
    assert.equal(
      world.chat.said().at(-1),
      'Lea Lead took the approval back and denied it: “wrong machine”. Nothing was sent to the machine. Ana Analyst',
    );
    assert.deepEqual([await audited(world, 'request.approve'), await audited(world, 'request.denied')], [1, 1]);
    const denied = (await world.audit()).find(({ action }) => action === 'request.denied');
    assert.equal(denied?.data.instead, 'approve');
    await approve('U0LEO');
    nothingRan();
  });

  it('leaves the approvals of others as they are', async () => {
    await twoNeeded();
    await approve('U0LEA');
    await deny('U0LEO');
    assert.match(world.chat.said().at(-1) ?? '', /^Leo Lead denied it, no reason given\./);
    assert.deepEqual(await verdicts(), [
      ['U0LEA', 'approve'],
      ['U0LEO', 'deny'],
    ]);
  });

  it('comes too late once enough have approved, and an approval doesn’t take it back', async () => {
    await waiting();
    await approve('U0LEA');
    await deny('U0LEA');
    assert.equal(whispers(world).join(), `${id} is approved already.`);
    assert.deepEqual(await verdicts(), [['U0LEA', 'approve']]);
    assert.equal(world.defender.submissions.length, 1);
    await waiting(`${SCRIPT} --reason "another"`);
    await deny('U0LEA');
    whispers(world);
    await approve('U0LEA');
    assert.match(whispers(world).join(), /was denied, so it is over/);
    assert.deepEqual(await verdicts(), [['U0LEA', 'deny']]);
  });

  for (const needed of [1, 2]) {
    it(`clicked with one’s approval in the same moment ends in one truth, where ${needed} must approve`, async () => {
      await (needed === 1 ? waiting() : twoNeeded());
      await Promise.all([approve('U0LEA'), deny('U0LEA')]);
      await world.settle();
      const { status } = await world.request(id);
      const decided = await verdicts();
      assert.deepEqual(
        [status, decided],
        needed === 1 && status === 'approved' ? ['approved', [['U0LEA', 'approve']]] : ['denied', [['U0LEA', 'deny']]],
      );
      assert.equal(world.defender.submissions.length, status === 'approved' ? 1 : 0);
      assert.deepEqual(world.failed, []);
    });
  }
});
