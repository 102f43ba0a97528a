// A part of `npm run screenshots`: pictures of the same thing in both colour schemes, gathered into sheets.
import type { Browser, Locator } from 'playwright-core';
import { isReadable } from '../test/browser/contrast.ts';
import { away, type Desk, sitDown } from '../test/browser/desk.ts';
import { drawSheet, type Picture } from './screenshots-sheet.ts';
import { PEOPLE, type Who } from './screenshots-stage.ts';

const THEMES = ['light', 'dark'] as const;
/** So wide that panels lie over the channel, and a card is about as wide as in Slack. */
const SIZE = { width: 900, height: 1300 };

interface Look {
  desk: Desk;
  theme: (typeof THEMES)[number];
}

export type Album = Awaited<ReturnType<typeof openAlbum>>;

/** Opens the page of the stage twice, light and dark. */
export async function openAlbum(browser: Browser, url: string) {
  const looks: Look[] = [];
  for (const theme of THEMES) {
    const desk = await sitDown(browser, url, { ...SIZE, colorScheme: theme, timezoneId: 'UTC' });
    await desk.page.getByRole('button', { name: 'Hide the first steps' }).click();
    looks.push({ desk, theme });
  }
  const taken = new Map<string, Map<string, Picture[]>>();

  async function each(work: (desk: Desk) => Promise<void>): Promise<void> {
    for (const { desk } of looks) await work(desk);
  }

  /** Somebody sits down at both desks; also somebody whom the page doesn't offer. */
  async function become(who: Who): Promise<void> {
    await each(async ({ page }) => {
      if ((await page.evaluate('sessionStorage.getItem("me")')) === PEOPLE[who]) return;
      await page.evaluate(`sessionStorage.setItem('me', '${PEOPLE[who]}')`);
      await page.reload();
      await page.locator('.main').waitFor();
    });
  }

  /**
   * Takes the picture of what is there; fails where it never comes, or can't be read for lack of contrast. `focused`: the focus stays
   * where it is, since what is seen hangs on it.
   */
  async function shoot(sheet: string, caption: string, place: (desk: Desk) => Locator, focused = false): Promise<void> {
    for (const { desk, theme } of looks) {
      const shown = place(desk);
      await shown.waitFor({ timeout: 10_000 });
      if (!focused) await away(desk.page);
      // It floats above the messages.
      await desk.page.evaluate('document.querySelector(".to-end")?.style.setProperty("visibility", "hidden")');
      await isReadable(shown, `${caption} (${theme})`);
      const pictures = taken.get(sheet) ?? new Map<string, Picture[]>();
      taken.set(sheet, pictures);
      pictures.set(theme, [...(pictures.get(theme) ?? []), { caption, png: await shown.screenshot() }]);
    }
  }

  return {
    each,
    become,
    shoot,
    /** Makes room for what scrolls by itself; so high as at first unless told. */
    resize: (height: number = SIZE.height) => each(({ page }) => page.setViewportSize({ ...SIZE, height })),
    /** A message of the channel, whole, with these words. */
    message: (ts: string, words: string | RegExp) => (desk: Desk) =>
      desk.page.locator(`.main .message[data-ts="${ts}"]`, { hasText: words }),
    /** Nothing of what was seen made the browser complain. */
    complaints: () => looks.flatMap(({ desk }) => desk.complaints),
    async bind(image: (name: string) => string): Promise<void> {
      for (const [sheet, pictures] of taken)
        for (const [theme, some] of pictures) await drawSheet(browser, theme, some, image(`slack-${sheet}-${theme}`));
    },
  };
}
