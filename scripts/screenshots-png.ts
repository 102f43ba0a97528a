// A part of `npm run screenshots`: PNG with a palette, which for pictures of text is a third as large.
import { crc32, deflateSync } from 'node:zlib';
import type { Image } from '../test/manifest/png.ts';

const COLOURS = 256;

/** An opaque image as a PNG of at most 256 colours: those that occur most, and for any other the nearest of them. */
export function encodePng({ width, height, pixels }: Image): Buffer {
  const { palette, indexOf } = paletteOf(pixels);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    // Each row begins with its filter: none, which suits palettes best.
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf(colourAt(pixels, y * width + x));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => [...parts(colour)]))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Red, green and blue in one number. */
function colourAt(pixels: Uint8Array, index: number): number {
  const at = index * 4;
  return ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
}

const parts = (colour: number): [number, number, number] => [colour >> 16, (colour >> 8) & 255, colour & 255];

function paletteOf(pixels: Uint8Array) {
  const counts = new Map<number, number>();
  for (let index = 0; index < pixels.length / 4; index++) {
    const colour = colourAt(pixels, index);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = spread([...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour));
  const known = new Map(palette.map((colour, index) => [colour, index]));
  const indexOf = (colour: number): number => {
    const index = known.get(colour) ?? nearest(palette, colour);
    known.set(colour, index);
    return index;
  };
  return { palette, indexOf };
}

/** The first ones, but none so close to one before that the eye can't tell them apart: that leaves room for what is rare. */
function spread(colours: number[]): number[] {
  for (let least = 0; ; least += 24) {
    const chosen: number[] = [];
    for (const colour of colours) {
      if (chosen.every((one) => distance(one, colour) > least)) chosen.push(colour);
      if (chosen.length > COLOURS) break;
    }
    if (chosen.length <= COLOURS) return chosen;
  }
}

function nearest(palette: number[], colour: number): number {
  let best = 0;
  for (const [index, one] of palette.entries()) {
    if (distance(one, colour) < distance(palette[best] ?? 0, colour)) best = index;
  }
  return best;
}

function distance(a: number, b: number): number {
  const [r, g, blue] = parts(a);
  const [r2, g2, blue2] = parts(b);
  return (r - r2) ** 2 + (g - g2) ** 2 + (blue - blue2) ** 2;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
