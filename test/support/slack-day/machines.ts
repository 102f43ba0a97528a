import type { DefenderClient } from '../../../src/defender/client.ts';
import type { MachineAction } from '../../../src/flow/ports.ts';
import { type FakeDefender, scriptResult } from '../fake-defender.ts';
import type { Chance } from './chance.ts';
import type { DayClock } from './clock.ts';

/** How each line begins that a script writes. */
export const OUTPUT = 'Written by the script';

/** How a run goes at Defender, once it is there. */
export type Fate = 'Succeeded' | 'Failed' | 'TimeOut' | 'never answered';

/** Has the fake Defender live by the clock: what it takes is picked up, goes on, and ends as `fateOf` says. */
export function liveMachines(
  defender: FakeDefender,
  { clock, chance, fateOf }: { clock: DayClock; chance: Chance; fateOf: (comment: string) => Fate },
): void {
  const { submit } = defender;
  const taken = new Set<string>();

  function end(action: MachineAction, fate: Exclude<Fate, 'never answered'>): void {
    if (action.status === 'Cancelled') return;
    const state = fate === 'Succeeded' ? 'Completed' : 'Failed';
    for (const [index] of action.commands.entries())
      defender.results.set(`${action.id}:${index}`, written(action, fate));
    defender.go(
      action.id,
      fate,
      action.commands.map(() => ({ status: state, endedAt: clock.now() })),
    );
  }

  const written = ({ comment }: MachineAction, fate: Fate) =>
    scriptResult({
      exitCode: fate === 'Succeeded' ? 0 : 1,
      output: `${OUTPUT} of ${comment.slice(1, 12)}\n${`${OUTPUT}, one more line\n`.repeat(chance.whole(0, 40))}`,
    });

  function begin(action: MachineAction): void {
    if (action.status !== 'Pending') return;
    const [first] = action.commands;
    if (first !== undefined) defender.go(action.id, 'InProgress', [{ status: 'Submitted', startedAt: clock.now() }]);
  }

  defender.submit = async (...asked: Parameters<DefenderClient['submit']>) => {
    const comment = asked[1].Comment;
    const fate = fateOf(comment);
    const isFirst = !taken.has(comment.slice(0, 14));
    taken.add(comment.slice(0, 14));
    if (fate === 'never answered' && isFirst) defender.next({ outcome: 'unclear', why: 'the connection was reset' });
    const result = await submit(...asked);
    if (result.outcome !== 'accepted') return result;
    const { action } = result;
    const begun = clock.now() + chance.whole(3, 60) * 1_000;
    clock.at(begun, () => begin(action));
    clock.at(begun + chance.whole(20, 240) * 1_000, () => end(action, fate === 'never answered' ? 'Succeeded' : fate));
    return result;
  };
}
