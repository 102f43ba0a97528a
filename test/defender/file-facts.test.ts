import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, it } from 'mocha';
import { harmlessName, nameIn, sizeIn } from '../../src/defender/gzip-parts.ts';
import { DefenderError } from '../../src/errors.ts';
import { createTenantWorld } from '../support/tenant-world.ts';
import { ACTION_ID, clientOf, json, refusal, type Seen, startStandIn } from './stand-in.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Gzip with a header of our own: `flags`, extra field and name as told. */
function packed(content: Buffer, name: Buffer | null, extra: Buffer | null = null): Buffer {
  const body = gzipSync(content).subarray(10);
  const flags = (name === null ? 0 : 8) | (extra === null ? 0 : 4);
  const length = Buffer.alloc(extra === null ? 0 : 2);
  if (extra !== null) length.writeUInt16LE(extra.length);
  const parts = [
    length,
    extra ?? Buffer.alloc(0),
    name === null ? Buffer.alloc(0) : Buffer.concat([name, Buffer.alloc(1)]),
  ];
  return Buffer.concat([Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 11]), ...parts, body]);
}

/** A file too large to be made: only what is asked of it exists. */
interface Huge {
  start: Buffer;
  end: Buffer;
  total: number;
}

describe('What is known of a collected file', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** The facts of a file, and the ranges that were asked for. */
  async function factsOf(file: Buffer | Huge) {
    const ranges: string[] = [];
    const standIn = await startStandIn((seen, res) => {
      if (seen.path.startsWith('/api/')) return json(res, 200, { value: `${standIn.url}/blob?sig=secret` });
      assert.equal(seen.headers.authorization, undefined);
      const [from, to] = rangeOf(seen);
      ranges.push(`${from}-${to}`);
      const total = Buffer.isBuffer(file) ? file.length : file.total;
      if (from >= total) return res.writeHead(416).end();
      const last = Math.min(to, total - 1);
      res.writeHead(206, { 'Content-Range': `bytes ${from}-${last}/${total}` }).end(stretch(file, from, last + 1));
    });
    const { client, logged } = clientOf(standIn.url);
    closing.push(() => client.close(), standIn.close);
    const facts = await client.fileFacts(ACTION_ID, 2, 'run');
    assert.ok(!logged.join('\n').includes('secret'));
    return { facts, ranges, standIn };
  }

  it('is its size, its digest and its name, where it is small', async () => {
    const content = Buffer.from('what stood in the file\n'.repeat(1_000));
    const { facts, ranges, standIn } = await factsOf(packed(content, Buffer.from('C:\\Temp\\a.log')));
    assert.deepEqual(facts, { name: 'a.log', size: content.length, packed: facts.packed, sha256: sha256(content) });
    assert.deepEqual(ranges, ['0-4095'], 'one short look was enough');
    assert.match(standIn.seen[0]?.path ?? '', /\(index=2\)$/);
  });

  it('is read whole up to five megabytes', async () => {
    const content = Buffer.concat(
      Array.from({ length: 300 }, (_, index) => createHash('sha256').update(String(index)).digest()),
    );
    const file = packed(content, Buffer.from('/var/log/syslog'));
    const { facts, ranges } = await factsOf(file);
    assert.deepEqual([facts.name, facts.size, facts.sha256], ['syslog', content.length, sha256(content)]);
    assert.deepEqual(ranges, ['0-4095', `0-${file.length - 1}`]);
  });

  it('of gigabytes is the name in their first bytes and the size in their last, and never more is read', async () => {
    const size = 3_000_000_000;
    const end = Buffer.alloc(8);
    end.writeUInt32LE(size, 4);
    const total = 1_200_000_000;
    const huge = { start: packed(Buffer.alloc(0), Buffer.from('D:\\images\\disk.vhdx')), end, total };
    const { facts, ranges } = await factsOf(huge);
    assert.deepEqual(facts, { name: 'disk.vhdx', size, packed: total, sha256: null });
    assert.deepEqual(ranges, ['0-4095', `${total - 8}-${total - 1}`]);
  });

  it('is no size where the last bytes can’t be true', () => {
    const trailer = (size: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32LE(size, 4);
      return bytes;
    };
    assert.equal(sizeIn(trailer(1_000_000), 500_000), 1_000_000);
    assert.equal(sizeIn(trailer(4_000_000_000), 1_000), null, 'nothing is packed so well');
    assert.equal(sizeIn(trailer(1_000), 600_000_000), null, 'nothing grows so much by packing');
    assert.equal(sizeIn(Buffer.alloc(4), 100), null);
  });

  it('is its size and digest as it is, where it isn’t packed', async () => {
    const content = Buffer.from('plain');
    const { facts } = await factsOf(content);
    assert.deepEqual(facts, { name: null, size: 5, packed: 5, sha256: sha256(content) });
    const huge = { start: Buffer.from('MZ'), end: Buffer.alloc(8), total: 9_000_000 };
    assert.deepEqual((await factsOf(huge)).facts, { name: null, size: 9_000_000, packed: 9_000_000, sha256: null });
  });

  it('is nothing but emptiness where it is empty', async () => {
    const { facts } = await factsOf(Buffer.alloc(0));
    assert.deepEqual(facts, { name: null, size: 0, packed: 0, sha256: sha256(Buffer.alloc(0)) });
    const empty = await factsOf(packed(Buffer.alloc(0), Buffer.from('a.txt')));
    assert.deepEqual([empty.facts.size, empty.facts.sha256], [0, sha256(Buffer.alloc(0))]);
  });

  it('is no digest where it unfolds without end or is broken', async () => {
    const bomb = packed(Buffer.alloc(70 * 1024 * 1024), Buffer.from('zeros.bin'));
    const { facts } = await factsOf(bomb);
    assert.deepEqual([facts.name, facts.size, facts.sha256], ['zeros.bin', 70 * 1024 * 1024, null]);
    const broken = packed(Buffer.from('x'.repeat(5_000)), Buffer.from('a.txt'));
    broken.writeUInt8((broken.at(-8) ?? 0) ^ 1, broken.length - 8);
    assert.equal((await factsOf(broken)).facts.sha256, null);
  });

  it('has the name that the machine wrote, in either encoding, behind an extra field too', () => {
    assert.equal(nameIn(packed(Buffer.from('x'), Buffer.from('ä.txt', 'latin1'))), 'ä.txt');
    assert.equal(nameIn(packed(Buffer.from('x'), Buffer.from('日誌.txt', 'utf8'))), '日誌.txt');
    assert.equal(nameIn(packed(Buffer.from('x'), Buffer.from('a.txt'), Buffer.alloc(300))), 'a.txt');
    assert.equal(nameIn(packed(Buffer.from('x'), null)), null);
    assert.equal(nameIn(Buffer.from([0x1f, 0x8b, 8, 12, 0, 0])), null);
    assert.equal(nameIn(packed(Buffer.from('x'), Buffer.alloc(9_000, 'a')).subarray(0, 4_096)), null, 'without end');
  });

  it('never has a name that leads elsewhere, hides its end or means something to a shell', () => {
    assert.equal(harmlessName('C:\\Users\\..\\..\\evil.exe'), 'evil.exe');
    assert.equal(harmlessName('..'), null);
    assert.equal(harmlessName('/'), null);
    assert.equal(harmlessName('report.txt:hidden.exe'), 'report.txt_hidden.exe');
    assert.equal(harmlessName('gpj.\u202eexe\r\n'), 'gpj._exe__');
    assert.equal(harmlessName(`${'a'.repeat(500)}.evtx`), `${'a'.repeat(194)}….evtx`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        const name = harmlessName(path);
        if (name === null) return;
        assert.ok(name.length > 0 && [...name].length <= 200);
        assert.doesNotMatch(name, /[\\/\p{Cc}\p{Cf}\p{Cs}<>:"|?*]|^[.\s]|[.\s]$/u);
      }),
    );
  });

  it('can’t be told where the file is gone, where a whole file comes in place of a part, or where nobody answers', async () => {
    const told = async (answer: (res: Parameters<Parameters<typeof startStandIn>[0]>[1]) => void) => {
      const standIn = await startStandIn((seen, res) =>
        seen.path.startsWith('/api/') ? json(res, 200, { value: `${standIn.url}/blob` }) : answer(res),
      );
      const { client } = clientOf(standIn.url);
      closing.push(() => client.close(), standIn.close);
      const error = await client.fileFacts(ACTION_ID, 0, 'run').catch((reason: unknown) => reason);
      assert.ok(error instanceof DefenderError, String(error));
      return error.code;
    };
    assert.equal(await told((res) => res.writeHead(404).end()), 'defender_not_found');
    assert.equal(await told((res) => res.writeHead(200).end('whole')), 'defender_unreachable');
    assert.equal(await told((res) => refusal(res, 403, 'AuthenticationFailed', '')), 'defender_unreachable');
    assert.equal(await told((res) => res.destroy()), 'defender_unreachable');
    const odd = { 'Content-Range': 'bytes 5-9/10' };
    assert.equal(await told((res) => res.writeHead(206, odd).end('01234')), 'defender_unreachable');
  });

  it('is what the simulated tenant has collected', async () => {
    const { tenant, approved, pass, world, close } = await createTenantWorld();
    closing.push(close);
    const id = await approved('get ws-042 C:\\Temp\\a.log');
    for (let minute = 0; minute < 6; minute++) await pass(60_000);
    const facts = (await world.run(id)).commands[0]?.file;
    assert.ok(typeof facts === 'object' && facts !== null);
    assert.equal(facts.name, 'a.log');
    assert.ok((facts.size ?? 0) > facts.packed && facts.sha256?.length === 64);
    const blobs = tenant.state().calls.filter(({ server }) => server === 'blob');
    assert.deepEqual(
      blobs.map(({ status }) => status),
      [206],
    );
  });
});

function rangeOf({ headers }: Seen): [from: number, to: number] {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  return [Number(from), Number(to)];
}

function stretch(file: Buffer | Huge, from: number, to: number): Buffer {
  if (Buffer.isBuffer(file)) return file.subarray(from, to);
  const part = Buffer.alloc(to - from);
  if (from < file.start.length) file.start.copy(part, 0, from);
  if (to === file.total) file.end.copy(part, part.length - file.end.length);
  return part;
}
