import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { CONVERSATIONS, PEOPLE } from '../../src/playground/teams-channel/index.ts';
import { openBrowser, seen } from './desk.ts';
import { type Playground, startPlayground } from './playground.ts';
import { sitDownInTeams, type TeamsDesk } from './teams-desk.ts';

/** Tests in a browser follow one another: each goes on where the last one ended, as people do. */
describe('The form in Teams, and a denial', function () {
  this.timeout(60_000);
  this.slow(20_000);
  this.bail(true);
  let playground: Playground;
  let browser: Browser;
  let desk: TeamsDesk;

  before(async () => {
    [playground, browser] = await Promise.all([startPlayground(), openBrowser()]);
    desk = await sitDownInTeams(browser, playground.url);
  });

  after(async () => {
    await browser?.close();
    await playground?.stop();
  });

  const field = (name: string | RegExp) => desk.dialog().getByRole('combobox', { name });
  /** What the open list offers; a plain list of the card doesn't count. */
  const offered = (words: string | RegExp = '') =>
    desk.dialog().locator('.combobox-list:not([hidden])').getByRole('option').filter({ hasText: words });
  const card = () => desk.card('Live response LR-');

  it('opens from a button, where somebody typed no words', async () => {
    await desk.type('@Live Response');
    await desk.post().getByRole('button', { name: 'Open the form' }).click();
    await field(/^Machine/).waitFor();
    assert.match(await seen(desk.dialog().getByRole('heading', { level: 2 })), /\S/);
  });

  it('sends nothing without a machine, and says so at the field', async () => {
    await desk.dialog().getByRole('button', { name: 'Ask for approval' }).click();
    await desk.dialog().getByText('Choose a machine.').waitFor();
    assert.ok(await field(/^Machine/).evaluate((one) => one.matches(':focus')));
    const { teams } = await playground.state();
    assert.ok(!teams.deliveries.some(({ kind }) => kind === 'dialog_submit'));
  });

  it('offers machines before a letter is typed, and those that fit while one types', async () => {
    await field(/^Machine/).press('ArrowDown');
    await offered().nth(5).waitFor();
    await field(/^Machine/).pressSequentially('ws-042');
    await offered(/^(?!ws-042)/)
      .first()
      .waitFor({ state: 'hidden' });
    assert.ok((await offered(/^ws-042/).count()) > 0);
    await desk.shoot('teams-form');
  });

  it('closes the list with Esc and stays open itself; Enter takes what is chosen', async () => {
    await desk.page.keyboard.press('Escape');
    await offered().first().waitFor({ state: 'hidden' });
    assert.equal(await desk.dialog().count(), 1);
    await desk.page.keyboard.press('ArrowDown');
    await desk
      .dialog()
      .getByRole('option', { name: /ws-042/ })
      .waitFor();
    await desk.page.keyboard.press('ArrowDown');
    await desk.page.keyboard.press('Enter');
    assert.match(await field(/^Machine/).inputValue(), /^ws-042/);
  });

  it('asks as typed words would, in the thread of the button', async () => {
    await field(/^Script/).pressSequentially('minidump');
    await desk
      .dialog()
      .getByRole('option', { name: /minidump\.ps1/ })
      .click();
    await desk
      .dialog()
      .getByLabel(/^Arguments/)
      .fill('OfficeClickToRun');
    await desk
      .dialog()
      .getByLabel(/^Reason/)
      .fill('INC-1234 looks odd');
    await desk.dialog().getByRole('button', { name: 'Ask for approval' }).click();
    await desk.dialog().waitFor({ state: 'detached' });
    await card().waitFor();
    const words = await seen(card());
    assert.match(words, /minidump\.ps1 OfficeClickToRun/);
    assert.match(words, /INC-1234 looks odd/);
    const { teams } = await playground.state();
    const [command] = teams.messages.filter(({ conversation }) => conversation === CONVERSATIONS.soc);
    const asked = teams.messages.find((one) => JSON.stringify(one.card).includes('Live response LR-'));
    assert.equal(asked?.root, command?.id);
  });

  it('denies with a reason, which the card and a reply tell everybody', async () => {
    await desk.become('Lea Lead');
    await card().getByRole('textbox', { name: /deny/ }).fill('Ask the owner first');
    await desk.shoot('teams-denying');
    await card().getByRole('button', { name: 'Deny' }).click();
    await card()
      .getByText(/Denied by Lea Lead/)
      .first()
      .waitFor();
    await desk.become('Ana Analyst');
    const words = await seen(desk.post());
    assert.match(words, /Ask the owner first/);
    for (const name of ['Approve', 'Deny', 'Withdraw']) {
      assert.equal(await card().getByRole('button', { name }).count(), 0, `${name} is still there`);
    }
    await desk.shoot('teams-denied');
  });

  it('closes with Esc, and gives the focus back', async () => {
    const opener = desk.post().getByRole('button', { name: 'Open the form' });
    await opener.focus();
    await desk.page.keyboard.press('Enter');
    await field(/^Machine/).waitFor();
    await desk.page.keyboard.press('Escape');
    await desk.dialog().waitFor({ state: 'detached' });
    assert.ok(await opener.evaluate((one) => one.matches(':focus')));
  });

  it('sent nothing to Defender, and never made a browser complain', async () => {
    const { defender, teams } = await playground.state();
    assert.ok(!defender.calls.some(({ path }) => path.endsWith('/runliveresponse')));
    assert.ok(teams.notices.every(({ person, error }) => !error && person !== PEOPLE.gus));
    assert.deepEqual(desk.complaints, []);
  });
});
