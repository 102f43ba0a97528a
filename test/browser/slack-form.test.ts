import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { type Desk, openBrowser, seen, sitDown, staysInside } from './desk.ts';
import { type Playground, startPlayground } from './playground.ts';

/** Tests in a browser follow one another: each goes on where the last one ended, as people do. */
describe('The form in Slack', function () {
  this.timeout(60_000);
  this.slow(20_000);
  this.bail(true);
  let playground: Playground;
  let browser: Browser;
  let desk: Desk;

  before(async () => {
    [playground, browser] = await Promise.all([startPlayground(), openBrowser()]);
    desk = await sitDown(browser, playground.url);
  });

  after(async () => {
    await browser?.close();
    await playground?.stop();
  });

  const field = (name: RegExp) => desk.dialog().getByLabel(name);
  const offered = () => desk.dialog().locator('.combobox-list:not([hidden])').getByRole('option');
  const press = (name: string) => desk.dialog().getByRole('button', { name }).click();

  it('opens for who types no words, with the focus in it', async () => {
    await desk.type('/liveresponse');
    await field(/^Machine/).waitFor();
    assert.match(await seen(desk.dialog().getByRole('heading')), /Run live response/);
    assert.equal(await desk.page.locator('.message-private').count(), 0);
  });

  it('is kept back without a machine, and says so at the field', async () => {
    await press('Ask for approval');
    await desk.dialog().getByText('Please complete this required field.').waitFor();
    assert.ok(await field(/^Machine/).evaluate((one) => one.matches(':focus')));
    assert.equal(await field(/^Machine/).getAttribute('aria-invalid'), 'true');
  });

  it('offers machines before a letter is typed and those that fit while one types', async () => {
    await field(/^Machine/).press('ArrowDown');
    await offered().nth(5).waitFor();
    await field(/^Machine/).pressSequentially('ws-042');
    await offered()
      .filter({ hasText: /^(?!ws-042)/ })
      .first()
      .waitFor({ state: 'hidden' });
    assert.match(await seen(offered().first()), /^ws-042 · Active · last full report/);
    await desk.shoot('slack-form-typeahead');
    await field(/^Machine/).press('ArrowDown');
    await field(/^Machine/).press('Enter');
  });

  it('says what is wrong where it is, and keeps what was entered', async () => {
    await field(/^Script/).pressSequentially('minidump');
    await offered().first().click();
    await field(/^Arguments/).fill('say "un');
    await press('Ask for approval');
    await desk
      .dialog()
      .getByText(/never closed/)
      .waitFor();
    assert.ok(await field(/^Arguments/).evaluate((one) => one.matches(':focus')));
    assert.match(await field(/^Machine/).inputValue(), /^ws-042/);
    await field(/^Arguments/).fill('OfficeClickToRun');
  });

  it('has room for another command, and nothing gets lost', async () => {
    await press('Another command');
    await field(/^Command 2: what to do/).selectOption({ label: 'Collect file' });
    await field(/^Command 2: arguments/).fill('C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip');
    assert.equal(await field(/^Arguments/).inputValue(), 'OfficeClickToRun');
    await field(/^Reason/).fill('INC-1234 looks odd');
    await desk.shoot('slack-form');
    await staysInside(desk.page);
  });

  it('asks as typed words would, and answers privately', async () => {
    await press('Ask for approval');
    await desk.dialog().waitFor({ state: 'detached' });
    await desk.card().waitFor();
    const words = await seen(desk.card());
    assert.match(words, /minidump\.ps1 OfficeClickToRun/);
    assert.match(words, /OfficeClickToRun\.dmp\.zip/);
    assert.match(words, /INC-1234 looks odd/);
    await desk
      .answer()
      .getByText(/^Got it/)
      .waitFor();
  });

  it('opens from an alert, with the machines that it names offered first', async () => {
    await desk.type('Suspicious logon on dc-01, please have a look');
    const alert = desk.page.locator('.message', { hasText: 'Suspicious logon' });
    await alert.hover();
    await alert.getByRole('button', { name: 'Run live response…' }).click();
    await field(/^Machine/).press('ArrowDown');
    assert.match(await seen(offered().first()), /^dc-01 /);
    await offered().first().click();
  });

  it('offers to add the reason that a rule wants, and asks again with it', async () => {
    await field(/^Script/).pressSequentially('minidump');
    await offered().first().click();
    await press('Ask for approval');
    await desk.answer().getByRole('button', { name: 'Add reason' }).click();
    await field(/^Reason/).fill('INC-77 odd logon');
    await desk.shoot('slack-add-reason');
    await press('Ask again');
    await desk
      .card()
      .getByText(/INC-77 odd logon/)
      .first()
      .waitFor();
  });

  it('closes with Esc, and gives the focus back', async () => {
    const opener = desk.page.locator('.ideas').getByRole('button', { name: 'Run live response…' });
    await opener.focus();
    await desk.page.keyboard.press('Enter');
    await field(/^Machine/).waitFor();
    await desk.page.keyboard.press('Escape');
    await desk.dialog().waitFor({ state: 'detached' });
    assert.ok(await opener.evaluate((one) => one.matches(':focus')));
  });

  it('offers nothing to a guest, who is listed all the same', async () => {
    await desk.become('Gus Guest');
    await desk.page.locator('.ideas').getByRole('button', { name: 'Run live response…' }).click();
    await field(/^Machine/).press('ArrowDown');
    await desk.dialog().getByText('No results found').waitFor();
    await press('Close the dialog');
  });

  it('never made the browser complain', () => {
    assert.deepEqual(desk.complaints, []);
  });
});
