import assert from 'node:assert/strict';
import { PLATFORMS, type Platform } from '../../src/model/person.ts';
import { loadPolicy } from '../../src/policy/index.ts';
import { memoryStore } from '../support/memory-store.ts';
import { APART, type Cell, mayRead, rightly, TRIES } from '../support/rights/oracle.ts';
import { type Kind, kindsOn, POLICY } from '../support/rights/people.ts';
import { play } from '../support/rights/play.ts';
import { STATES, type State } from '../support/rights/states.ts';
import { createWorld } from '../support/world.ts';

/**
 * Each cell is a person who types or presses something, on a request that is so far. It goes the whole way from the delivery to
 * Defender, and everything that changed or was told has to be what the table in support/rights/oracle.ts says, and nothing else.
 * The records are kept in memory, or the thousands of cells would take minutes; a sample that has each try once where it
 * works is played on the real database. CELLS=all leaves no cell out.
 */
const ALL = process.env.CELLS === 'all';
const policy = loadPolicy(POLICY, { platforms: PLATFORMS });

/** Without CELLS=all: words that aren't about the request are tried in these states only, … */
const SOME_STATES: ReadonlySet<State> = new Set(['waiting', 'in line', 'running, glass broken']);
/** … and of those who are no full members only these try something on the other platform. */
const isTriedEverywhere = ({ standing, lookUpFails }: Kind) =>
  standing === 'member' ? !lookUpFails : standing === 'guest';

function cellsOf(platform: Platform, home: Platform): Cell[] {
  const kinds = kindsOn(platform).filter((kind) => ALL || platform === home || isTriedEverywhere(kind));
  return kinds.flatMap((kind) =>
    STATES.flatMap((state) =>
      TRIES.filter((attempt) => ALL || !APART.has(attempt) || SOME_STATES.has(state)).map((attempt) => {
        return { kind, home, state, attempt };
      }),
    ),
  );
}

const nameOf = ({ kind, home, state, attempt }: Cell) =>
  `${kind.name} on ${kind.platform}: ${attempt}, of a request in ${home} that is ${state}`;

/** What came out wrong; empty when it is right. */
async function troubleWith(cell: Cell, store: Parameters<typeof play>[1]): Promise<string[]> {
  const { effects, reads } = await play(cell, store, policy);
  const right = rightly(cell);
  const wrong = effects.join() !== right.join();
  return [
    ...(wrong ? [`${nameOf(cell)}: came to [${effects.join(', ')}] instead of [${right.join(', ')}]`] : []),
    ...(reads > 0 && !mayRead(cell) ? [`${nameOf(cell)}: had Defender asked ${reads} times`] : []),
  ];
}

describe('The matrix of rights', () => {
  for (const platform of PLATFORMS) {
    for (const home of PLATFORMS) {
      it(`of people on ${platform} and requests in ${home} is what contract and policy say`, async () => {
        const wrong: string[] = [];
        const cells = cellsOf(platform, home);
        for (const cell of cells) wrong.push(...(await troubleWith(cell, memoryStore().store)));
        assert.deepEqual(wrong.slice(0, 20), [], `${wrong.length} of ${cells.length} cells`);
        assert.ok(cells.length > 4_000, `only ${cells.length} cells`);
      });
    }
  }

  for (const home of ALL ? PLATFORMS : (['slack'] as const)) {
    it(`is the same on the real database, for each try once where it works, in ${home}`, async () => {
      const wrong: string[] = [];
      const cells = cellsOf(home, home);
      for (const attempt of TRIES) {
        const of = cells.filter((cell) => cell.attempt === attempt);
        const cell = of.find((one) => rightly(one).length > 0) ?? of.find((one) => one.state === 'waiting');
        if (cell !== undefined) wrong.push(...(await troubleWith(cell, (await createWorld()).store)));
      }
      assert.deepEqual(wrong, []);
    });
  }
});
