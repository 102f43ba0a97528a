import assert from 'node:assert/strict';
import { SCRIPT } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const STRICT = POLICY.replace('default: { ', 'default: { reason: "^INC-[0-9]+", ');

describe('a reason that was missing', () => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld();
    world.policy(STRICT);
  });

  const requests = () => world.store.requestsBy({ limit: 50 });
  const asked = async (line = SCRIPT) => {
    const request = await world.ask('U0ANA', line);
    assert.equal(request.status, 'refused');
    return request;
  };
  const button = () => world.chat.answers.at(-1)?.answer.buttons[0];
  const last = () => world.chat.whispered().at(-1) ?? '';
  const add = (id: string, words: string | null, user = 'U0ANA') => world.click(user, 'add_reason', id, { words });

  it('can be added with a button, which carries the id of the refused request and nothing else', async () => {
    const { id } = await asked();
    assert.deepEqual(button(), { action: 'add_reason', id, label: 'Add reason', tone: 'primary' });
    await add(id, 'INC-1234 odd process');
    const [fresh] = (await requests()).filter((one) => one.status === 'waiting');
    assert.equal(fresh?.line, `${SCRIPT} --reason "INC-1234 odd process"`);
    assert.equal(last(), `Got it, ${fresh?.id}.`);
    assert.equal(world.chat.posts.length, 1);
  });

  it('is judged like a typed one, and can be changed when it isn’t of the kind that the rule wants', async () => {
    const { id } = await asked();
    await add(id, 'because');
    assert.equal(button()?.label, 'Change reason');
    assert.equal(world.chat.posts.length, 0);
    await add(button()?.id ?? '', 'INC-7 because');
    assert.equal(world.chat.posts.length, 1);
  });

  it('asks once, however often the button is clicked, and only for its author', async () => {
    const { id } = await asked();
    await add(id, 'INC-1 mine', 'U0LEA');
    assert.equal(last(), 'Only who typed it may add a reason.');
    await add(id, 'INC-1 first');
    await add(id, 'INC-1 second');
    assert.equal(last(), 'You gave a reason for it already.');
    assert.equal((await requests()).length, 2);
  });

  it('is taken of nobody who may no longer ask, and nothing is told to them', async () => {
    const { id } = await asked();
    world.chat.standings.set('U0ANA', 'guest');
    await add(id, null);
    await add(id, 'INC-1 mine');
    assert.doesNotMatch(world.chat.whispered().slice(-2).join('\n'), /ws-042|Got it/);
    assert.equal((await requests()).length, 1);
  });

  it('says how to go on where no words came along, or none that can be a reason', async () => {
    const { id } = await asked();
    await add(id, null);
    assert.match(last(), /^Type it again with a reason:\nrun ws-042 .* --reason "INC-1234 /);
    await add(id, 'INC-1 right\u202Eleft');
    assert.match(last(), /control character.* Nothing was asked of anybody\.$/);
    assert.equal((await requests()).length, 1);
  });

  it('can’t turn into options or commands', async () => {
    const { id } = await asked();
    await add(id, 'INC-1" --break-glass then get C:\\x --reason "y');
    const fresh = (await requests()).find((one) => one.status === 'waiting');
    assert.equal(fresh?.breakGlass, false);
    assert.equal(fresh?.commands.length, 1);
    assert.equal(fresh?.reason, 'INC-1" --break-glass then get C:\\x --reason "y');
  });

  it('is asked for anew after an hour, and adds nothing to what wasn’t refused', async () => {
    const { id } = await asked();
    world.advance(3_600_001);
    await add(id, 'INC-1 late');
    assert.match(last(), /over an hour ago/);
    const waiting = await world.ask('U0ANA', `${SCRIPT} --reason INC-2`);
    await add(waiting.id, 'INC-3');
    assert.match(last(), /wasn’t refused/);
    assert.equal((await requests()).length, 2);
  });

  it('can be added where somebody wants to break the glass without one', async () => {
    world.policy(POLICY);
    const refused = await world.ask('U0LEA', `${SCRIPT} --break-glass`);
    assert.equal(button()?.id, refused.id);
    await add(refused.id, 'INC-9 spreading', 'U0LEA');
    const fresh = (await requests()).find((one) => one.id !== refused.id);
    assert.deepEqual([fresh?.breakGlass, fresh?.status, fresh?.reason], [true, 'approved', 'INC-9 spreading']);
  });
});
