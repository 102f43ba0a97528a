import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const IMAGES = 'docs/images/';
/** In bytes: what everybody who clones the repository pays for. */
const LARGEST = 400_000;
const ALTOGETHER = 6_000_000;

/** Every page of ours that may show a picture, from the repository's root. */
const pages = [
  'README.md',
  ...readdirSync(new URL('docs/', ROOT), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** What a page shows, in Markdown or in HTML, from the repository's root. */
function picturesOf(page: string): { file: string; alt: string | null }[] {
  const text = readFileSync(new URL(page, ROOT), 'utf8');
  const inMarkdown = [...text.matchAll(/!\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, alt = '', path = '']) => ({
    alt,
    path,
  }));
  const inHtml = [...text.matchAll(/<img alt="([^"]*)" src="([^"]+)">/g)].map(([, alt = '', path = '']) => ({
    alt,
    path,
  }));
  const inDark = [...text.matchAll(/ srcset="([^"]+)"/g)].map(([, path = '']) => ({ alt: null, path }));
  const base = new URL(page, ROOT);
  return [...inMarkdown, ...inHtml, ...inDark].map(({ alt, path }) => ({
    alt,
    file: fileURLToPath(new URL(path, base)).slice(fileURLToPath(ROOT).length),
  }));
}

describe('The pictures of the documentation', () => {
  const shown = pages.flatMap(picturesOf);
  const stored = readdirSync(new URL(IMAGES, ROOT))
    .filter((name) => name.endsWith('.png'))
    .map((name) => `${IMAGES}${name}`);

  it('are all there, and each that is there is shown', () => {
    assert.ok(shown.length > 10);
    assert.deepEqual([...new Set(shown.map(({ file }) => file))].sort(), stored.sort());
  });

  it('come in light and in dark where there are both', () => {
    const dark = stored.filter((file) => file.endsWith('-dark.png'));
    assert.ok(dark.length > 0);
    assert.deepEqual(
      dark.map((file) => file.replace('-dark', '-light')),
      stored.filter((file) => file.endsWith('-light.png')),
    );
  });

  it('say in words what they show, for who can’t see them', () => {
    for (const { file, alt } of shown) if (alt !== null) assert.ok(alt.length > 30, `${file}: “${alt}”`);
  });

  it('are small', () => {
    const sizes = stored.map((file) => readFileSync(new URL(file, ROOT)).length);
    for (const [index, size] of sizes.entries()) assert.ok(size < LARGEST, `${stored[index]}: ${size} bytes`);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < ALTOGETHER);
  });
});
