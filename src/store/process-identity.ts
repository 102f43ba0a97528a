import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** What tells one process from every other one, here or elsewhere. Null where the system doesn't say. */
export interface ProcessIdentity {
  host: string;
  pid: number;
  /** Start of the process in clock ticks since boot: a reused pid has another. */
  startedAt: string | null;
  bootId: string | null;
  /** Pids mean something only within their namespace. */
  pidNamespace: string | null;
}

/** This process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return {
    host: hostname(),
    pid: process.pid,
    startedAt: (await stat(process.pid))?.startedAt ?? null,
    bootId: await textOf(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    pidNamespace: await textOf(readlink('/proc/self/ns/pid')),
  };
}

/** Whether a process lives, as far as `me` can prove: `unknown` for another host or container, or without /proc. */
export async function vitalsOf(it: ProcessIdentity, me: ProcessIdentity): Promise<'alive' | 'dead' | 'unknown'> {
  const comparable = me.bootId !== null && me.bootId === it.bootId && me.pidNamespace === it.pidNamespace;
  if (!comparable) return 'unknown';
  if (!exists(it.pid)) return 'dead';
  const found = await stat(it.pid);
  // /proc can be closed to us (hidepid) while the process exists.
  if (found === null || it.startedAt === null) return exists(it.pid) ? 'unknown' : 'dead';
  return found.startedAt === it.startedAt && !found.zombie ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** proc(5): after the command in brackets, which may hold anything, come the state (3rd field) and the start (22nd). */
async function stat(pid: number): Promise<{ startedAt: string; zombie: boolean } | null> {
  const line = await textOf(readFile(`/proc/${pid}/stat`, 'utf8'));
  if (line === null) return null;
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const startedAt = fields[19];
  return startedAt === undefined ? null : { startedAt, zombie: fields[0] === 'Z' || fields[0] === 'X' };
}

async function textOf(reading: Promise<string>): Promise<string | null> {
  return await reading.then(
    (text) => text.trim(),
    () => null,
  );
}
