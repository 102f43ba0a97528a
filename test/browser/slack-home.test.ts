import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { isReadable } from './contrast.ts';
import { anotherTab, type Desk, openBrowser, seen, sitDown, staysInside } from './desk.ts';
import { type Playground, startPlayground } from './playground.ts';

/** Tests in a browser follow one another: each goes on where the last one ended, as people do. */
describe('The Home tab in Slack', function () {
  this.timeout(60_000);
  this.slow(20_000);
  this.bail(true);
  let playground: Playground;
  let browser: Browser;
  let desk: Desk;

  before(async () => {
    [playground, browser] = await Promise.all([startPlayground(), openBrowser()]);
    desk = await sitDown(browser, playground.url);
    await desk.defender().getByText('×60').click();
  });

  after(async () => {
    await browser?.close();
    await playground?.stop();
  });

  const home = () => desk.page.locator('.main .home');
  const goTo = (name: RegExp) => desk.page.locator('.channels').getByRole('button', { name }).click();

  it('says what waits for an approver, with nothing to decide there', async () => {
    await desk.page.locator('.main .composer textarea').press('Enter');
    await desk.card().getByRole('button', { name: 'Approve' }).waitFor();
    await desk.become('Lea Lead');
    await goTo(/^Home/);
    await home().getByRole('heading', { name: 'Waits for you (1)' }).waitFor();
    assert.match(
      await seen(home()),
      /LR-\w{6} · Ana Analyst · ws-042 · [\s\S]*run minidump\.ps1 OfficeClickToRun then get C:\\/,
    );
    assert.deepEqual(await home().getByRole('button').allInnerTexts(), ['Refresh']);
    await desk.shoot('slack-home');
  });

  it('leads to the card, where it is decided', async () => {
    await home().getByRole('link', { name: 'Card ↗' }).click();
    await desk.card().getByRole('button', { name: 'Approve' }).click();
    await desk.dialog().getByRole('button', { name: 'Approve' }).click();
    await desk.card().getByRole('button', { name: 'Open results' }).waitFor();
  });

  it('opens results in the chat with the app, for who asked', async () => {
    await goTo(/^Home/);
    await home()
      .getByRole('button', { name: /^Open results of LR-/ })
      .first()
      .click();
    await goTo(/something new/);
    await desk.page
      .locator('.message')
      .getByRole('link', { name: /^Open results of LR-/ })
      .waitFor();
    await desk.become('Leo Lead');
    assert.equal(await desk.page.locator('.message', { hasText: 'for you alone' }).count(), 0);
  });

  it('stays as it is until somebody refreshes it', async () => {
    await goTo(/^Home/);
    await home().getByText('Nothing waits for you.').waitFor();
    const other = await anotherTab(desk);
    await other.type('/liveresponse run ws-042 minidump.ps1 OfficeClickToRun --reason "once more"');
    await other
      .card()
      .getByText(/once more/)
      .waitFor();
    assert.equal(await home().getByText('Nothing waits for you.').count(), 1);
    await home().getByRole('button', { name: 'Refresh' }).click();
    await home().getByRole('heading', { name: 'Waits for you (1)' }).waitFor();
    await staysInside(desk.page);
  });

  it('can be read in light and in dark, as all of the page', async () => {
    const page = desk.page.locator('body');
    // Colours that are on their way are nobody's.
    await desk.page.emulateMedia({ reducedMotion: 'reduce' });
    await isReadable(page, 'the page in light colours');
    await desk.page.getByRole('button', { name: 'Switch to dark colours' }).click();
    await isReadable(page, 'the page in dark colours');
  });

  it('tells a guest that it isn’t theirs, and nothing else', async () => {
    await desk.become('Gus Guest');
    await home()
      .getByText(/^Guests may not use live response/)
      .waitFor();
    assert.doesNotMatch(await seen(home()), /LR-|ws-042/);
  });

  it('never made the browser complain', () => {
    assert.deepEqual(desk.complaints, []);
  });
});
