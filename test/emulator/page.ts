import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser } from '../browser/desk.ts';

/** The emulator's page, for pictures. */
export interface EmulatorPage {
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the page in Chromium; without a folder for pictures nothing is opened. What isn't on this machine isn't fetched. */
export async function openPage(url: string, pictures: string | undefined): Promise<EmulatorPage> {
  if (pictures === undefined) return { picture: async () => {}, close: async () => {} };
  await mkdir(pictures, { recursive: true });
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1400, height: 1100 } });
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1' && hostname !== 'localhost',
    (route) => route.abort(),
  );
  await page.goto(url);
  await page.getByText('soc', { exact: true }).first().click();
  return {
    async picture(name) {
      // The page draws what a socket brings; when it is done nothing says.
      await page.waitForTimeout(2_000);
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}
