import assert from 'node:assert/strict';
import { defenderTrouble } from '../support/fake-defender.ts';
import { createWorld, type World } from '../support/world.ts';

const LASTING = Array.from({ length: 999 }, () => defenderTrouble('defender_forbidden'));

describe('what Defender has trouble with', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  /** Seconds between the looks at Defender in five minutes. */
  async function pauses(name: string): Promise<number[]> {
    const at: number[] = [];
    let seen = world.defender.reads.filter((read) => read === name).length - 1;
    for (let time = 0; time < 300; time += 5) {
      const now = world.defender.reads.filter((read) => read === name).length;
      if (now > seen) at.push(time);
      seen = now;
      world.advance(5_000);
      await world.tick();
    }
    return at.slice(1).map((time, index) => time - (at[index] ?? 0));
  }

  it('a run in line looks after less and less often, down to once a minute', async () => {
    world.defender.fail('actionsOf', ...LASTING);
    const { id } = await world.ask('U0ANA', 'get ws-042 C:\\Temp\\a.log');
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.deepEqual(await pauses('actionsOf'), [5, 10, 20, 40, 60, 60, 60]);
  });

  it('so does a deletion', async () => {
    const { id } = await world.ask('U0ANA', 'library delete minidump');
    await world.click('U0ANA', 'confirm', id);
    world.defender.fail('library', ...LASTING);
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.deepEqual(await pauses('library'), [5, 10, 20, 40, 60, 60, 60]);
  });
});
