import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import { type ProcessIdentity, thisProcess, vitalsOf } from './process-identity.ts';

/** The lock of a folder, held. */
export interface FolderLock {
  /** Throws AppError `folder_locked` once the lock is lost; asks the disk when the last heartbeat is old. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

/** Milliseconds. Silence plus grace stay below the 15 s that a dead holder elsewhere may block us. */
export interface LockTimes {
  beat: number;
  /** A holder elsewhere that doesn't move for so long is dead. */
  silence: number;
  /** Time for a holder that only slept to notice that its file is gone, before we touch the data. */
  grace: number;
}

const TIMES: LockTimes = { beat: 3_000, silence: 9_500, grace: 3_500 };
const OWNER = z.object({
  host: z.string(),
  pid: z.number(),
  startedAt: z.string().nullable(),
  bootId: z.string().nullable(),
  pidNamespace: z.string().nullable(),
});
const PREFIX = 'lock-';
/** Beside a holder's file, so that others needn't wonder whether it is a contender that steps back in a moment. */
const MARK = 'held-';

/**
 * Takes the folder for this process alone, or throws AppError `folder_locked`.
 *
 * Each contender first puts down a file of its own, then looks for others: of two at the same moment, at least one sees the
 * other and steps back, so never both go on. Files have unique names and only those of the dead are removed, so nobody
 * can remove a living lock by mistake. The holder's file moves (mtime) with each heartbeat, and its absence tells the holder.
 */
export async function takeFolder(
  folder: string,
  log: Log,
  onLost: () => void,
  times: LockTimes = TIMES,
): Promise<FolderLock> {
  const me = await thisProcess();
  for (let attempt = 0; ; attempt++) {
    const mine = await putDown(folder, me);
    const others = (await list(folder)).filter((name) => name !== mine);
    if (others.length === 0) {
      await writeFile(markOf(folder, mine), '');
      return hold(folder, mine, log, onLost, times);
    }
    await remove(folder, mine);
    for (const name of others) await makeWay(folder, name, me, attempt, times);
    // Contenders that met step back together; chance lets one of them be first.
    await sleep(10 + Math.random() * 60);
  }
}

/**
 * Who holds the folder, in words; null where nobody does. A look that changes nothing: it takes up to `patience` milliseconds where
 * only a heartbeat can tell.
 */
export async function holderOf(folder: string, patience = TIMES.beat + 1_000): Promise<string | null> {
  const me = await thisProcess();
  for (const name of await list(folder)) {
    const path = join(folder, name);
    const owner = await readOwner(path);
    if (owner === 'gone') continue;
    const vitals = owner === null ? 'unknown' : await vitalsOf(owner, me);
    const times = { ...TIMES, silence: patience };
    if (vitals === 'alive' || (vitals === 'unknown' && (await watch(path, times)) === 'moves')) return nameOf(owner);
  }
  return null;
}

/** Writes my file under another name first: under its own name it is always whole. */
async function putDown(folder: string, me: ProcessIdentity): Promise<string> {
  const name = `${PREFIX}${randomUUID()}`;
  const draft = join(folder, `.${name}`);
  await writeFile(draft, JSON.stringify(me), { flag: 'wx' });
  await rename(draft, join(folder, name));
  return name;
}

async function list(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith(PREFIX));
}

/** How often one meets a living contender before calling it the holder, whatever its mark says. */
const MEETINGS = 40;

/** Removes a dead process's file; throws when its owner lives; waits for the truth where only time can tell. */
async function makeWay(folder: string, name: string, me: ProcessIdentity, attempt: number, times: LockTimes) {
  const path = join(folder, name);
  const owner = await readOwner(path);
  if (owner === 'gone') return;
  const vitals = owner === null ? 'unknown' : await vitalsOf(owner, me);
  if (vitals === 'alive') {
    if (attempt >= MEETINGS || (await mtime(markOf(folder, name))) !== null) throw locked(folder, owner);
    return;
  }
  if (vitals === 'unknown') {
    const seen = await watch(path, times);
    if (seen === 'gone') return;
    if (seen === 'moves') throw locked(folder, owner);
  }
  await remove(folder, name);
  if (vitals === 'unknown') await sleep(times.grace);
}

function markOf(folder: string, name: string): string {
  return join(folder, `${MARK}${name.slice(PREFIX.length)}`);
}

/** The mark first: without it, a file left behind by a kill in between still tells its owner. */
async function remove(folder: string, name: string): Promise<void> {
  for (const path of [markOf(folder, name), join(folder, name)]) {
    await unlink(path).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
}

async function readOwner(path: string): Promise<ProcessIdentity | null | 'gone'> {
  try {
    const parsed = OWNER.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    return isMissing(error) ? 'gone' : null;
  }
}

/** Looks for a heartbeat. Only change counts, since another host's clock may say anything. */
async function watch(path: string, times: LockTimes): Promise<'moves' | 'still' | 'gone'> {
  const started = performance.now();
  const first = await mtime(path);
  while (performance.now() - started < times.silence) {
    const now = await mtime(path);
    if (now === null) return 'gone';
    if (now !== first) return 'moves';
    await sleep(Math.min(250, times.beat / 4));
  }
  return 'still';
}

async function mtime(path: string): Promise<number | null> {
  return await stat(path).then(
    (found) => found.mtimeMs,
    (error) => (isMissing(error) ? null : Number.NaN),
  );
}

function hold(folder: string, name: string, log: Log, onLost: () => void, times: LockTimes): FolderLock {
  const path = join(folder, name);
  let lost = false;
  let released = false;
  let confirmedAt = Date.now();

  const lose = (): void => {
    if (lost || released) return;
    lost = true;
    clearInterval(timer);
    log.error({ folder }, 'another process took the data folder because this one looked dead; stopping');
    onLost();
  };
  const beat = async (): Promise<void> => {
    const at = Date.now();
    try {
      await utimes(path, at / 1_000, at / 1_000);
      confirmedAt = at;
    } catch (error) {
      // A disk that doesn't answer looks like silence to the others.
      if (isMissing(error) || at - confirmedAt > times.silence) lose();
    }
  };
  const timer = setInterval(() => void beat(), times.beat);
  timer.unref();
  return {
    confirm: async () => {
      // This process may have been asleep (paused, starved): look before touching the data.
      if (!lost && Math.abs(Date.now() - confirmedAt) > 2 * times.beat) await beat();
      if (lost) throw new AppError('folder_locked', `Another process has taken the folder ${folder} over.`);
    },
    release: async () => {
      released = true;
      clearInterval(timer);
      if (!lost) await remove(folder, name).catch(() => undefined);
    },
  };
}

function locked(folder: string, owner: ProcessIdentity | null): AppError {
  return new AppError(
    'folder_locked',
    `The data folder ${folder} is in use by ${nameOf(owner)}. Stop that one first or set another DATA_DIR; for several at once use DATABASE_URL.`,
  );
}

function nameOf(owner: ProcessIdentity | null): string {
  return owner === null ? 'another process' : `process ${owner.pid} on ${owner.host}`;
}

function isMissing(error: unknown): boolean {
  return (error as { code?: string }).code === 'ENOENT';
}
