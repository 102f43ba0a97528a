import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MachineAction, Submission } from '../../src/flow/ports.ts';
import type { ButtonAction } from '../../src/model/notice.ts';
import { mayRequestMove, mayRunMove, type Request, requestEnded } from '../../src/model/request.ts';
import { libraryFile, machine } from '../support/fake-defender.ts';
import { audited, pass, pressOne } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

/** What Defender makes of the next submission; `exists`: whether an action is there afterwards, at once or shown only later. */
type Answer =
  | { outcome: 'accepted' | 'foreign' | 'busy' | 'unclear'; exists: 'now' | 'later' | 'no' }
  | { outcome: 'refused' | 'throttled' | 'not_sent' };

type Event =
  | { do: 'ask'; user: string; machine: number }
  | { do: 'click'; user: string; action: ButtonAction; request: number; older: boolean }
  | { do: 'answer'; answer: Answer }
  /** The process dies right before or after the bytes left, or sleeps with the connection open. */
  | { do: 'die'; when: 'before' | 'after' | 'asleep' }
  /** Only so many of the next jobs are done; the rest is lost. */
  | { do: 'lose'; after: number }
  | { do: 'pass'; seconds: number }
  | { do: 'change library' }
  | { do: 'show' }
  | { do: 'go'; action: number; status: string };

const PEOPLE = ['U0ANA', 'U0LEA', 'U0LEO', 'U0GUS', 'U0EVE'];
const BUTTONS: ButtonAction[] = ['approve', 'deny', 'withdraw', 'cancel', 'it_ran', 'it_did_not_run'];
const exists = fc.constantFrom('now' as const, 'later' as const, 'no' as const);

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    outcome: fc.constantFrom('accepted' as const, 'foreign' as const, 'busy' as const, 'unclear' as const),
    exists,
  }),
  fc.record({ outcome: fc.constantFrom('refused' as const, 'throttled' as const, 'not_sent' as const) }),
);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      user: fc.constantFrom('U0ANA', 'U0LEA'),
      machine: fc.nat(1),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('click' as const),
      user: fc.constantFrom(...PEOPLE, 'U0LEA', 'U0LEO', 'U0LEA', 'U0LEO'),
      action: fc.constantFrom(...BUTTONS, 'approve', 'approve', 'it_did_not_run'),
      request: fc.nat(4),
      older: fc.constantFrom(false, false, false, false, true),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), answer }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('die' as const),
      when: fc.constantFrom('before' as const, 'after' as const, 'asleep' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), after: fc.nat(4) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.constantFrom(3, 20, 40, 130) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'change library' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'show' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('go' as const),
      action: fc.nat(3),
      status: fc.constantFrom('InProgress', 'Succeeded', 'Failed', 'Cancelled'),
    }),
  },
);

/** What Defender answers to the first submissions: mostly what leaves everything open. */
const answers = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ outcome: fc.constant('unclear' as const), exists }) },
    { weight: 1, arbitrary: fc.record({ outcome: fc.constantFrom('foreign' as const, 'busy' as const), exists }) },
    { weight: 1, arbitrary: answer },
  ),
  { minLength: 1, maxLength: 4 },
);

class Killed extends Error {}

/** A world in which everything that must never happen is looked for while it happens. */
async function guarded() {
  const world = await createWorld();
  world.defender.machines = [machine(), machine({ id: 'm2', name: 'ws-043.contoso.com' })];
  const created = new Map<string, number>();
  const asked: string[] = [];
  const hidden: typeof world.defender.list = [];
  const state = {
    answers: [] as Answer[],
    die: null as 'before' | 'after' | 'asleep' | null,
    jobs: Number.POSITIVE_INFINITY,
    digest: 0,
  };
  keepToTheTable(world);

  const { submit } = world.defender;
  world.defender.submit = async (machineId, body, gate) => {
    const die = state.die;
    state.die = null;
    if (die === 'before') throw new Killed();
    if (die === 'asleep') world.advance(30_000);
    const runId = /^\[([^\]]+)\]/.exec(body.Comment)?.[1] ?? '';
    const planned = plan(state.answers.shift() ?? { outcome: 'accepted', exists: 'now' });
    let left = false;
    const before = world.defender.list.length;
    world.defender.next(planned.outcome, { create: planned.create !== 'no' });
    const result = await submit(machineId, body, () => {
      left = gate();
      return left;
    });
    if (!left) return result;
    await mayLeave(world, runId);
    if (world.defender.list.length > before) {
      created.set(runId, (created.get(runId) ?? 0) + 1);
      if (planned.create === 'later') hidden.push(...world.defender.list.splice(before));
    }
    if (die === 'after') throw new Killed();
    return result;
  };
  const settle = world.settle;
  world.settle = async () => {
    if (state.jobs === Number.POSITIVE_INFINITY) return settle();
    for (; state.jobs > 0 && world.jobs.length > 0; state.jobs--) {
      const [job] = world.jobs.splice(0, 1);
      if (job !== undefined) await world.work(job).catch((error) => world.failed.push({ job, error }));
    }
    state.jobs = Number.POSITIVE_INFINITY;
    world.lose();
  };
  return { world, created, asked, hidden, state };
}
type Guarded = Awaited<ReturnType<typeof guarded>>;

