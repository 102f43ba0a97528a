import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { gunzip, gzip } from 'node:zlib';

/** Beside this file once it is built; in the sources there is none, and databases are made from nothing. */
export const EMPTY_DATABASE = new URL('./empty-database.gz', import.meta.url);

/** A folder's content: null for a folder, the bytes of a file; parents come before what is in them. */
type Content = Map<string, Uint8Array | null>;

/** Keeps a closed database folder as one file. For the build: making a database takes seconds, unpacking one an instant. */
export async function packDatabase(folder: string, file: URL): Promise<void> {
  await writeFile(file, await promisify(gzip)(serialize(await read(folder))));
}

/**
 * Puts a database without rows where there is none yet, if one was packed; else PGlite makes one when it opens the folder.
 * Its tables are brought up to date like those of any other. All or nothing: a kill halfway leaves a folder of another name, which the next start clears.
 */
export async function unpackEmptyDatabase(folder: string, file: URL = EMPTY_DATABASE): Promise<void> {
  if (await exists(folder)) return;
  const packed = await readFile(file).catch(() => null);
  if (packed === null) return;
  const half = join(dirname(folder), 'database.unpacking');
  await rm(half, { recursive: true, force: true });
  write(half, deserialize(await promisify(gunzip)(packed)) as Content);
  await rename(half, folder);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function read(folder: string): Promise<Content> {
  const content: Content = new Map();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }));
  for (const { path, isFolder } of paths.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const name = path.slice(folder.length + 1).replaceAll('\\', '/');
    content.set(name, isFolder ? null : await readFile(path));
  }
  return content;
}

/** At once, since nothing else goes on before the database is open: a thousand small files take ten times as long one by one. */
function write(folder: string, content: Content): void {
  mkdirSync(folder, { mode: 0o700 });
  for (const [name, bytes] of content) {
    if (bytes === null) mkdirSync(join(folder, name), { mode: 0o700 });
    else writeFileSync(join(folder, name), bytes, { mode: 0o600 });
  }
}
