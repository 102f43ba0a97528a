import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { type Desk, openBrowser, seen, sitDown } from './desk.ts';
import { type Playground, startPlayground } from './playground.ts';

/** Tests in a browser follow one another: each goes on where the last one ended, as people do. */
describe('Several machines in one request', function () {
  this.timeout(90_000);
  this.slow(30_000);
  this.bail(true);
  let playground: Playground;
  let browser: Browser;
  let desk: Desk;
  let id = '';

  before(async () => {
    [playground, browser] = await Promise.all([startPlayground(), openBrowser()]);
    desk = await sitDown(browser, playground.url);
  });

  after(async () => {
    await browser?.close();
    await playground?.stop();
  });

  it('are named on the card to who decides, all of them', async () => {
    await desk.type('/liveresponse run minidump.ps1 OfficeClickToRun --tag finance');
    id = /LR-[0-9A-Z]{6}/.exec(await seen(desk.answer().getByText(/Got it, LR-/)))?.[0] ?? '';
    await desk.card(id).getByRole('button', { name: 'Approve' }).waitFor();
    const card = await seen(desk.card(id));
    assert.match(card, /wants to run on 4 machines/);
    for (const name of ['srv-sql-01', 'ws-021', 'ws-022', 'ws-042']) assert.ok(card.includes(`${name}.contoso.com`));
    await desk.shoot('several-waiting');
  });

  it('are approved once, and counted on the card to their end', async () => {
    await desk.become('Lea Lead');
    await desk.card(id).getByRole('button', { name: 'Approve' }).click();
    assert.match(await seen(desk.dialog()), /Run this on 4 machines\?/);
    await desk.dialog().getByRole('button', { name: 'Approve' }).click();
    await desk
      .card(id)
      .getByText(/4 of 4 done · ✔ 4 finished · ██████████ 100 %/)
      .waitFor();
    await desk.shoot('several-finished');
    const { defender } = await playground.state();
    const sent = defender.calls.filter(({ path }) => path.endsWith('/runliveresponse'));
    assert.equal(new Set(sent.map(({ path }) => path)).size, 4);
    assert.equal(sent.length, 4);
  });

  it('have a results page that leads to what each of them wrote', async () => {
    await desk.become('Ana Analyst');
    await desk.card(id).getByRole('button', { name: 'Open results' }).click();
    const opened = desk.context.waitForEvent('page');
    await desk
      .answer()
      .getByRole('link', { name: /Open results/ })
      .click();
    const results: Page = await opened;
    await results.waitForLoadState();
    assert.match(await seen(results.locator('h1')), /^4 machines$/);
    assert.equal(await results.locator('.machines li').count(), 4);
    await results.screenshot({ path: new URL('./screenshots/several-results.png', import.meta.url).pathname });
    await results.getByRole('link', { name: /^ws-022/ }).click();
    await results.locator('h1', { hasText: 'ws-022.contoso.com' }).waitFor();
    assert.match(await seen(results.locator('pre').first()), /Found OfficeClickToRun with process id/);
    const posted = results.waitForRequest((request) => request.method() === 'POST');
    await results.getByRole('button', { name: /Download/ }).click();
    assert.match(new URL((await posted).url()).pathname, /\/files\/2$/);
    assert.deepEqual(desk.complaints, []);
  });
});
