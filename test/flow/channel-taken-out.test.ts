import assert from 'node:assert/strict';
import { SCRIPT, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const BOTH = POLICY.replace('slack: [C0SOC]', 'slack: [C0SOC, C0NIGHT]');
const NIGHT = POLICY.replace('slack: [C0SOC]', 'slack: [C0NIGHT]');

describe('a channel that was taken out of the policy', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    world.policy(BOTH);
    id = (await world.ask('U0ANA', SCRIPT)).id;
    world.policy(NIGHT);
    whispers(world);
  });
  const got = () => /LR-\w{6}/.exec(whispers(world).join())?.[0] ?? '';

  for (const action of ['approve', 'deny'] as const) {
    it(`decides about nothing any more: ${action}`, async () => {
      await world.click('U0LEA', action, `${id}:1`);
      assert.equal((await world.request(id)).status, 'waiting');
      assert.match(
        whispers(world).join(),
        /^LR-\w+ lives in a channel that the policy no longer has, so nothing is decided there\. Ana Analyst can ask anew: again LR-\w+$/,
      );
      const refusal = (await world.audit()).find((entry) => entry.action === 'click.refused');
      assert.equal(refusal?.data.rule, 'channel-of-policy');
    });
  }

  it('decides about nothing on an approver’s own copy either', async () => {
    world.policy(`${BOTH}notify: { approvers: direct }\n`);
    const asked = await world.ask('U0ANA', SCRIPT.replace('OfficeClickToRun', 'other'));
    const copy = (await world.store.cardsOf(asked.id)).find(({ channel }) => channel.includes('U0LEA'));
    assert.ok(copy !== undefined);
    world.policy(`${NIGHT}notify: { approvers: direct }\n`);
    await world.click('U0LEA', 'approve', `${asked.id}:1`, { channel: copy.channel });
    assert.equal((await world.request(asked.id)).status, 'waiting');
    assert.match(whispers(world).join(), /the policy no longer has/);
  });

  it('still lets its author take the request back', async () => {
    await world.click('U0ANA', 'withdraw', id);
    assert.equal((await world.request(id)).status, 'withdrawn');
  });

  it('gets no fresh card: “show” says why', async () => {
    const before = (await world.store.cardsOf(id)).length;
    await world.type('U0LEA', `show ${id}`, { channel: 'C0NIGHT' });
    await world.settle();
    assert.match(whispers(world).join(), /which the policy no longer has, so no card is posted there\. “status LR-/);
    assert.equal((await world.store.cardsOf(id)).length, before);
  });

  for (const [where, channel] of Object.entries({ 'in another channel': 'C0NIGHT', 'in a private chat': null })) {
    it(`is left where one asks again ${where}`, async () => {
      world.advance(61_000);
      await world.type('U0ANA', `again ${id}`, { channel });
      await world.settle();
      const { channel: now, place } = await world.request(got());
      assert.deepEqual([now, place], ['C0NIGHT', 'C0NIGHT']);
    });
  }

  it('takes no request of “Ask again?” or “Add reason” clicked there', async () => {
    await world.click('U0ANA', 'ask_again', `${id}:1`);
    assert.equal((await world.request(got())).channel, 'C0NIGHT');
    world.policy(BOTH.replace('default: {', 'default: { reason: "^INC-[0-9]+",'));
    const refused = await world.ask('U0ANA', `${SCRIPT} --reason "none"`);
    world.policy(NIGHT);
    whispers(world);
    await world.click('U0ANA', 'add_reason', refused.id, { words: 'INC-7' });
    assert.equal((await world.request(got())).channel, 'C0NIGHT');
  });

  it('that is still there keeps what is asked again from a private answer', async () => {
    world.policy(BOTH.replace('[C0SOC, C0NIGHT]', '[C0NIGHT, C0SOC]'));
    await world.click('U0ANA', 'ask_again', `${id}:1`, { channel: null });
    assert.equal((await world.request(got())).channel, 'C0SOC');
    world.advance(61_000);
    await world.type('U0ANA', `again ${id}`, { channel: 'C0NIGHT' });
    await world.settle();
    assert.equal((await world.request(got())).channel, 'C0NIGHT');
  });
});
