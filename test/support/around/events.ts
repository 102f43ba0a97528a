import fc from 'fast-check';
import type { ButtonAction } from '../../../src/model/notice.ts';
import type { Says } from './rules.ts';

export const PEOPLE = ['U0ANA', 'U0LEA', 'U0LEO', 'U0MAX', 'U0EVE'] as const;
export const SCRIPTS = ['minidump.ps1', 'Get-A.ps1'] as const;
export const MACHINES = ['ws-042', 'dc-01'] as const;
export const DIGESTS = ['a', 'b'].map((digit) => digit.repeat(64));

/** One thing that happens. Users are ids or `the …` that the policy names. Numbers choose among the requests that are there by then. `by`: the instance that takes it. */
export type Event =
  | { do: 'ask'; user: string; script: string; machine: string; options: string }
  | { do: 'delete'; user: string; script: string }
  | { do: 'press'; user: string; button: ButtonAction; on: number; roundsBack: number; channel: string }
  | { do: 'say'; user: string; words: string; on: number }
  | { do: 'open'; link: number }
  | { do: 'policy'; says: Says }
  | { do: 'standing'; user: string; guest: boolean }
  | { do: 'tag'; machine: number; tier0: boolean }
  | { do: 'upload'; file: number; digest: string }
  | { do: 'answers'; how: 'unclear' | 'throttled' | 'busy' }
  | { do: 'machine'; status: 'InProgress' | 'Succeeded' | 'Failed' }
  | { do: 'pass'; minutes: number }
  | { do: 'lose' };

/** An event, how many jobs are done after it, and whether two instances do them at the same time. */
export interface Step {
  event: Event;
  instance: 0 | 1;
  jobs: number;
  together: boolean;
}

/** Somebody by name, or whom the policy of that moment lists at this place, so that much of what is tried is right. */
const ANALYST = ['the analyst', 'the analyst', 'the analyst', 'the first lead'];
const LEAD = ['the first lead', 'the second lead', 'the first lead', 'the second lead', ...PEOPLE];
const user = fc.constantFrom(...ANALYST, ...PEOPLE);
const on = fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4);
const script = fc.constantFrom(...SCRIPTS);
const options = fc.constantFrom('', '', ' --reason "INC-1 x"', ' --reason "no"', ' --break-glass --reason "INC-2 y"');
const channel = fc.constantFrom('C0SOC', 'C0SOC', 'C0SOC', 'C0SOC', 'C0SOC', 'C0OTHER');

/** Somebody else's decision, on the newest card, as it is meant to be. */
const decided = fc.record({
  do: fc.constant('press' as const),
  user: fc.constantFrom(...LEAD),
  button: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
  on,
  roundsBack: fc.constantFrom(0, 0, 0, 0, 0, 1),
  channel,
});

/** What the analyst does with what they asked for last, so that deletions and results get somewhere. */
const followed = fc.record({
  do: fc.constant('press' as const),
  user: fc.constant('the analyst'),
  button: fc.constantFrom('confirm' as const, 'confirm' as const, 'results' as const),
  on: fc.constantFrom(0, 0, 1),
  roundsBack: fc.constant(0),
  channel: fc.constant('C0SOC'),
});

const pressed = fc.record({
  do: fc.constant('press' as const),
  user,
  button: fc.constantFrom<ButtonAction[]>(
    ...(['approve', 'deny', 'withdraw', 'cancel', 'results', 'it_ran', 'it_did_not_run', 'reviewed'] as const),
    ...(['ask_again', 'confirm', 'confirm', 'confirm', 'results', 'cancel', 'cancel', 'cancel'] as const),
  ),
  on,
  roundsBack: fc.constantFrom(0, 0, 1),
  channel,
});

export const says: fc.Arbitrary<Says> = fc.record({
  analysts: fc.constantFrom(['U0ANA'], ['U0ANA', 'U0MAX'], ['U0LEO']),
  leads: fc.constantFrom(['U0LEA', 'U0LEO'], ['U0LEA', 'U0LEO', 'U0MAX'], ['U0LEO'], ['U0ANA', 'U0LEA', 'U0MAX']),
  approvals: fc.constantFrom(1 as const, 1 as const, 2 as const),
  tier0: fc.constantFrom('reason' as const, 'no reason' as const, 'refused' as const),
  pinned: fc.constantFrom(...DIGESTS),
  glass: fc.constantFrom([], ['U0LEA'], ['U0ANA', 'U0LEO']),
});

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      user,
      script,
      machine: fc.constantFrom(...MACHINES),
      options,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('delete' as const), user: fc.constantFrom(...ANALYST), script }),
  },
  { weight: 12, arbitrary: decided },
  { weight: 3, arbitrary: followed },
  { weight: 6, arbitrary: pressed },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      user,
      words: fc.constantFrom('cancel', 'withdraw', 'again', 'results', 'pause', 'resume', 'resume', 'show'),
      on,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), link: on }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('policy' as const), says }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('standing' as const), user, guest: fc.constantFrom(true, false, false) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('tag' as const), machine: fc.nat({ max: 1 }), tier0: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('upload' as const),
      file: fc.nat({ max: 1 }),
      digest: fc.constantFrom(...DIGESTS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('answers' as const), how: fc.constantFrom('unclear', 'throttled', 'busy') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('machine' as const),
      status: fc.constantFrom('InProgress', 'Succeeded', 'Failed'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.constantFrom(1, 3, 31, 300, 500) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'lose' as const }) },
);

/** Anything in any order. Most of the time everything that it leads to is done before the next thing happens. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    event,
    instance: fc.constantFrom(0 as const, 1 as const),
    jobs: fc.constantFrom(0, 1, 2, 100, 100, 100, 100, 100, 100, 100),
    together: fc.boolean(),
  }),
  { minLength: 30, maxLength: 60, size: 'max' },
);
