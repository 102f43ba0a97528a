import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { renderCard } from '../../src/chat/slack/render.ts';
import type { Card } from '../../src/model/notice.ts';
import { type Desk, openBrowser, sitDown, staysInside } from './desk.ts';
import { finished, running, waiting } from './one-screen-cards.ts';
import { startWall, type Wall } from './wall.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
/** What Slack shows of a message before it folds the rest, and of a channel above what one types into. Pixels. */
const UNFOLDED = 730;

describe('A card of one machine', function () {
  this.timeout(60_000);
  this.slow(20_000);
  let wall: Wall;
  let browser: Browser;
  let desktop: Desk;
  let phone: Desk;

  before(async () => {
    [wall, browser] = await Promise.all([startWall(), openBrowser()]);
    desktop = await sitDown(browser, wall.url, DESKTOP);
    phone = await sitDown(browser, wall.url, PHONE);
  });

  after(async () => {
    await browser?.close();
    await wall?.close();
  });

  /** How high the card is there. Nothing of it may stick out to the side. */
  async function heightOf({ page }: Desk, card: Card): Promise<number> {
    const ts = await wall.pin(renderCard(card));
    const message = page.locator(`.main .message[data-ts="${ts}"]`);
    await message.waitFor();
    await staysInside(page);
    return (await message.boundingBox())?.height ?? Number.POSITIVE_INFINITY;
  }

  const fits = async (desk: Desk, card: Card, most: number): Promise<void> => {
    const height = await heightOf(desk, card);
    assert.ok(height <= most, `it is ${height} px high, and ${most} are to be seen`);
  };

  for (const count of [1, 2]) {
    it(`fits a phone while it waits with ${count} of the longest commands, warnings and buttons`, () =>
      fits(phone, waiting(count), UNFOLDED));
  }

  for (const count of [1, 2, 3, 4, 5]) {
    it(`is unfolded on a desktop with ${count} of the longest commands, warnings and much output, from waiting to the end`, async () => {
      await fits(desktop, waiting(count), UNFOLDED);
      await fits(desktop, running(count), UNFOLDED);
      await fits(desktop, finished(count), UNFOLDED);
    });
  }

  it('makes the browser complain of nothing', () => {
    assert.deepEqual([...desktop.complaints, ...phone.complaints], []);
  });
});
