import assert from 'node:assert/strict';
import { createJudging } from '../src/judging.ts';

describe('judging what is open', () => {
  let errors: string[];
  let done: (() => void) | null;
  /** Resolves when the last planned try has been made. */
  let over: Promise<void>;
  let tries: AbortSignal[];
  const judging = (...outcomes: (() => Promise<void>)[]) => {
    tries = [];
    errors = [];
    over = new Promise((resolve) => {
      done = resolve;
    });
    return createJudging({
      work: (stopping) => {
        tries.push(stopping);
        const outcome = outcomes.shift() ?? assert.fail('tried once more');
        if (outcomes.length === 0) done?.();
        return outcome();
      },
      log: { error: (_facts, message) => errors.push(message) },
      pause: { first: 1, longest: 2 },
    });
  };
  const well = async (): Promise<void> => undefined;
  const badly = (): Promise<void> => Promise.reject(new Error('the database is away'));

  it('is tried until it is done once, and then not again for the same policy', async () => {
    const judge = judging(badly, badly, badly, well);
    judge.by('one');
    await over;
    judge.by('one');
    assert.deepEqual([tries.length, errors.length], [4, 3]);
    assert.match(errors[0] ?? '', /not all that is open could be judged by the policy in force; trying again/);
  });

  it('is begun anew by another policy, and what is under way for the one before is given up', async () => {
    const never = () => new Promise<void>(() => undefined);
    const judge = judging(never, well, well);
    judge.by('one');
    judge.by('two');
    assert.deepEqual(
      tries.map(({ aborted }) => aborted),
      [true, false],
    );
    judge.by('one');
    await over;
    assert.equal(tries.length, 3);
  });

  it('ends when the bot stops, and what fails then is no trouble', async () => {
    let fail: (error: Error) => void = () => undefined;
    const judge = judging(
      () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    );
    judge.by('one');
    judge.stop();
    fail(new Error('the database is closed'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([tries[0]?.aborted, errors], [true, []]);
  });
});
