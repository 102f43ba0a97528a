import assert from 'node:assert/strict';
import { AppError } from '../../src/errors.ts';
import { changeRun, channelKey, putOff, retryConflicts } from '../../src/flow/changes.ts';
import { aRun } from '../support/records.ts';
import { approved, running, storyOf } from '../support/story.ts';
import { createWorld } from '../support/world.ts';

const conflict = (): AppError => new AppError('conflict', 'somebody was faster');

describe('a change of a record', () => {
  it('starts over when somebody was faster, a bounded number of times', async () => {
    let tries = 0;
    const done = await retryConflicts(async () => {
      tries += 1;
      if (tries < 8) throw conflict();
      return 'done';
    });
    assert.deepEqual([done, tries], ['done', 8]);
    tries = 0;
    await assert.rejects(
      retryConflicts(async () => {
        tries += 1;
        throw conflict();
      }),
      { code: 'conflict' },
    );
    assert.equal(tries, 8);
  });

  it('is not tried again after any other trouble', async () => {
    for (const error of [new TypeError('a bug'), new AppError('transition', 'no such move')]) {
      let tries = 0;
      await assert.rejects(
        retryConflicts(async () => {
          tries += 1;
          throw error;
        }),
        error,
      );
      assert.equal(tries, 1);
    }
  });

  it('is made from the newest state, also when it changed in between', async () => {
    const world = await createWorld();
    const { run } = await running(world);
    const stale = run;
    await changeRun(world.store, run.id, async (_tx, current) => ({ ...current, note: 'newer' }));
    await assert.rejects(
      world.store.transaction((tx) => tx.saveRun(stale, { ...stale, note: 'older' })),
      { code: 'conflict' },
    );
    assert.equal((await world.run(run.id)).note, 'newer');
  });

  it('is none where there is nothing to do, or no such run', async () => {
    const world = await createWorld();
    const { request, run } = await running(world);
    assert.equal(await changeRun(world.store, run.id, async () => null), null);
    assert.equal(await changeRun(world.store, 'LR-000000.1', async (_tx, one) => one), null);
    assert.equal((await storyOf(world, request.id)).run.version, run.version);
  });

  it('never brings two runs in flight on one machine, whoever tries', async () => {
    const world = await createWorld();
    await running(world);
    const other = await approved(world, 'get ws-042 C:\\x.zip');
    await assert.rejects(
      changeRun(world.store, other.run.id, async (_tx, run) => ({ ...run, status: 'submitting' })),
      { code: 'conflict' },
    );
  });

  it('puts a run off with the reason, and names a channel by its platform', () => {
    const put = putOff(aRun(), { for: 'defender', why: 'x' }, 5);
    assert.deepEqual([put.waits, put.notBefore], [{ for: 'defender', why: 'x' }, 5]);
    assert.equal(channelKey({ platform: 'slack', channel: 'C0SOC' }), 'slack|C0SOC');
  });
});
