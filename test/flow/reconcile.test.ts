import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { MachineAction } from '../../src/flow/ports.ts';
import { defenderTrouble, machine } from '../support/fake-defender.ts';
import {
  approved,
  attempt,
  audited,
  facts,
  finish,
  lookInVain,
  pass,
  running,
  SCRIPT,
  stateLine,
  storyOf,
  unclear,
  whispers,
} from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

describe('looking for what became of a submission', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const sent = () => world.defender.submissions.length;
  /** An action at Defender made of what was submitted, shown from now on. */
  const show = async (changes: Partial<MachineAction> = {}): Promise<MachineAction> => {
    const submitted = world.defender.submissions.at(-1);
    if (submitted === undefined) throw new Error('nothing was submitted');
    world.defender.submissions.pop();
    await world.defender.submit(submitted.machineId, submitted.body, () => true);
    const action = world.defender.list.at(-1);
    if (action === undefined) throw new Error('no action');
    return Object.assign(action, changes);
  };
  const doubtful = async () => {
    world.defender.next({ outcome: 'unclear', why: 'reset' });
    return approved(world);
  };

  it('goes on over the time in which Defender’s lists may lag, rarer and rarer, and never sends', async () => {
    const { request, run } = await doubtful();
    assert.equal(run.status, 'reconciling');
    assert.match(
      stateLine(world, request.id),
      /^\? Defender didn’t answer whether it started\. Looking until 09:02 UTC\. Don’t start it again\.$/,
    );
    const looks = () => world.defender.reads.filter((read) => read === 'actionsOf').length;
    const before = looks();
    for (let second = 0; second < 30; second++) await pass(world, 1_000);
    assert.ok(looks() - before >= 3 && looks() - before <= 10, String(looks() - before));
    assert.deepEqual([(await world.run(request.id)).status, sent()], ['reconciling', 1]);
  });

  it('adopts what it finds late', async () => {
    const { request } = await doubtful();
    await pass(world, 60_000);
    const action = await show();
    await pass(world, 31_000);
    const { run } = await storyOf(world, request.id);
    assert.deepEqual([run.status, run.actionId, run.doubt], ['running', action.id, null]);
    await finish(world, request.id);
    assert.match(stateLine(world, request.id), /^✔ Finished/);
    assert.equal(sent(), 1);
  });

  it('finds nothing in what is somebody else’s', async () => {
    const { request } = await doubtful();
    await show({ requestor: 'mallory@contoso.com' });
    await lookInVain(world);
    assert.equal((await world.run(request.id)).status, 'unclear');
  });

  it('that found nothing in time asks those who may approve, on the card and in the thread, and repeats nothing', async () => {
    const { request } = await unclear(world);
    assert.equal(stateLine(world, request.id), '? Still unclear whether it ran. Approvers: did it run?');
    assert.match(
      world.chat.said().at(-1) ?? '',
      /^\? Still unclear whether it ran\. Lea Lead, Leo Lead: look at the machine, then say on the card: It ran, or It didn’t run\.$/,
    );
    await pass(world, 24 * 3_600_000);
    assert.deepEqual([(await world.run(request.id)).status, sent()], ['unclear', 1]);
    assert.equal(await audited(world, 'run.unclear'), 1);
  });

  it('goes on when Defender could not be asked in between', async () => {
    const { request } = await doubtful();
    world.defender.fail('actionsOf', defenderTrouble('defender_unreachable'));
    await pass(world, 4_000);
    assert.equal(world.failed.length, 1);
    await show();
    await pass(world, 4_000);
    assert.equal((await world.run(request.id)).status, 'running');
  });

  it('is over when somebody was faster', async () => {
    const { run } = await running(world);
    await world.work({ queue: 'reconcile', id: run.id });
    await world.work({ queue: 'reconcile', id: 'LR-000000.1' });
    assert.equal((await world.run(run.id)).version, run.version);
    const doubted = await approvedElsewhere();
    const { actionsOf } = world.defender;
    world.defender.actionsOf = async () => {
      world.defender.actionsOf = actionsOf;
      await show();
      await world.work({ queue: 'reconcile', id: doubted });
      return [];
    };
    await world.work({ queue: 'reconcile', id: doubted });
    assert.equal((await world.run(doubted)).status, 'running');
  });
  /** A doubtful run on a machine of its own. */
  async function approvedElsewhere(): Promise<string> {
    await finish(world, (await world.store.requestsBy({ limit: 1 }))[0]?.id ?? '');
    world.advance(61_000);
    return (await doubtful()).run.id;
  }

  for (const doubt of ['busy', 'unclear'] as const) {
    it(`after “${doubt}” decides nothing where somebody was faster in the last moment`, async () => {
      world.defender.next(doubt === 'busy' ? { outcome: 'busy', message: 'x' } : { outcome: 'unclear', why: 'x' });
      const { run } = await approved(world);
      world.advance(121_000);
      const { actionsOf } = world.defender;
      world.defender.actionsOf = async () => {
        world.defender.actionsOf = actionsOf;
        await show();
        await world.work({ queue: 'reconcile', id: run.id });
        return [];
      };
      await world.work({ queue: 'reconcile', id: run.id });
      assert.equal((await world.run(run.id)).status, 'running');
    });
  }
});

