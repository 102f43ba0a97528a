// The icons of the Teams app as PNG, from their drawings beside them: npx tsx scripts/icons.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../test/browser/desk.ts';

const ICONS = fileURLToPath(new URL('../manifests/icons/', import.meta.url));
/** What Teams asks for: pixels, square. */
const SIZES = { color: 192, outline: 32 };

const browser = await openBrowser();
try {
  const page = await browser.newPage({ deviceScaleFactor: 1 });
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<body style="margin:0;line-height:0">${readFileSync(`${ICONS}${name}.svg`, 'utf8')}</body>`);
    writeFileSync(`${ICONS}${name}.png`, await page.screenshot({ omitBackground: true }));
  }
} finally {
  await browser.close();
}
