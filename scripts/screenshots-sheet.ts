// A part of `npm run screenshots`: pictures side by side under their captions, in one small file.
import { writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { decodePng } from '../test/manifest/png.ts';
import { encodePng } from './screenshots-png.ts';

/** What is seen, and its PNG. */
export interface Picture {
  caption: string;
  png: Buffer;
}

/** More than so many bytes don't belong into the repository. */
const LARGEST = 400_000;
const WIDTH = 1400;

const COLOURS = {
  light: 'background: #e9e9e4; color: #1d1c1d;',
  dark: 'background: #0c0e10; color: #e4e4e6;',
};

/** Draws a sheet of pictures in two columns into the file. */
export async function drawSheet(browser: Browser, theme: string, pictures: Picture[], file: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 }, deviceScaleFactor: 1 });
  try {
    await page.setContent(html(theme === 'dark' ? 'dark' : 'light', pictures));
    await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))');
    const png = encodePng(decodePng(await page.screenshot({ fullPage: true })));
    if (png.length > LARGEST) throw new Error(`${file} would have ${png.length} bytes: make it two sheets.`);
    writeFileSync(file, png);
  } finally {
    await page.close();
  }
}

function html(theme: keyof typeof COLOURS, pictures: Picture[]): string {
  return `<style>
    body { margin: 0; padding: 16px; ${COLOURS[theme]} font: 600 15px system-ui, "DejaVu Sans", sans-serif; }
    main { columns: 2; column-gap: 16px; }
    figure { margin: 0 0 18px; break-inside: avoid; }
    figcaption { margin-bottom: 5px; }
    img { display: block; max-width: 100%; border-radius: 12px; }
  </style><main>${pictures.map(figure).join('')}</main>`;
}

const figure = ({ caption, png }: Picture): string =>
  `<figure><figcaption>${caption}</figcaption><img src="data:image/png;base64,${png.toString('base64')}"></figure>`;
