import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser } from '../browser/desk.ts';

/** The emulator's page in Chromium, with Alex in front of it. */
export interface EmulatorPage {
  /** Types a new post into the channel and mentions the bot first. The page shows no message that came in another way. */
  post(words: string): Promise<void>;
  /** Presses the first button of this name, which is on the newest card that has it. */
  press(name: string): Promise<void>;
  /** Resolves when these words are on the page. */
  shows(words: RegExp): Promise<void>;
  /** Takes a picture, if pictures are wanted. */
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the channel `soc`. What isn't on this machine isn't fetched: fonts, in fact. */
export async function openPage(url: string, pictures: string | undefined): Promise<EmulatorPage> {
  if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1400, height: 1300 } });
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1' && hostname !== 'localhost',
    (route) => route.abort(),
  );
  await page.goto(url);
  await page.getByText('soc', { exact: true }).first().click();
  const composer = page.getByRole('textbox').first();
  return {
    async post(words) {
      await composer.click();
      await page.keyboard.type('@');
      await page.getByRole('menuitem', { name: 'Live Response' }).click();
      await page.keyboard.type(` ${words}`);
      await page.getByRole('button', { name: 'Post', exact: true }).click();
    },
    press: (name) => page.getByRole('button', { name, exact: true }).first().click(),
    shows: (words) => page.getByText(words).first().waitFor(),
    async picture(name) {
      if (pictures === undefined) return;
      // Nothing tells when the page has drawn what its socket brought.
      await page.waitForTimeout(1_500);
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}
