// The pictures in docs/images, taken from the playground as it is: npm run build && npm run screenshots
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { away, type Desk, openBrowser, sitDown } from '../test/browser/desk.ts';
import { startPlayground } from '../test/browser/playground.ts';
import { decodePng } from '../test/manifest/png.ts';
import { encodePng } from './screenshots-png.ts';
import { takeStatePictures } from './screenshots-states.ts';
import { takeTeamsPictures } from './teams-screenshots.ts';

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const taken = new Set<string>();
const image = (name: string): string => `${IMAGES}${name}.png`;
/** Where a picture belongs that is made smaller at the end. */
const large = (name: string): string => {
  taken.add(image(name));
  return image(name);
};

mkdirSync(IMAGES, { recursive: true });
const playground = await startPlayground();
const browser = await openBrowser();
try {
  const desk = await sitDown(browser, playground.url, { width: 1400, height: 900 });
  await ask(desk);
  await approve(desk);
  await story(desk);
  await (await results(desk)).screenshot({ path: large('results') });
  await askOfSeveral(desk);
  await (await results(desk)).screenshot({ path: large('results-many') });
  await desk.context.close();
  await takeTeamsPictures(browser, playground.url, large);
  for (const file of taken) writeFileSync(file, encodePng(decodePng(readFileSync(file))));
  await takeStatePictures(browser, image);
} finally {
  await browser.close();
  await playground.stop();
}

async function ask({ page, card }: Desk): Promise<void> {
  await page.locator('.main .composer textarea').press('Enter');
  await card().getByRole('button', { name: 'Approve' }).waitFor();
  await page.getByRole('button', { name: 'Hide the first steps' }).click();
}

async function approve({ card, dialog, become }: Desk): Promise<void> {
  await become('Lea Lead');
  await card().getByRole('button', { name: 'Approve' }).click();
  await dialog().getByRole('button', { name: 'Approve' }).click();
  await card()
    .getByText(/Finished in/)
    .first()
    .waitFor({ timeout: 120_000 });
  await card().getByRole('button', { name: 'Open results' }).waitFor();
  await card()
    .getByText(/4 replies/)
    .waitFor();
  await become('Ana Analyst');
}

/** The README's picture: the card from its top, the thread to its end, and what reached Defender. */
async function story({ page, card, thread }: Desk): Promise<void> {
  await card().locator('.thread-link').click();
  await thread()
    .getByText(/Finished in/)
    .last()
    .waitFor();
  await card().evaluate((element) => element.scrollIntoView({ block: 'start' }));
  await away(page);
  await page.screenshot({ path: large('journey') });
}

/** All machines of a tag, to their end. */
async function askOfSeveral({ type, card, dialog, become }: Desk): Promise<void> {
  await type('/liveresponse run Get-Autoruns.ps1 --tag finance --reason "INC-1250 worm"');
  await card('4 machines').getByRole('button', { name: 'Approve' }).waitFor();
  await become('Lea Lead');
  await card('4 machines').getByRole('button', { name: 'Approve' }).click();
  await dialog().getByRole('button', { name: 'Approve' }).click();
  const end = card('4 machines').getByText(/4 of 4 done · ✔ 4 finished/);
  await end.first().waitFor({ timeout: 120_000 });
  await become('Ana Analyst');
}

async function results({ context, card, answer }: Desk): Promise<Page> {
  await card().getByRole('button', { name: 'Open results' }).click();
  const opened = context.waitForEvent('page');
  await answer()
    .getByRole('link', { name: /Open results/ })
    .click();
  const page = await opened;
  await page.waitForLoadState();
  return page;
}
