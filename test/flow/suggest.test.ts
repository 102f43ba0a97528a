import assert from 'node:assert/strict';
import { suggest } from '../../src/flow/suggest.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { defenderTrouble } from '../support/fake-defender.ts';
import { SCRIPT } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

describe('suggestions for a form', () => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld();
  });

  const ask = (user: string, subject: 'machines' | 'library', query: string, limit = 15) =>
    suggest(world.deps, {
      person: { platform: 'slack', id: user, tenant: 'T0CONTOSO', name: user },
      subject,
      query,
      limit,
    });

  it('are machines by what their names begin with, with what is known of them, by id', async () => {
    const [first, ...rest] = await ask('U0ANA', 'machines', 'WS-0');
    assert.equal(first?.name, 'ws-042');
    assert.match(first?.facts ?? '', /^\w+ · last full report .+ · Windows 11/);
    assert.match(first?.value ?? '', /^[0-9a-f]{40}$/);
    assert.deepEqual(rest, []);
  });

  it('are, before anything is typed, machines asked for lately first, none twice', async () => {
    await world.ask('U0ANA', SCRIPT);
    const found = await ask('U0LEA', 'machines', '  ');
    assert.equal(new Set(found.map(({ value }) => value)).size, found.length);
    assert.equal(found[0]?.name, 'ws-042');
  });

  it('are files of the library that hold the letters, those that begin with them first', async () => {
    const found = await ask('U0ANA', 'library', 'MINI');
    assert.equal(found[0]?.value, 'minidump.ps1');
    assert.equal(found[0]?.name, 'minidump.ps1');
    assert.deepEqual(await ask('U0ANA', 'library', 'nothing like it'), []);
    assert.equal((await ask('U0ANA', 'library', '', 1)).length, 1);
  });

  it('are nothing for people without the right to read, and Defender isn’t asked', async () => {
    world.defender.fail('findMachines', defenderTrouble('defender_unreachable'));
    assert.deepEqual(await ask('U0EVE', 'machines', 'ws'), []);
    world.chat.standings.set('U0ANA', 'guest');
    assert.deepEqual(await ask('U0ANA', 'machines', 'ws'), []);
    assert.deepEqual(await ask('U0ANA', 'library', ''), []);
  });

  it('are an error where people or machines can’t be looked up', async () => {
    world.chat.fail('lookUp', chatTrouble('chat_unreachable'));
    await assert.rejects(ask('U0ANA', 'machines', 'ws'), { code: 'chat_unreachable' });
    world.defender.fail('findMachines', defenderTrouble('defender_unreachable'));
    await assert.rejects(ask('U0ANA', 'machines', 'ws'), { code: 'defender_unreachable' });
  });
});
