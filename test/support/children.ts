import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A TypeScript program in a process of its own, spoken to by lines. */
export interface Child {
  pid: number;
  lines: string[];
  /** Resolves when a line satisfies the condition, also one that came before; rejects when the program ends first. */
  says(condition: string | ((line: string) => boolean)): Promise<string>;
  send(line: string): void;
  signal(signal: NodeJS.Signals): void;
  /** Kills it like a power cut would and waits until it is gone. */
  kill(): Promise<void>;
  ended: Promise<number | null>;
}

/** Starts `file` (a URL, as of `new URL('./x.ts', import.meta.url)`) with tsx. `prefix` is a program to start it through. */
export function startChild(file: URL, args: readonly string[], prefix: readonly string[] = []): Child {
  const command = [...prefix, process.execPath, '--import', 'tsx', fileURLToPath(file), ...args];
  const process_ = spawn(command[0] ?? '', command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  return follow(process_);
}

function follow(child: ChildProcessByStdio<Writable, Readable, null>): Child {
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  let rest = '';
  child.stdout.on('data', (chunk) => {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const listener of listeners) listener();
  });
  let exited = false;
  const ended = once(child, 'close').then(([code]) => {
    exited = true;
    for (const listener of listeners) listener();
    return code as number | null;
  });
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    says: (condition) =>
      new Promise((resolve, reject) => {
        const matches = typeof condition === 'string' ? (line: string) => line === condition : condition;
        const look = () => {
          const line = lines.find(matches);
          if (line === undefined && !exited) return;
          listeners.delete(look);
          if (line === undefined) reject(new Error(`The program ended and said only: ${lines.join(' | ')}`));
          else resolve(line);
        };
        listeners.add(look);
        look();
      }),
    send: (line) => {
      child.stdin.write(`${line}\n`);
    },
    signal: (signal) => {
      child.kill(signal);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