function plan(answer: Answer): {
  outcome: Submission | ((action: MachineAction) => Submission);
  create: 'now' | 'later' | 'no';
} {
  switch (answer.outcome) {
    case 'accepted':
      // What was accepted is there, though it may not show at once.
      return {
        outcome: (action) => ({ outcome: 'accepted', action }),
        create: answer.exists === 'no' ? 'now' : answer.exists,
      };
    case 'foreign':
      // Defender hands back what is in progress instead of creating; it is as good as being refused for busy.
      return {
        outcome: (action) => ({
          outcome: 'accepted',
          action: { ...action, comment: '[LR-000000.1] x' },
        }),
        create: answer.exists === 'later' ? 'now' : answer.exists,
      };
    case 'busy':
      return {
        outcome: { outcome: 'busy', message: 'busy' },
        create: answer.exists === 'later' ? 'now' : answer.exists,
      };
    case 'unclear':
      return { outcome: { outcome: 'unclear', why: 'reset' }, create: answer.exists };
    case 'refused':
      return { outcome: { outcome: 'refused', code: 'X', message: 'No.' }, create: 'no' };
    case 'throttled':
      return { outcome: { outcome: 'throttled', retryAfter: 3_000, sessions: false }, create: 'no' };
    case 'not_sent':
      return { outcome: { outcome: 'not_sent', why: 'no connection' }, create: 'no' };
  }
}

/** Every record moves only along the table. */
function keepToTheTable(world: World): void {
  const { transaction } = world.store;
  world.store.transaction = (work) =>
    transaction((tx) =>
      work({
        ...tx,
        saveRequest: (before, after) => {
          assert.ok(
            before.status === after.status || mayRequestMove(before.status, after.status),
            `${before.status} → ${after.status}`,
          );
          return tx.saveRequest(before, after);
        },
        saveRun: (before, after) => {
          assert.ok(
            before.status === after.status || mayRunMove(before.status, after.status),
            `${before.status} → ${after.status}`,
          );
          return tx.saveRun(before, after);
        },
      }),
    );
}

/** Nothing leaves without enough approvals of this round by others, of exactly what would run. */
async function mayLeave(world: World, runId: string): Promise<void> {
  const request = await world.request(runId.replace(/\.1$/, ''));
  const decisions = await world.store.transaction((tx) => tx.decisionsOf(request.id));
  const approvers = new Set(
    decisions.filter((one) => one.round === request.round && one.verdict === 'approve').map((one) => one.person.id),
  );
  approvers.delete(request.requester.id);
  assert.ok(approvers.size >= (request.terms?.approvals ?? 1), `${runId} left with ${approvers.size} approvals`);
  for (const id of approvers) assert.ok(['U0LEA', 'U0LEO'].includes(id), id);
  assert.deepEqual(
    request.files.map((file) => file.sha256),
    world.defender.files.map((file) => file.sha256),
  );
}

