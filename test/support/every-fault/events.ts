import fc from 'fast-check';
import type { ButtonAction } from '../../../src/model/notice.ts';
import type { FaultOrder, Settings } from '../../../src/playground/defender-tenant/index.ts';
import { CRASH_POINTS, type Stop } from './stops.ts';

/** The machines of the tests: an ordinary one, and one that takes two approvals. */
export const MACHINES = ['ws-042', 'dc-01'] as const;

/** One thing that happens. */
export type Event =
  | { do: 'ask'; user: string; machine: number; breakGlass?: boolean }
  | { do: 'click'; user: string; action: ButtonAction; request: number; older: boolean }
  | { do: 'say'; words: 'pause' | 'resume' }
  | { do: 'fault'; fault: FaultOrder }
  | { do: 'stop'; stop: Stop }
  | { do: 'pass'; seconds: number }
  /** What was on its way when its sender died arrives. */
  | { do: 'arrive' }
  | { do: 'set'; settings: Partial<Settings> }
  | { do: 'machine'; machine: number; change: { portalSession?: boolean; reachable?: boolean } }
  | { do: 'change library' };

const page = '<html><body>Please sign in to the network</body></html>';
const of = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Everything that a submission can meet (facts 12 and 13). */
export const SUBMISSION_FAULTS: readonly FaultOrder[] = [
  { kind: 'throttle', form: 'seconds', seconds: 9 },
  { kind: 'throttle', form: 'date', seconds: 40, code: 'TooManyRequests' },
  { kind: 'throttle', form: 'none', code: 'TooManyRequests' },
  { kind: 'throttle', form: 'seconds', seconds: 70, limit: 'sessions' },
  { kind: 'throttle', form: 'none', limit: 'sessions' },
  { kind: 'bare', status: 500 },
  { kind: 'bare', status: 503, body: page },
  { kind: 'bare', status: 504, body: page },
  { kind: 'bare', status: 408 },
  { kind: 'bare', status: 409 },
  { kind: 'bare', status: 302 },
  { kind: 'bare', status: 200, body: page },
  { kind: 'bare', status: 201 },
  { kind: 'bare_after', status: 500 },
  { kind: 'bare_after', status: 504, body: page },
  { kind: 'bare_after', status: 201, body: '{"id":"5382f7ea-75', contentType: 'application/json' },
  { kind: 'reset' },
  { kind: 'reset_after' },
  { kind: 'hang' },
  { kind: 'hang_after' },
  { kind: 'busy' },
  { kind: 'busy_after' },
  { kind: 'foreign' },
  { kind: 'unauthorized' },
  { kind: 'unauthorized', times: 2 },
  { kind: 'disabled_feature' },
  { kind: 'disallowed_operation' },
  { kind: 'missing_role' },
  { kind: 'unknown_machine' },
  { kind: 'gateway_404' },
  { kind: 'os_not_supported' },
  { kind: 'version_not_supported' },
  { kind: 'refuse', status: 400, code: 'SomethingNew', message: 'What it says is not known.' },
  { kind: 'refuse', status: 409, code: 'Conflict', message: 'There is another one.' },
  { kind: 'words', status: 'Queued', commandStatus: 'Waiting' },
  { kind: 'fail', command: 0 },
];

/** What a look, a sign-in or a cancel can meet. */
const otherFaults: fc.Arbitrary<FaultOrder> = fc
  .record({
    on: of('actions', 'actions', 'action', 'machine', 'library', 'token', 'cancel'),
    times: fc.integer({ min: 1, max: 4 }),
    fault: of<FaultOrder>(
      { kind: 'throttle', form: 'seconds', seconds: 20 },
      { kind: 'throttle', form: 'none' },
      { kind: 'bare', status: 500 },
      { kind: 'bare', status: 200, body: page },
      { kind: 'reset' },
      { kind: 'hang' },
      { kind: 'unauthorized' },
      { kind: 'missing_role' },
      { kind: 'gateway_404' },
      { kind: 'unknown_machine' },
    ),
  })
  .map(({ on, times, fault }) => ({ ...fault, on, times: fault.kind === 'hang' ? 1 : times }) as FaultOrder);

/** What is met later, or once only. */
const lateFaults = of<FaultOrder>(
  { kind: 'cancel_race' },
  { kind: 'cancel_final' },
  { kind: 'result_404', reads: 2 },
  { kind: 'bare', on: 'result', status: 500 },
  { kind: 'reset', on: 'blob' },
);

const stop: fc.Arbitrary<Stop> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ dies: of(...CRASH_POINTS), jobs: of('lost' as const, 'kept' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      sleeps: of('before sending' as const, 'connected' as const, 'answer received' as const),
      seconds: of(10, 30, 200),
    }),
  },
);

const settings: fc.Arbitrary<Partial<Settings>> = of<Partial<Settings>>(
  { lagMs: 0 },
  { lagMs: 60_000 },
  { lagMs: 119_000 },
  { onBusy: 'foreign' },
  { onBusy: 'refuse' },
  { queueMs: 600_000, queueEnds: 'Failed' },
  { pageSize: 1 },
  { roles: ['Machine.Read.All', 'Library.Manage'] },
  { roles: ['Machine.LiveResponse', 'Library.Manage'] },
);

const BUTTONS: ButtonAction[] = ['approve', 'deny', 'withdraw', 'cancel', 'it_ran', 'it_did_not_run'];
const PEOPLE = ['U0ANA', 'U0LEA', 'U0LEO', 'U0GUS', 'U0EVE'];
const machine = fc.constantFrom(0, 0, 1);

const submissionFault = of(...SUBMISSION_FAULTS).map((fault): Event => ({ do: 'fault', fault }));
const stopped = stop.map((each): Event => ({ do: 'stop', stop: each }));

/** What stands in the way of the first submissions. */
export const troubles: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof({ weight: 2, arbitrary: submissionFault }, { weight: 1, arbitrary: stopped }),
  { minLength: 1, maxLength: 3 },
);

/** A sequence of what happens then. */
export const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof<fc.MaybeWeightedArbitrary<Event>[]>(
    {
      weight: 2,
      arbitrary: fc.record({
        do: of('ask' as const),
        user: of('U0ANA', 'U0LEA'),
        machine,
        breakGlass: of(false, false, true),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: of('click' as const),
        user: of(...PEOPLE, 'U0LEA', 'U0LEO', 'U0LEA', 'U0LEO'),
        action: of<ButtonAction>(...BUTTONS, 'approve', 'approve', 'it_did_not_run'),
        request: fc.nat(3),
        older: of(false, false, false, true),
      }),
    },
    { weight: 4, arbitrary: submissionFault },
    {
      weight: 2,
      arbitrary: fc.oneof(otherFaults, otherFaults, lateFaults).map((fault): Event => ({ do: 'fault', fault })),
    },
    { weight: 3, arbitrary: stopped },
    { weight: 7, arbitrary: fc.record({ do: of('pass' as const), seconds: of(3, 20, 40, 130, 130, 310) }) },
    { weight: 1, arbitrary: of<Event>({ do: 'arrive' }, { do: 'change library' }) },
    { weight: 1, arbitrary: of<Event>({ do: 'say', words: 'pause' }, { do: 'say', words: 'resume' }) },
    { weight: 2, arbitrary: settings.map((each): Event => ({ do: 'set', settings: each })) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: of('machine' as const),
        machine,
        change: of({ portalSession: true }, { portalSession: false }, { reachable: false }, { reachable: true }),
      }),
    },
  ),
  { minLength: 3, maxLength: 9 },
);
