import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FolderLock, type LockTimes, takeFolder } from '../../src/store/folder-lock.ts';
import { thisProcess } from '../../src/store/process-identity.ts';
import { type Child, startChild } from '../support/children.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
/** Short, so that the tests are. */
const times: LockTimes = { beat: 100, silence: 600, grace: 150 };

describe('the lock of a data folder', function () {
  this.timeout(60_000);
  let folder: string;
  let locks: FolderLock[];
  let children: Child[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveresponse-lock-'));
    locks = [];
    children = [];
  });
  afterEach(async () => {
    for (const lock of locks) await lock.release();
    for (const child of children) await child.kill();
    await rm(folder, { recursive: true, force: true });
  });

  const take = async (onLost: () => void = () => undefined): Promise<FolderLock> => {
    const lock = await takeFolder(folder, quiet, onLost, times);
    locks.push(lock);
    return lock;
  };
  const child = (): Child => {
    const args = [folder, ...Object.values(times).map(String)];
    const started = startChild(new URL('./lock-holder.ts', import.meta.url), args);
    children.push(started);
    return started;
  };
  const files = async () => (await readdir(folder)).filter((name) => name.startsWith('lock-'));
  /** What a holder on another host looks like from here. */
  const stranger = async (): Promise<string> => {
    const path = join(folder, 'lock-stranger');
    const owner = { ...(await thisProcess()), host: 'elsewhere', bootId: 'another boot' };
    await writeFile(path, JSON.stringify(owner));
    return path;
  };

  it('is held by one process and says which one to everybody else', async () => {
    await take();
    await assert.rejects(take(), (error: Error & { code: string }) => {
      assert.equal(error.code, 'folder_locked');
      assert.match(error.message, new RegExp(`process ${process.pid} on .*DATABASE_URL`));
      return true;
    });
    const other = child();
    assert.equal(await other.says('locked'), 'locked');
  });

  it('is free again after a release', async () => {
    const lock = await take();
    await lock.confirm();
    await lock.release();
    assert.deepEqual(await files(), []);
    await take();
  });

  it('is free at once when its holder on this host was killed', async () => {
    const holder = child();
    await holder.says('held');
    await holder.kill();
    assert.equal((await files()).length, 1);
    const started = Date.now();
    await take();
    assert.ok(Date.now() - started < times.silence, 'no waiting for silence');
    assert.equal((await files()).length, 1);
  });

  it('is not taken from a living holder on this host, even one that stands still', async () => {
    const holder = child();
    await holder.says('held');
    holder.signal('SIGSTOP');
    await assert.rejects(take(), { code: 'folder_locked' });
    holder.signal('SIGCONT');
  });

  it('is not taken for another process that got the pid of the dead holder', async () => {
    const owner = { ...(await thisProcess()), startedAt: '1' };
    await writeFile(join(folder, 'lock-reused'), JSON.stringify(owner));
    await take();
  });

  it('goes to exactly one of many who come at the same moment after a kill', async () => {
    const first = child();
    await first.says('held');
    await first.kill();
    const takes = Array.from({ length: 6 }, () => takeFolder(folder, quiet, () => undefined, times));
    const rivals = Array.from({ length: 3 }, child);
    const results = await Promise.allSettled(takes);
    for (const result of results) if (result.status === 'fulfilled') locks.push(result.value);
    assert.equal(locks.length, 1);
    assert.ok(results.every((one) => one.status === 'fulfilled' || one.reason.code === 'folder_locked'));
    for (const rival of rivals) assert.equal(await rival.says((line) => line !== ''), 'locked');
    assert.equal((await files()).length, 1);
  });

  it('goes to exactly one of several processes that come at the same moment', async () => {
    const rivals = Array.from({ length: 3 }, child);
    const words = await Promise.all(rivals.map((one) => one.says((line) => line !== '')));
    assert.deepEqual(words.sort(), ['held', 'locked', 'locked']);
  });

  it('is refused after one heartbeat of a holder elsewhere', async () => {
    const path = await stranger();
    const beating = setInterval(() => void utimes(path, Date.now() / 1_000, Date.now() / 1_000), times.beat);
    try {
      const started = Date.now();
      await assert.rejects(take(), { code: 'folder_locked' });
      assert.ok(Date.now() - started < times.silence);
    } finally {
      clearInterval(beating);
    }
    assert.deepEqual(await files(), ['lock-stranger']);
  });

  it('is taken from a holder elsewhere that has been silent long enough', async () => {
    await stranger();
    const started = Date.now();
    await take();
    assert.ok(Date.now() - started >= times.silence + times.grace);
    assert.ok(!(await files()).includes('lock-stranger'));
  });

  it('is refused, then given up, across containers: processes that cannot see each other', async function () {
    const container = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    // Needs the right to make a namespace (root, as in CI); the two tests before tell the same with a made-up stranger.
    if (spawnSync('unshare', [...container.slice(1), 'true']).status !== 0) this.skip();
    const args = [folder, ...Object.values(times).map(String)];
    const holder = startChild(new URL('./lock-holder.ts', import.meta.url), args, container);
    children.push(holder);
    await holder.says('held');
    await assert.rejects(take(), { code: 'folder_locked' });
    await holder.kill();
    await take();
  });

  it('is taken over a file that a kill or a full disk left without content', async () => {
    await writeFile(join(folder, 'lock-empty'), '');
    await take();
  });

  it('tells a holder that was taken over, which then touches nothing more', async () => {
    let lost = 0;
    const lock = await take(() => {
      lost += 1;
    });
    const [name = ''] = await files();
    await unlink(join(folder, name));
    const end = Date.now() + 5_000;
    while (lost === 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(lost, 1);
    await assert.rejects(lock.confirm(), { code: 'folder_locked' });
  });

  it('is asked for again by a holder that slept, before it touches anything', async () => {
    const holder = child();
    await holder.says('held');
    const [name = ''] = await files();
    holder.signal('SIGSTOP');
    await unlink(join(folder, name));
    await new Promise((resolve) => setTimeout(resolve, 3 * times.beat));
    holder.send('confirm');
    holder.signal('SIGCONT');
    assert.equal(await holder.says((line) => line === 'confirmed' || line === 'refused'), 'refused');
  });
});
