import assert from 'node:assert/strict';
import { approved, audited, buttons, finish, pass, running, SCRIPT, stateLine, storyOf } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const HOUR = 3_600_000;

describe('what time brings', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  it('expires what nobody approved in time, once, and says so', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await pass(world, 8 * HOUR - 1_000);
    assert.equal((await world.request(id)).status, 'waiting');
    await pass(world, 1_000);
    const { request, run } = await storyOf(world, id);
    assert.deepEqual([request.status, request.endedBy, run.status], ['expired', null, 'cancelled']);
    assert.match(stateLine(world, id), /^– Expired 17:00 UTC/);
    assert.deepEqual(buttons(world, id), []);
    await pass(world, HOUR);
    assert.equal(await audited(world, 'request.expired'), 1);
  });

  it('cancels what was approved but could not be sent in time', async () => {
    await world.type('U0LEA', 'pause');
    await world.settle();
    const { request } = await approved(world);
    await pass(world, 8 * HOUR);
    assert.match(
      stateLine(world, request.id),
      /^– Cancelled\. It did not start within 8 h of the approval\. Nothing was sent/,
    );
    assert.equal((await world.request(request.id)).status, 'done');
  });

  it('cancels at Defender what no machine picked up in time, once', async () => {
    const { request } = await running(world);
    await pass(world, 8 * HOUR);
    await pass(world, 1_000);
    assert.equal(world.defender.cancels.length, 1);
    assert.match(world.defender.cancels[0]?.comment ?? '', /cancelled by Live Response/);
    await pass(world, 6_000);
    assert.match(
      stateLine(world, request.id),
      /^– Cancelled by Live Response: it did not start within 8 h of the approval\.$/,
    );
    assert.equal(await audited(world, 'run.start_too_late'), 1);
  });

  it('lets what was picked up run on', async () => {
    const { action } = await running(world);
    world.defender.go(action.id, 'InProgress', [{ status: 'Executing', startedAt: world.now() }]);
    await pass(world, 6_000);
    await pass(world, 9 * HOUR);
    assert.deepEqual(world.defender.cancels, []);
  });

  it('reminds those who may approve, once a round', async () => {
    world.policy(`${POLICY}notify: { remindAfter: 15m }\n`);
    const { id } = await world.ask('U0ANA', SCRIPT);
    await pass(world, 14 * 60_000);
    assert.deepEqual(world.chat.said(), []);
    await pass(world, 60_000);
    await pass(world, HOUR);
    assert.deepEqual(world.chat.said(), [`${id} still waits for approval. Lea Lead, Leo Lead`]);
    world.defender.files = world.defender.files.map((file) => ({ ...file, sha256: 'c'.repeat(64) }));
    await world.click('U0LEA', 'approve', `${id}:1`);
    await pass(world, 16 * 60_000);
    assert.equal(world.chat.said().filter((words) => words.includes('still waits')).length, 2);
  });

  it('reminds nobody where the policy wants none', async () => {
    world.policy(`${POLICY}notify: { approvers: none, remindAfter: 15m }\n`);
    await world.ask('U0ANA', SCRIPT);
    await pass(world, HOUR);
    assert.deepEqual(world.chat.said(), []);
  });

  it('keeps place and time in line up to date on the cards, without an edit where the words stay', async () => {
    world.defender.machines = [1, 2, 3].map((n) => ({
      ...world.defender.machines[0],
      id: `m${n}`,
      name: `ws-04${n}.x`,
    })) as never;
    await world.type('U0LEA', 'pause');
    await world.settle();
    const { request } = await approved(world, SCRIPT.replace('042', '041'));
    const edits = world.chat.edits.length;
    for (let i = 0; i < 4; i++) await pass(world, 6_000);
    assert.equal(world.chat.edits.length, edits);
    await world.type('U0LEA', 'resume');
    await world.settle();
    assert.match(stateLine(world, request.id), /^◌/);
  });

  it('does nothing where another instance holds the clock, but watches in turn', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    world.advance(8 * HOUR);
    world.store.lease = async () => false;
    await world.tick();
    assert.equal((await world.request(id)).status, 'waiting');
  });

  it('does one duty though another fails', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    const errors: string[] = [];
    world.deps.log.error = (facts) => void errors.push((facts as { duty: string }).duty);
    const { requestsBy, revive } = world.store;
    world.store.revive = async () => {
      throw new Error('down');
    };
    world.advance(8 * HOUR);
    await world.tick();
    assert.deepEqual(errors, ['revive']);
    assert.equal((await world.request(id)).status, 'expired');
    Object.assign(world.store, { requestsBy, revive });
    world.deps.log.error = () => undefined;
  });

  it('leaves alone what moved on between the look and the deed', async () => {
    world.policy(`${POLICY}notify: { remindAfter: 15m }\n`);
    const waiting = await world.ask('U0ANA', 'get ws-042 C:\\x.zip');
    const story = await running(world);
    const queued = { ...story.run, status: 'queued' as const };
    await world.click('U0LEA', 'deny', `${waiting.id}:1`);
    await finish(world, story.request.id);
    world.advance(9 * HOUR);
    const before = [await world.request(waiting.id), await world.run(story.request.id)];
    world.store.requestsBy = async () => [waiting];
    world.store.runsBy = async () => [queued, { ...queued, id: 'LR-000000.1', requestId: 'LR-000000' }];
    await world.tick();
    assert.deepEqual([await world.request(waiting.id), await world.run(story.request.id)], before);
  });
});
