// A part of `npm run screenshots`: pictures of the same thing in both colour schemes, gathered into sheets.
import type { Browser, Locator } from 'playwright-core';
import { isReadable } from '../test/browser/contrast.ts';
import { away, type Desk, sitDown } from '../test/browser/desk.ts';
import { CARD_STATES, isWorded, type StateName, stateCalled } from './card-states.ts';
import { type Index, stateIn, wordsOf } from './screenshots-index.ts';
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

/** Opens the page of the stage twice, light and dark; `textOf`: what the notification of a message says. */
export async function openAlbum(browser: Browser, url: string, textOf: (ts: string) => string) {
  const looks: Look[] = [];
  for (const theme of THEMES) {
    const desk = await sitDown(browser, url, { ...SIZE, colorScheme: theme, timezoneId: 'UTC' });
    await desk.page.getByRole('button', { name: 'Hide the first steps' }).click();
    looks.push({ desk, theme });
  }
  const taken = new Map<string, Map<string, Picture[]>>();
  const index: Index = {};

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

  /** A message of the channel, whole, with these words. */
  const message = (ts: string, words: string | RegExp) => (desk: Desk) =>
    desk.page.locator(`.main .message[data-ts="${ts}"]`, { hasText: words });

  /** Takes the picture of a card in one of the listed states; fails where it says something else. */
  async function shootState(name: StateName, ts: string, words: string | RegExp = /./): Promise<void> {
    const { sheet, words: wording } = stateCalled(name);
    const said = wordsOf(textOf(ts));
    if (!isWorded(stateIn(said), wording, '.+')) throw new Error(`“${name}” says: ${stateIn(said)}`);
    await shoot(sheet, name, message(ts, words));
    index[`slack-${sheet}`] = { ...index[`slack-${sheet}`], [name]: said };
  }

  return {
    each,
    become,
    shoot,
    shootState,
    message,
    /** Makes room for what scrolls by itself; so high as at first unless told. */
    resize: (height: number = SIZE.height) => each(({ page }) => page.setViewportSize({ ...SIZE, height })),
    /** Nothing of what was seen made the browser complain. */
    complaints: () => looks.flatMap(({ desk }) => desk.complaints),
    /** Draws the sheets, and tells what is on them; fails where one of the listed states was never seen. */
    async bind(image: (name: string) => string): Promise<Index> {
      for (const [sheet, states] of Object.entries(CARD_STATES)) {
        const missing = states.filter(([name]) => index[`slack-${sheet}`]?.[name] === undefined);
        if (missing.length > 0) throw new Error(`No picture was taken of: ${missing.map(([name]) => name).join('; ')}`);
      }
      for (const [sheet, pictures] of taken)
        for (const [theme, some] of pictures) await drawSheet(browser, theme, some, image(`slack-${sheet}-${theme}`));
      return index;
    },
  };
}
