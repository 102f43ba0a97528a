import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { defenderTrouble, type FakeDefender, libraryFile } from '../support/fake-defender.ts';
import { fillLine, machinesOfLine } from '../support/line.ts';
import { running, SCRIPT } from '../support/story.ts';
import { createTenantWorld, type TenantWorld } from '../support/tenant-world.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const RUNS = 5;

describe('a look ahead in the line', () => {
  let world: World;
  let defender: FakeDefender;
  let runs: string[];
  beforeEach(async () => {
    world = await createWorld();
    ({ defender } = world);
    defender.machines = machinesOfLine(RUNS);
    runs = await fillLine(world, defender.machines);
  });
  const counts = () => Object.fromEntries([...new Set(defender.reads)].sort().map((name) => [name, times(name)]));
  const times = (name: string) => defender.reads.filter((read) => read === name).length;
  const go = async () => {
    await world.work({ queue: 'dispatch', id: 'next' });
    await world.settle();
    assert.deepEqual(world.failed, []);
  };

  it('asks about all of them in one call each', async () => {
    await go();
    assert.equal(defender.submissions.length, RUNS);
    assert.deepEqual({ ...counts(), signIn: undefined }, { actionsOn: 1, machinesBy: 1, signIn: undefined });
  });

  it('finds what runs there already: it is adopted, not sent again', async () => {
    const [first, second] = defender.machines;
    assert.ok(first !== undefined && second !== undefined);
    const body = {
      Comment: `[${runs[1]}] asked by`,
      Commands: [{ type: 'GetFile' as const, params: [{ key: 'Path' as const, value: 'C:\\Temp\\a.log' }] }],
    };
    await defender.submit(second.id, body, () => true);
    await go();
    const run = await world.run(runs[1] ?? '');
    assert.deepEqual([run.status, run.attempt], ['running', 0]);
    assert.equal(defender.submissions.length, RUNS);
    assert.equal((await world.run(runs[0] ?? '')).attempt, 1);
  });

  it('counts once for each run: what comes back into the line is looked at alone, and at once', async () => {
    defender.next({ outcome: 'throttled', retryAfter: 1_000, sessions: false });
    await go();
    assert.equal(times('actionsOf'), 0);
    world.advance(2_000);
    await go();
    assert.equal((await world.run(runs[0] ?? '')).attempt, 2);
    assert.equal(times('actionsOf'), 1);
  });

  it('is old after half a minute', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 2 }\n`);
    await go();
    world.advance(61_000);
    await go();
    assert.equal(defender.submissions.length, 4);
    assert.deepEqual([times('actionsOn'), times('actionsOf')], [2, 0]);
  });

  it('is none where Defender takes no such questions: each is looked at alone, and that is said once', async () => {
    defender.fail('actionsOn', defenderTrouble('defender_refused'));
    const warnings: string[] = [];
    world.deps.log = { ...world.deps.log, warn: (_facts, message) => void warnings.push(message) };
    await go();
    assert.equal(defender.submissions.length, RUNS);
    assert.deepEqual([times('actionsOn'), times('actionsOf'), times('machine')], [1, RUNS, RUNS]);
    assert.deepEqual(warnings, ['Defender does not list by several machines; runs in line are looked at one by one']);
  });

  it('is asked for every ten minutes where it was refused, and that is not said again', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 1 }\n`);
    const refusal = defenderTrouble('defender_refused');
    defender.fail('actionsOn', refusal, refusal, refusal);
    const warnings: string[] = [];
    world.deps.log = { ...world.deps.log, warn: (_facts, message) => void warnings.push(message) };
    for (let asked = 0; asked < 3; asked++) {
      await go();
      world.advance(11 * 60_000);
    }
    assert.deepEqual([times('actionsOn'), warnings.length], [3, 1]);
  });

  it('that fails for another reason puts the run off, and is taken again', async () => {
    defender.fail('actionsOn', defenderTrouble('defender_unreachable'));
    await go();
    assert.equal(defender.submissions.length, RUNS - 1, 'the others went on with the next look');
    world.advance(6_000);
    await go();
    assert.equal(defender.submissions.length, RUNS);
  });

  it('shares a look at the library for three seconds, and no longer', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 600 }\n`);
    await go();
    /** Some runs in line at once; how often the library was read for them. */
    const burst = async () => {
      await world.type('U0LEA', 'pause');
      await finishAll(world);
      const asked = [];
      for (const { name } of defender.machines) asked.push(await world.ask('U0ANA', `run ${name} minidump.ps1`));
      for (const { id } of asked) await world.click('U0LEA', 'approve', `${id}:1`);
      defender.reads.length = 0;
      await world.type('U0LEA', 'resume');
      await world.settle();
      return times('library');
    };
    assert.equal(await burst(), 1);
    world.advance(61_000);
    assert.equal(await burst(), 1, 'the look of a minute ago no longer counts');
    assert.equal(defender.submissions.length, 3 * RUNS);
  });

  it('is none for a run that stands alone', async () => {
    world = await createWorld();
    ({ defender } = world);
    defender.files = [libraryFile()];
    await running(world, SCRIPT);
    assert.deepEqual([times('actionsOn'), times('actionsOf')], [0, 1]);
  });
});

/** Ends what runs, so that machines and sessions are free. */
async function finishAll(world: World): Promise<void> {
  for (const action of world.defender.list) world.defender.go(action.id, 'Succeeded');
  world.advance(6_000);
  await world.tick();
}

describe('a long line at Defender’s own limits', () => {
  let open: TenantWorld | null = null;
  afterEach(() => open?.close());

  it('takes two reads for ten runs: by machines in a list', async () => {
    open = await createTenantWorld();
    const { world, tenant } = open;
    const model = tenant.machines.find('ws-042');
    assert.ok(model !== undefined);
    const machines = machinesOfLine(10);
    for (const { id, name } of machines) tenant.machines.all().push({ ...model, id, computerDnsName: name });
    await fillLine(world, machines);
    await world.work({ queue: 'dispatch', id: 'next' });
    await world.settle();
    const calls = tenant.state().calls.filter(({ server }) => server === 'api');
    assert.deepEqual(
      calls.map(({ method, status }) => `${method} ${status}`),
      ['GET 200', 'GET 200', ...Array.from({ length: 10 }, () => 'POST 201')],
    );
    const [actions, found] = calls.map(({ query }) => decodeURIComponent(query));
    assert.match(
      actions ?? '',
      /^\$filter=machineId in \('0+','0+1',.*\) and type eq 'LiveResponse' and creationDateTimeUtc ge 20/,
    );
    assert.match(found ?? '', /^\$filter=id in \('0+','0+1',/);
  });
});
