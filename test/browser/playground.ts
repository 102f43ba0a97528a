import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const READY = /^Playground ready: (http:\/\/127\.0\.0\.1:\d+\/)$/;
const READY_WITHIN = 90_000;

const Message = z.looseObject({ ts: z.string(), channel: z.string(), text: z.string(), blocks: z.unknown() });
const Posted = z.looseObject({
  id: z.string(),
  conversation: z.string(),
  root: z.string().nullable(),
  from: z.string(),
  text: z.string().nullable(),
  card: z.unknown(),
});
const Teams = z.looseObject({
  messages: z.array(Posted),
  notices: z.array(z.looseObject({ person: z.string(), text: z.string(), error: z.boolean() })),
  deliveries: z.array(z.looseObject({ kind: z.string(), what: z.string(), person: z.string().nullable() })),
});
const State = z.looseObject({
  slack: z.looseObject({ messages: z.array(Message), ephemerals: z.array(Message.extend({ to: z.string() })) }),
  teams: Teams,
  defender: z.looseObject({
    calls: z.array(z.looseObject({ method: z.string(), path: z.string(), body: z.unknown().optional() })),
  }),
});

/** What the page is told. */
export type State = z.output<typeof State>;

/** A playground as `npm run playground` starts it once built. */
export interface Playground {
  url: string;
  /** Milliseconds from the start to the line that says so. */
  readyAfter: number;
  /** All it has printed. */
  printed: string[];
  state(): Promise<State>;
  stop(): Promise<void>;
}

/** Starts it on a free port, with nothing of ours in its environment. */
export async function startPlayground(): Promise<Playground> {
  const began = performance.now();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, PORT: '0' };
  const child = spawn(process.execPath, [CLI, 'playground'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => printed.push(line));
  try {
    const url = await addressOf(child, printed);
    return {
      url,
      readyAfter: performance.now() - began,
      printed,
      state: async () => State.parse(await (await fetch(`${url}api/state`)).json()),
      stop: () => stop(child),
    };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function addressOf(child: ChildProcess & { stdout: NodeJS.ReadableStream }, printed: string[]): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const refuse = (why: string) => reject(new Error(`The playground ${why}:\n${printed.join('\n')}`));
    const timer = setTimeout(() => refuse('was not ready in time'), READY_WITHIN);
    // Only then all that it had to say has been read.
    child.once('close', () => refuse('ended'));
    child.once('close', () => clearTimeout(timer));
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed.push(line);
      const [, url] = READY.exec(line) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
