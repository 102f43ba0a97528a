import assert from 'node:assert/strict';
import { plain } from '../../src/model/notice.ts';
import { defenderTrouble, scriptResult } from '../support/fake-defender.ts';
import { audited, finish, pass, running, SCRIPT_THEN_GET } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

const FACTS = { name: 'x.dmp', size: 51_200_000, packed: 1_234, sha256: null };

describe('a collected file', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const collected = async () => {
    const { request, action } = await running(world, 'get ws-042 C:\\x.zip');
    world.defender.fileFactsOf.set(`${action.id}:0`, FACTS);
    return request.id;
  };
  const file = async (id: string) => (await world.run(id)).commands[0]?.file;
  const looks = () => world.defender.reads.filter((read) => read === 'fileFacts').length;
  const note = (id: string) => plain(world.card(id).commands[0]?.note ?? []);

  it('is looked at once, and its size stands on the card', async () => {
    const id = await collected();
    await finish(world, id);
    assert.deepEqual(await file(id), FACTS);
    assert.match(note(id), /^collected, 51 MB/);
    await pass(world, 60_000);
    assert.equal(looks(), 1);
    const entry = (await world.audit()).find(({ action }) => action === 'result.looked_at');
    assert.deepEqual(entry?.data, { index: 0, size: 51_200_000, packed: 1_234, sha256: null });
  });

  it('is told at once, whether anything is known of it or not', async () => {
    const id = await collected();
    world.defender.fail('fileFacts', defenderTrouble('defender_not_found'));
    await finish(world, id);
    assert.equal(world.chat.said().filter((words) => /x\.zip was collected/.test(words)).length, 1);
    assert.match(world.chat.said().at(-1) ?? '', /Finished in/);
    assert.match(note(id), /^collected(?:$| ·)/);
    await pass(world, 20_000);
    assert.match(note(id), /^collected, 51 MB/);
    assert.equal(world.chat.said().filter((words) => /x\.zip was collected/.test(words)).length, 1);
  });

  it('is given up after some tries, and at once where it is forbidden', async () => {
    const id = await collected();
    world.defender.fail('fileFacts', ...Array.from({ length: 5 }, () => defenderTrouble('defender_throttled', 5_000)));
    await finish(world, id);
    for (let n = 0; n < 9; n++) await pass(world, 10_000);
    assert.deepEqual([looks(), await file(id)], [5, null]);
    const second = await world.ask('U0ANA', 'get ws-042 C:\\y.zip');
    await world.click('U0LEA', 'approve', `${second.id}:1`);
    world.defender.fail('fileFacts', defenderTrouble('defender_forbidden'));
    await finish(world, second.id);
    assert.equal(await file(second.id), null);
    assert.equal(await audited(world, 'result.looked_at'), 0);
  });

  it('is looked at last, and however long that has to wait, the scripts’ output and the end don’t wait with it', async () => {
    const { request, action } = await running(world, SCRIPT_THEN_GET);
    world.defender.fail('fileFacts', defenderTrouble('defender_throttled', 50 * 60_000));
    const done = { status: 'Completed', startedAt: world.now(), endedAt: world.now() + 3_000 };
    world.defender.go(action.id, 'InProgress', [done, done]);
    await pass(world, 6_000);
    world.defender.go(action.id, 'Succeeded', [done, done]);
    await pass(world, 6_000);
    assert.equal(looks(), 0, 'the output isn’t there yet');
    world.defender.results.set('*', scriptResult());
    await pass(world, 10_000);
    assert.match(world.chat.said().at(-1) ?? '', /✔ Finished in/);
    assert.deepEqual([(await world.run(request.id)).commands[0]?.result, looks()], ['collected', 1]);
    await pass(world, 40 * 60_000);
    assert.equal(looks(), 1);
    await pass(world, 11 * 60_000);
    assert.deepEqual([looks(), typeof (await world.run(request.id)).commands[1]?.file], [2, 'object']);
  });
});
