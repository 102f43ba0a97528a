import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditEntry, Log, Store, Tx } from '../src/flow/ports.ts';
import { createPolicyFile, type PolicyFile, type ReadPolicy, readPolicy } from '../src/policy-file.ts';
import { POLICY } from './support/world.ts';

// Half of it is a policy too, and a lighter one.
const HALF = POLICY.replace(/rules:[\s\S]*(?=default)/, '');
const STRICTER = POLICY.replace('approvals: 2', 'approvals: 3');

describe('the policy file', () => {
  let folder: string;
  let file: string;
  let policy: PolicyFile;
  let audited: AuditEntry[];
  let errors: string[];
  let valid: boolean[];
  let inForce: string[];
  let waiting: (() => void)[];
  /** What the metric said of whether ours decides. */
  let decides: boolean[];
  let time: number;
  let create: (first: ReadPolicy, look?: number, from?: string) => PolicyFile;
  let warnings: object[];

  /** Resolves once this is so; whatever is recorded makes it look again. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const something = () => {
    for (const look of waiting.splice(0)) look();
  };

  beforeEach(async () => {
    [audited, errors, valid, inForce, waiting, decides] = [[], [], [], [], [], []];
    time = Date.UTC(2026, 10, 24);
    folder = await mkdtemp(join(tmpdir(), 'liveresponse-policy-'));
    file = join(folder, 'policy.yaml');
    await writeFile(file, POLICY);
    const settings = new Map<string, unknown>();
    const tx = {
      setting: async (key: string) => settings.get(key) ?? null,
      setSetting: async (key: string, value: unknown) => void settings.set(key, value),
      audit: async (entry: AuditEntry) => void audited.push(entry),
    } as unknown as Tx;
    const store: Pick<Store, 'transaction'> = {
      transaction: async (work) => {
        const result = await work(tx);
        something();
        return result;
      },
    };
    const log: Log = {
      debug() {},
      info() {},
      warn: (facts) => void warnings.push(facts),
      error: (facts, message) => {
        errors.push(`${message} ${'problems' in facts ? String(facts.problems) : ''}`);
        something();
      },
    };
    warnings = [];
    create = (first, look = 20, from = file) =>
      createPolicyFile({
        file: from,
        platforms: ['slack'],
        first,
        store,
        clock: { now: () => time },
        log,
        metrics: {
          policyValid: (well) => {
            valid.push(well);
            something();
          },
          policyInForce: (inForce) => void decides.push(inForce),
        },
        inForce: ({ hash }) => {
          inForce.push(hash);
          something();
        },
        timing: { look, settle: 50 },
      });
    policy = create(await readPolicy(file, ['slack']));
    await policy.start();
    // Its first look finds nothing new.
    await until(() => valid.length === 2);
  });
  afterEach(async () => {
    await policy.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const strictest = () => Math.max(...policy.current().rules.map((rule) => rule.approvals));
  /** Each start says once which policy is in force; what comes after is a change. */
  const changes = () => inForce.length - loads().filter((why) => why === 'start').length;
  const loads = () => audited.filter(({ action }) => action === 'policy.loaded').map(({ data }) => data?.why);

  it('is taken over when it changes, written in place or put in the place of the old one', async () => {
    await writeFile(file, STRICTER);
    await until(() => changes() === 1);
    assert.equal(strictest(), 3);
    await writeFile(`${file}.new`, POLICY);
    await rename(`${file}.new`, file);
    await until(() => changes() === 2);
    assert.equal(strictest(), 2);
    assert.deepEqual(loads(), ['start', 'change', 'change']);
    assert.equal(inForce[2], inForce[0]);
    assert.equal(new Set(inForce).size, 2);
  });

  it('is said to be in force at the start, too: what is open may have been judged by an earlier one', async () => {
    assert.deepEqual(inForce, [policy.current().hash]);
  });

  it('is read without waiting for the next look when somebody asks for it', async () => {
    await policy.stop();
    const before = valid.length;
    policy = create(await readPolicy(file, ['slack']), 3_600_000);
    await policy.start();
    await until(() => valid.length === before + 2);
    await writeFile(file, STRICTER);
    await policy.reload();
    assert.deepEqual([strictest(), loads().at(-1)], [3, 'SIGHUP']);
  });

  it('that is broken, or gone, keeps the one before, says so and drops the metric, until it is valid again', async () => {
    await writeFile(file, `${POLICY}\nnonsense: 1\n`);
    await policy.reload();
    assert.equal(strictest(), 2);
    assert.equal(valid.at(-1), false);
    assert.match(errors.join(), /not valid; the policy before stays in force.*line 1\d, column \d/s);
    const refused = audited.find(({ action }) => action === 'policy.refused');
    assert.match(String(refused?.data?.problems), /nonsense/);
    await rm(file);
    await policy.reload();
    assert.match(errors.at(-1) ?? '', /can't be read/);
    assert.deepEqual([strictest(), valid.at(-1)], [2, false]);
    await writeFile(file, POLICY);
    await until(() => valid.at(-1) === true);
    assert.equal(changes(), 0);
  });

  it('complains of the same broken file once, but each time that somebody asks', async () => {
    await writeFile(file, 'version: 2');
    await until(() => errors.length === 1);
    await writeFile(file, 'version: 2');
    await policy.reload();
    await policy.reload();
    assert.equal(errors.length, 3);
  });

  it('is not taken over while it is still being written', async () => {
    await writeFile(file, HALF);
    let writing = true;
    const writer = (async () => {
      for (let n = 0; n < 20; n++) {
        await new Promise((resolve) => setImmediate(resolve));
        await writeFile(file, `${HALF}# ${n}\n`);
      }
      await writeFile(file, STRICTER);
      writing = false;
    })();
    await until(() => changes() > 0);
    await writer;
    await until(() => policy.current().rules.length === 1 && strictest() === 3);
    assert.equal(writing, false);
    assert.equal(audited.filter(({ data }) => typeof data?.text === 'string' && data.text.includes('# 0\n')).length, 0);
  });

  it('is not taken over half-written either when somebody asks for it', async () => {
    await writeFile(file, HALF);
    const reloaded = policy.reload();
    await writeFile(file, STRICTER);
    await reloaded;
    assert.deepEqual([strictest(), changes()], [3, 1]);
  });

  it('is not taken half-written at the start: one that changed lately is read until it stays the same', async () => {
    await writeFile(file, HALF);
    const writes = [HALF.repeat(2), STRICTER];
    let waits = 0;
    const wait = async () => {
      const text = writes[waits++];
      if (text !== undefined) await writeFile(file, text);
    };
    assert.equal((await readPolicy(file, ['slack'], wait)).text, STRICTER);
    assert.equal(waits, 3);
    let n = 0;
    const never = () => writeFile(file, `# ${n++}`);
    await assert.rejects(readPolicy(file, ['slack'], never), /being written all the time/);
  });

  it('is read once at the start where it was left alone', async () => {
    const long = new Date(Date.now() - 60_000);
    await utimes(file, long, long);
    const first = await readPolicy(file, ['slack'], () => assert.fail('waited'));
    assert.equal(first.text, POLICY);
  });

  it('is taken over when it changed between the first reading and the first look', async () => {
    await policy.stop();
    const first = await readPolicy(file, ['slack']);
    await writeFile(file, STRICTER);
    policy = create(first);
    await policy.start();
    await until(() => changes() === 1);
    assert.equal(strictest(), 3);
  });

  it('must be a regular file of at most 2 MB: a pipe in its place is refused and holds nobody up', async () => {
    const pipe = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    await assert.rejects(readPolicy(pipe, ['slack']), /is not a regular file/);
    await assert.rejects(readPolicy('/dev/zero', ['slack']), /is not a regular file/);
    await assert.rejects(readPolicy(folder, ['slack']), /is not a regular file/);
    await rm(file);
    await rename(pipe, file);
    await policy.reload();
    assert.match(errors.at(-1) ?? '', /is not a regular file/);
    assert.equal(strictest(), 2);
    await rm(file);
    await writeFile(file, '#'.repeat(2_000_001));
    await assert.rejects(readPolicy(file, ['slack']), /larger than 2 MB/);
  });

  it('keeps each text in the audit trail, once', async () => {
    await writeFile(file, STRICTER);
    await policy.reload();
    await writeFile(file, POLICY);
    await policy.reload();
    const loaded = audited.filter(({ action }) => action === 'policy.loaded').map(({ data }) => data);
    assert.deepEqual(
      loaded.map((data) => data?.text ?? null),
      [POLICY, STRICTER, null],
    );
    assert.equal(loaded[2]?.hash, loaded[0]?.hash);
  });

  describe('beside another instance', () => {
    const other = POLICY.replace('approvals: 2', 'approvals: 4');
    let theirs: PolicyFile;
    let theirFile: string;
    /** An instance with a file of its own, which looks at it only when told to. */
    const another = async (text: string) => {
      theirFile = join(folder, 'theirs.yaml');
      await writeFile(theirFile, text);
      theirs = create(await readPolicy(theirFile, ['slack']), 3_600_000, theirFile);
      await theirs.start();
    };
    const passes = async (seconds: number, ...alive: PolicyFile[]) => {
      for (let second = 0; second < seconds; second++) {
        time += 1_000;
        for (const one of alive) await one.agree();
      }
    };
    afterEach(() => theirs.stop());

    it('that has loaded a newer one reads its file at once, and runs the same', async () => {
      await another(POLICY);
      await writeFile(theirFile, STRICTER);
      await writeFile(file, STRICTER);
      await until(() => strictest() === 3);
      await theirs.agree();
      await until(() => theirs.current().hash === policy.current().hash);
      await theirs.agree();
      assert.equal(decides.at(-1), true);
    });

    it('with another file leaves it the word, says so once with both, and takes it back when that one has gone', async () => {
      await another(other);
      await passes(60, policy, theirs);
      assert.deepEqual(warnings, [{ ours: policy.current().hash, inForce: theirs.current().hash }]);
      assert.deepEqual(decides.slice(-2), [false, true]);
      await passes(15, policy);
      assert.equal(decides.at(-1), false);
      await passes(10, policy);
      assert.equal(decides.at(-1), true);
      assert.deepEqual([inForce.at(-1), loads().at(-1)], [policy.current().hash, 'takeover']);
      await passes(60, policy, theirs);
      assert.deepEqual(decides.slice(-2), [true, false]);
    });

    it('takes nothing over because it was away itself: what it missed proves nothing', async () => {
      await another(other);
      await passes(3, policy, theirs);
      time += 600_000;
      await passes(10, policy);
      assert.equal(decides.at(-1), false);
    });
  });
});
