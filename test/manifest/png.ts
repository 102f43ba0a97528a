import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';

/** A decoded image: rows from the top, four bytes (red, green, blue, alpha) a pixel. */
export interface Image {
  width: number;
  height: number;
  pixels: Uint8Array;
}

const SIGNATURE = '89504e470d0a1a0a';
/** Channels of the colour types that occur here: RGB, and RGB with alpha. */
const CHANNELS = new Map([
  [2, 3],
  [6, 4],
]);

/** Decodes a PNG of eight bits a channel, not interlaced (W3C PNG, sections 5 to 10); fails on any other. */
export function decodePng(bytes: Buffer): Image {
  assert.equal(bytes.subarray(0, 8).toString('hex'), SIGNATURE, 'a PNG begins with its signature');
  const header = chunks(bytes, 'IHDR')[0];
  assert.ok(header, 'a PNG has a header');
  const [depth, colour, , , interlace] = header.subarray(8);
  const channels = CHANNELS.get(colour ?? -1);
  assert.ok(depth === 8 && channels !== undefined && interlace === 0, 'eight bits, RGB or RGBA, not interlaced');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const raw = inflateSync(Buffer.concat(chunks(bytes, 'IDAT')));
  return { width, height, pixels: withAlpha(unfilter(raw, width * channels, height, channels), channels) };
}

function chunks(bytes: Buffer, type: string): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const data = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    if (bytes.toString('latin1', at + 4, at + 8) === type) found.push(data);
  }
  return found;
}

/** Undoes the filter of each row (PNG, section 9). */
function unfilter(raw: Buffer, row: number, height: number, step: number): Uint8Array {
  const out = new Uint8Array(row * height);
  const at = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : (out[y * row + x] ?? 0));
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)] ?? 0;
    for (let x = 0; x < row; x++) {
      const [left, up, corner] = [at(x - step, y), at(x, y - 1), x < step ? 0 : at(x - step, y - 1)];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      assert.ok(guess !== undefined, `filter ${filter}`);
      out[y * row + x] = (raw[y * (row + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function withAlpha(bytes: Uint8Array, channels: number): Uint8Array {
  if (channels === 4) return bytes;
  return Uint8Array.from({ length: (bytes.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (bytes[(i >> 2) * 3 + (i % 4)] ?? 0),
  );
}
