import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';

/** Text that is too faint for what is behind it. */
interface Faint {
  words: string;
  ratio: number;
}

/** Whoever reads there can tell the letters from their ground: WCAG 2.2, 1.4.3 (AA), 4.5 to 1, or 3 to 1 where they are large. */
export async function isReadable(place: Locator, name: string): Promise<void> {
  await place.evaluate((element) => element.setAttribute('data-looked-at', ''));
  // Colours that are still on their way from one look to the other are nobody's to read.
  await place.page().evaluate('document.getAnimations().forEach((one) => one.finish())');
  const faint: Faint[] = await place.page().evaluate(`(${FAINT_TEXT})(document.querySelector('[data-looked-at]'))`);
  await place.evaluate((element) => element.removeAttribute('data-looked-at'));
  const lines = faint.map(({ words, ratio }) => `${ratio.toFixed(2)}: ${words}`);
  assert.deepEqual(lines, [], `${name} has text without enough contrast`);
}

/** Runs in the page, as text since it has another world's types. */
const FAINT_TEXT = `(root) => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colour = (words) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = words;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
  const ground = (element) => {
    if (element === null) return [255, 255, 255];
    const own = colour(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const words = node.textContent.trim();
    const element = node.parentElement;
    if (words === '' || element.closest('.sr-only, [aria-disabled="true"]')) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const behind = ground(element);
    const [a, b] = [light(over(colour(style.color), behind)), light(behind)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push({ words, ratio });
  }
  return found;
}`;