async function play(guard: Guarded, event: Event): Promise<void> {
  const { world, asked, hidden, state } = guard;
  switch (event.do) {
    case 'ask': {
      const line = `run ws-04${2 + event.machine} minidump.ps1 number-${asked.length}`;
      const got = await world.type(event.user, line);
      asked.push(/LR-\w{6}/.exec(JSON.stringify(got))?.[0] ?? '');
      return world.settle();
    }
    case 'click':
      return pressOne(guard.world, guard.asked, event);
    case 'answer':
      return void state.answers.push(event.answer);
    case 'die':
      state.die = event.when;
      return;
    case 'lose':
      state.jobs = event.after;
      return;
    case 'pass':
      return pass(world, event.seconds * 1_000);
    case 'change library':
      state.digest += 1;
      world.defender.files = [libraryFile({ sha256: `${state.digest}`.padStart(64, '0') })];
      return;
    case 'show':
      return void world.defender.list.push(...hidden.splice(0));
    case 'go': {
      const action = world.defender.list[event.action];
      const over = action === undefined || !['Pending', 'InProgress'].includes(action.status);
      if (!over)
        world.defender.go(action.id, event.status, [
          { status: event.status === 'Succeeded' ? 'Completed' : 'Executing' },
        ]);
    }
  }
}

/** What must hold after each event. */
async function check({ world, created }: Guarded): Promise<void> {
  const inFlight = await world.store.runsBy({ status: ['submitting', 'reconciling', 'running', 'unclear'] });
  assert.equal(
    new Set(inFlight.map((run) => run.machine.id)).size,
    inFlight.length,
    'two runs in flight on one machine',
  );
  const said = created.size === 0 ? 0 : await audited(world, 'run.settled_not_ran');
  const most = [...created.values()].reduce((sum, count) => sum + count - 1, 0);
  assert.ok(most <= said, `${most} more than one execution, ${said} times a person said that it didn’t run`);
  for (const { error } of world.failed.splice(0))
    if (!(error instanceof Killed) && !/tr(y|ied) again|yet/.test(`${error}`)) throw error;
}

/** Lets everything come to its end, as people and machines would. */
async function settleAll(guard: Guarded): Promise<Request[]> {
  const { world, state } = guard;
  Object.assign(state, { answers: [], die: null, jobs: Number.POSITIVE_INFINITY });
  for (let round = 0; round < 40; round++) {
    const open = (await world.store.requestsBy({ limit: 100 })).filter((request) => !requestEnded(request.status));
    if (open.length === 0) break;
    for (const request of open) {
      if (request.status === 'waiting') await world.click(request.requester.id, 'withdraw', request.id);
      const run = await world.store.transaction((tx) => tx.run(`${request.id}.1`));
      if (run?.status === 'unclear')
        await world.click(request.requester.id === 'U0LEA' ? 'U0LEO' : 'U0LEA', 'it_ran', `${run.id}:${run.attempt}`);
    }
    for (const action of world.defender.list)
      if (action.status === 'Pending' || action.status === 'InProgress')
        world.defender.go(action.id, 'Succeeded', [{ status: 'Completed' }]);
    world.defender.list.push(...guard.hidden.splice(0));
    await pass(world, 310_000);
    await check(guard);
  }
  await pass(world, 30_000);
  await pass(world, 30_000);
  return world.store.requestsBy({ limit: 100 });
}

describe('exactly one execution', () => {
  // Opening the database isn't part of the time below.
  before(async () => {
    await createWorld();
  });

  it('whatever Defender answers, whoever clicks, whatever gets lost', async () => {
    let last: Promise<unknown> = Promise.resolve();
    const inHand =
      <A extends unknown[]>(work: (...drawn: A) => Promise<void>) =>
      (...drawn: A): Promise<void> => {
        const going = work(...drawn);
        last = going.catch(() => undefined);
        return going;
      };
    await fc.assert(
      fc.asyncProperty(
        answers,
        fc.array(event, { minLength: 3, maxLength: 9 }),
        inHand(async (planned, events) => {
          const guard = await guarded();
          guard.state.answers.push(...planned);
          await play(guard, { do: 'ask', user: 'U0ANA', machine: 0 });
          await play(guard, { do: 'click', user: 'U0LEO', action: 'approve', request: 0, older: false });
          for (const one of events) {
            await play(guard, one);
            await check(guard);
          }
          for (const request of await settleAll(guard)) {
            assert.ok(requestEnded(request.status), `${request.id} is still ${request.status}`);
            const cards = await guard.world.store.cardsOf(request.id);
            if (cards.length === 0) continue;
            const left = guard.world.card(request.id).buttons.map((button) => button.action);
            assert.deepEqual(
              left.filter((action) => BUTTONS.includes(action)),
              [],
              `${request.id} ${request.status}`,
            );
          }
        }),
      ),
      { numRuns: 40, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false, endOnFailure: true },
    );
    // The time limit doesn't wait for the sequence it interrupts, which would go on in the next test's world.
    await last;
  }).timeout(120_000);
});
