import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodePng, type Image } from './png.ts';

type Pixel = [red: number, green: number, blue: number, alpha: number];

const icon = (name: string): Image =>
  decodePng(readFileSync(new URL(`../../manifests/icons/${name}.png`, import.meta.url)));
const MARK = [0x0f, 0x6b, 0x5c];

function pixels({ pixels: bytes, width }: Image): { x: number; y: number; pixel: Pixel }[] {
  return Array.from({ length: bytes.length / 4 }, (_, i) => {
    const [red = 0, green = 0, blue = 0, alpha = 0] = bytes.subarray(i * 4, i * 4 + 4);
    return { x: i % width, y: Math.floor(i / width), pixel: [red, green, blue, alpha] };
  });
}

describe("The Teams app's icons", () => {
  const color = icon('color');
  const outline = icon('outline');

  it('have the sizes that Teams demands', () => {
    assert.deepEqual([color.width, color.height], [192, 192]);
    assert.deepEqual([outline.width, outline.height], [32, 32]);
  });

  it('are, in colour, a full square with the mark inside the safe area in the middle', () => {
    const all = pixels(color);
    assert.ok(all.every(({ pixel }) => pixel[3] === 255));
    const drawn = all.filter(({ pixel }) => MARK.some((value, i) => pixel[i] !== value));
    assert.ok(drawn.length > 3_000, 'the mark is there');
    const safe = (at: number): boolean => at >= 36 && at < 156;
    assert.deepEqual(
      drawn.filter(({ x, y }) => !safe(x) || !safe(y)),
      [],
    );
  });

  it('are, as outline, white on nothing and without an empty frame around', () => {
    const drawn = pixels(outline).filter(({ pixel }) => pixel[3] > 0);
    assert.deepEqual(
      drawn.filter(({ pixel: [red, green, blue] }) => red !== 255 || green !== 255 || blue !== 255),
      [],
    );
    assert.ok(drawn.length > 100 && drawn.length < 512, `${drawn.length} of 1,024 pixels`);
    assert.ok(drawn.some(({ pixel }) => pixel[3] === 255));
    const rows = drawn.map(({ y }) => y);
    assert.ok(Math.min(...rows) <= 2 && Math.max(...rows) >= 29, 'from top to bottom');
  });

  it('belong to the mark of the page', () => {
    const page = readFileSync(new URL('../../src/playground/page/public/icon.svg', import.meta.url), 'utf8');
    assert.ok(page.includes('#0f6b5c'));
    assert.deepEqual(pixels(color)[0]?.pixel, [...MARK, 255]);
  });
});
