import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packDatabase, unpackEmptyDatabase } from '../../src/store/empty-database.ts';

describe('The packed database', () => {
  let home: string;
  const at = (...path: string[]): string => join(home, ...path);
  const packed = (): URL => pathToFileURL(at('packed.gz'));

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'liveresponse-test-'));
    await mkdir(at('made', 'base', 'empty'), { recursive: true });
    await writeFile(at('made', 'base', '1255'), new Uint8Array([0, 255, 13, 10]));
    await packDatabase(at('made'), packed());
    await mkdir(at('data'));
  });

  afterEach(() => rm(home, { recursive: true, force: true }));

  it('is unpacked byte for byte, with folders that have nothing in them', async () => {
    await unpackEmptyDatabase(at('data', 'database'), packed());
    assert.deepEqual([...(await readFile(at('data', 'database', 'base', '1255')))], [0, 255, 13, 10]);
    assert.deepEqual(await readdir(at('data', 'database', 'base', 'empty')), []);
    assert.deepEqual(await readdir(at('data')), ['database']);
  });

  it('leaves a database that is there alone', async () => {
    await mkdir(at('data', 'database'));
    await unpackEmptyDatabase(at('data', 'database'), packed());
    assert.deepEqual(await readdir(at('data', 'database')), []);
  });

  it('begins anew where a kill broke it off', async () => {
    await mkdir(at('data', 'database.unpacking', 'half'), { recursive: true });
    await unpackEmptyDatabase(at('data', 'database'), packed());
    assert.deepEqual(await readdir(at('data')), ['database']);
    assert.deepEqual(await readdir(at('data', 'database')), ['base']);
  });

  it('is done without where none was packed', async () => {
    await unpackEmptyDatabase(at('data', 'database'), pathToFileURL(at('nothing.gz')));
    assert.deepEqual(await readdir(at('data')), []);
  });
});