describe('a second action with our run id', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  /** Looked for in vain, settled as “didn’t run”, sent once more; and only then the first one shows up. */
  async function late(status: string): Promise<{ id: string; first: MachineAction }> {
    const { request, run } = await unclear(world);
    await world.click('U0LEA', 'it_did_not_run', attempt(run));
    assert.equal((await world.run(request.id)).attempt, 2);
    const second = world.defender.list[0];
    if (second === undefined) throw new Error('it was not sent again');
    const first = { ...second, id: 'first', status, createdAt: (second.createdAt ?? 0) - 121_000 };
    world.defender.list.unshift(first);
    await pass(world, 31_000);
    return { id: request.id, first };
  }

  it('is cancelled where it is pending, and told on the card and in the thread, once; ours goes on', async () => {
    const { id } = await late('Pending');
    await pass(world, 31_000);
    assert.deepEqual(
      world.defender.cancels.map((one) => one.actionId),
      ['first'],
    );
    const note = `Defender shows a second action for ${id}.1. I asked Defender to cancel it.`;
    assert.ok(facts(world, id).includes(`⚠ ${note}`));
    assert.equal(world.chat.said().filter((words) => words === `‼ ${note}`).length, 1);
    assert.equal(await audited(world, 'run.second_action'), 1);
    const { run } = await finish(world, id);
    assert.equal(run.status, 'succeeded');
    assert.match(stateLine(world, id), /second action/, 'and stays told');
  });

  it('that can’t be stopped is told, too', async () => {
    const { id } = await late('InProgress');
    assert.deepEqual(world.defender.cancels, []);
    assert.match(world.chat.said().at(-1) ?? '', /I could not stop it; look at it in the portal\.$/);
    assert.equal((await world.run(id)).status, 'running');
  });

  it('is found while looking, where the older one is ours', async () => {
    world.defender.next({ outcome: 'unclear', why: 'x' }, { create: true });
    const { submit } = world.defender;
    world.defender.submit = async (...args) => {
      const answer = await submit(...args);
      const [action] = world.defender.list;
      if (action !== undefined)
        world.defender.list.unshift({ ...action, id: 'younger', createdAt: (action.createdAt ?? 0) + 1 });
      return answer;
    };
    const { run } = await approved(world);
    assert.notEqual(run.actionId, 'younger');
    assert.equal(run.status, 'running');
    assert.deepEqual(
      world.defender.cancels.map((one) => one.actionId),
      ['younger'],
    );
    assert.match(run.note ?? '', /second action/);
  });

  describe('of what a person sent once more', () => {
    /** Sent, lost, sent again by a person's word; then the first one shows up after all. */
    async function doubled(line: string, approver = 'U0LEA') {
      world.defender.next({ outcome: 'unclear', why: 'reset' });
      const request = await world.ask('U0ANA', line);
      await world.click(approver, 'approve', `${request.id}:1`);
      await lookInVain(world);
      await world.click('U0LEA', 'it_did_not_run', `${request.id}.1:1`);
      const { action } = await storyOf(world, request.id);
      if (action === undefined) throw new Error('not sent again');
      return () =>
        world.defender.list.push({
          ...structuredClone(action),
          id: randomUUID(),
          createdAt: (action.createdAt ?? 0) + 1,
        });
    }
    const other = machine({ id: 'bb00000000000000000000000000000000000043', name: 'ws-043.contoso.com' });

    for (const error of [defenderTrouble('defender_unexpected'), new TypeError('a bug')]) {
      it(`is seen though another machine makes trouble: ${error.name}`, async () => {
        world.defender.machines.push(other);
        await doubled(SCRIPT);
        const showUp = await doubled(SCRIPT.replace('ws-042', 'ws-043'));
        const { actionsOf } = world.defender;
        world.defender.actionsOf = async (id, since) => {
          if (id !== other.id) throw error;
          return actionsOf(id, since);
        };
        showUp();
        await pass(world, 31_000);
        assert.deepEqual([await audited(world, 'run.second_action'), world.defender.cancels.length], [1, 1]);
      });
    }

    it('is seen though the library can’t be read', async () => {
      const showUp = await doubled(SCRIPT);
      world.defender.fail('library', ...Array.from({ length: 9 }, () => defenderTrouble('defender_forbidden')));
      showUp();
      await pass(world, 31_000);
      assert.equal(await audited(world, 'run.second_action'), 1);
    });
  });

  it('is looked for in what a person settled only', async () => {
    await running(world);
    const before = world.defender.reads.filter((read) => read === 'actionsOf').length;
    await pass(world, 31_000);
    assert.equal(world.defender.reads.filter((read) => read === 'actionsOf').length, before);
    assert.deepEqual(whispers(world), []);
  });
});
