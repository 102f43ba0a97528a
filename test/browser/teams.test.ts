import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { CONVERSATIONS, PEOPLE, personalChat } from '../../src/playground/teams-channel/index.ts';
import { anotherTab, openBrowser, seen, staysInside, tabTo } from './desk.ts';
import { type Playground, startPlayground } from './playground.ts';
import { sitDownInTeams, TEAMS_LINE, type TeamsDesk, turnToTeams } from './teams-desk.ts';

/** Tests in a browser follow one another: each goes on where the last one ended, as people do. */
describe('The journey in Teams', function () {
  this.timeout(90_000);
  this.slow(30_000);
  this.bail(true);
  let playground: Playground;
  let browser: Browser;
  let desk: TeamsDesk;
  let id = '';

  before(async () => {
    [playground, browser] = await Promise.all([startPlayground(), openBrowser()]);
    desk = await sitDownInTeams(browser, playground.url);
  });

  after(async () => {
    await browser?.close();
    await playground?.stop();
  });

  const submissions = async () =>
    (await playground.state()).defender.calls.filter(({ path }) => path.endsWith('/runliveresponse'));
  const messages = async () => (await playground.state()).teams.messages;

  it('has the command in the composer; Enter posts it, and the bot writes to its author alone that it was got', async () => {
    assert.equal(await desk.composer().inputValue(), TEAMS_LINE);
    await desk.shoot('teams-first');
    await desk.composer().press('Enter');
    const got = await seen(desk.toast().getByText(/Got it, LR-/));
    id = /LR-[0-9A-Z]{6}/.exec(got)?.[0] ?? '';
    await desk.card(id).waitFor();
    const told = (await messages()).filter(({ text }) => text?.includes('Got it'));
    assert.deepEqual(
      told.map(({ conversation }) => conversation),
      [personalChat(PEOPLE.ana)],
    );
  });

  it('answers in the thread of the command, with machine, commands and rule on the card, whole', async () => {
    const card = await seen(desk.card(id));
    for (const words of [
      `Live response ${id}`,
      'Ana Analyst wants to run on ws-042.contoso.com',
      'minidump.ps1 OfficeClickToRun',
      String.raw`C:\windows\TEMP\OfficeClickToRun.dmp.zip`,
      'Waiting for approval',
      'Rule “Default”: 1 approval by leads, 0 so far',
    ]) {
      assert.ok(card.includes(words), `${words} is missing in:\n${card}`);
    }
    const [command, ...rest] = (await messages()).filter(({ conversation }) => conversation === CONVERSATIONS.soc);
    assert.deepEqual(
      rest.map(({ root, from }) => [root, from]),
      [[command?.id, 'bot']],
    );
  });

  it('leads from the channel into the chat with the bot, and back', async () => {
    await desk.toast().getByRole('button', { name: 'Open the chat' }).click();
    await desk.answer().getByText(`Got it, ${id}.`).waitFor();
    assert.equal(await desk.toast().count(), 0);
    await desk.open('soc');
    await desk.card(id).waitFor();
  });

  it('shows a requester no button that isn’t for them, in their own view of the card', async () => {
    await desk.card(id).getByRole('button', { name: 'Withdraw' }).waitFor();
    assert.equal(await desk.card(id).getByRole('button', { name: 'Approve' }).count(), 0);
  });

  it('refuses the approval of a guest, who alone is told why, and sends nothing to Defender', async () => {
    await desk.become('Gus Guest');
    await desk.card(id).getByRole('button', { name: 'Decide…' }).click();
    await desk.card(id).getByRole('button', { name: 'Approve' }).click();
    await desk
      .notice()
      .getByText(/Guests may not use live response/)
      .waitFor();
    await desk.shoot('teams-refused');
    const { teams } = await playground.state();
    assert.deepEqual(
      teams.notices.map(({ person, error }) => [person, error]),
      [[PEOPLE.gus, false]],
    );
    assert.ok(!teams.messages.some(({ text }) => text?.includes('Guests')));
    assert.match(await seen(desk.card(id)), /Waiting for approval/);
    assert.deepEqual(await submissions(), []);
    await desk.become('Leo Lead');
    assert.equal(await desk.notice().count(), 0);
  });

  it('calls those who may approve, in colours of their own, and shows them the buttons at once', async () => {
    await desk.card(id).getByRole('button', { name: 'Approve' }).waitFor();
    assert.equal(await seen(desk.card(id).locator('.mention-me')), 'Leo Lead');
    assert.equal(await desk.card(id).getByRole('button', { name: 'Decide…' }).count(), 0);
    await desk.shoot('teams-waiting');
  });

  it('lets a lead in another tab approve by keyboard alone', async () => {
    const lea = await turnToTeams(await anotherTab(desk));
    await lea.become('Lea Lead');
    await lea.card(id).getByRole('button', { name: 'Approve' }).waitFor();
    await tabTo(lea.page, 'Approve');
    await lea.page.keyboard.press('Enter');
    await lea.post().getByText('Lea Lead approved.').waitFor();
    await lea.page.close();
  });

  it('follows the run on the card, from running to finished, with the first lines of its output', async () => {
    await desk.card(id).getByText('Running').first().waitFor({ timeout: 60_000 });
    await desk.shoot('teams-running');
    await desk
      .card(id)
      .getByText(/✔ Finished in \d+ s/)
      .waitFor({ timeout: 60_000 });
    const card = await seen(desk.card(id));
    assert.match(card, /exit 0/);
    assert.match(card, /Found OfficeClickToRun with process id/);
    assert.match(card, /Approved by Lea Lead/);
    for (const name of ['Approve', 'Deny', 'Withdraw', 'Cancel…', 'Decide…']) {
      assert.equal(await desk.card(id).getByRole('button', { name }).count(), 0, `${name} is still there`);
    }
  });

  it('tells the decision, each command and the end in replies, and calls the requester at the end', async () => {
    const end = desk.post().locator('.teams-message').last();
    await end.getByText(/ws-042\.contoso\.com: ✔ Finished in \d+ s\./).waitFor();
    await desk.become('Ana Analyst');
    assert.equal(await seen(end.locator('.mention-me')), 'Ana Analyst');
    const words = await seen(desk.post());
    const told = [
      'Lea Lead approved.',
      'minidump.ps1 ended with exit 0',
      'OfficeClickToRun.dmp.zip was collected',
      'ws-042.contoso.com: ✔ Finished in',
    ];
    const places = told.map((one) => words.lastIndexOf(one));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      words,
    );
    assert.ok(!places.includes(-1), words);
    await desk.shoot('teams-finished');
  });

  it('sent Defender exactly one submission, which was executed once', async () => {
    const sent = (await submissions()).map(({ body }) => JSON.stringify(body));
    assert.equal(sent.length, 1);
    assert.ok(sent[0]?.includes(`[${id}.1] asked by Ana Analyst (teams:${PEOPLE.ana}), approved by Lea Lead`), sent[0]);
    assert.match(await seen(desk.defender()), new RegExp(`${id}\\.1 · [0-9:]+ · executed once`));
  });

  it('opens the results by a link in the private chat, and tells none in the channel', async () => {
    await desk.card(id).getByRole('button', { name: 'Open results' }).click();
    await desk.toast().getByRole('button', { name: 'Open the chat' }).click();
    const opened = desk.context.waitForEvent('page');
    await desk
      .answer()
      .getByRole('link', { name: /Open results/ })
      .click();
    const results: Page = await opened;
    await results.waitForLoadState();
    const { pathname } = new URL(results.url());
    assert.match(pathname, /^\/results\/[\w-]{20,}$/);
    assert.match(await seen(results.locator('pre').first()), /Found OfficeClickToRun with process id/);
    const withLink = (await messages()).filter((message) => JSON.stringify(message).includes(pathname));
    assert.deepEqual(
      withLink.map(({ conversation }) => conversation),
      [personalChat(PEOPLE.ana)],
    );
    await results.close();
    await desk.open('soc');
  });

  it('takes commands in replies: @ offers the bot, Enter takes it', async () => {
    await desk.post().getByRole('button', { name: 'Reply' }).click();
    const reply = desk.page.getByLabel('Reply as Ana Analyst');
    await reply.pressSequentially('@li');
    await desk.page.getByRole('option', { name: /Live Response/ }).waitFor();
    await desk.page.keyboard.press('Enter');
    await reply.pressSequentially('status');
    assert.equal(await reply.inputValue(), '@Live Response status');
    await desk.page.keyboard.press('Enter');
    await desk.toast().getByText(new RegExp(id)).waitFor();
  });

  it('says what Teams doesn’t: that the bot hears only what mentions it', async () => {
    await desk.type('run ws-042 minidump.ps1');
    await desk.page.getByText(/Live Response doesn’t hear that/).waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`reads well on a phone (${colorScheme})`, async () => {
      const phone = await sitDownInTeams(browser, playground.url, { width: 360, height: 740, colorScheme });
      await phone.become('Lea Lead');
      await phone.card(id).scrollIntoViewIfNeeded();
      assert.equal(await phone.page.evaluate('document.documentElement.dataset.theme'), colorScheme);
      await staysInside(phone.page);
      await phone.shoot(`teams-phone-${colorScheme}`);
      await phone.become('Ana Analyst');
      await phone.open('Live Response');
      await phone.answer().waitFor();
      await staysInside(phone.page);
      await phone.shoot(`teams-phone-chat-${colorScheme}`);
      await phone.context.close();
      assert.deepEqual(phone.complaints, []);
    });
  }

  it('stands beside Slack where there is room, in dark colours too', async () => {
    const wide = await sitDownInTeams(browser, playground.url, { width: 1800, colorScheme: 'dark' });
    await wide.page.locator('label.platform', { hasText: 'Both' }).click();
    await wide.page.locator('.main .composer textarea').waitFor();
    await wide.card(id).waitFor();
    await staysInside(wide.page);
    await wide.shoot('teams-both-dark');
    await wide.context.close();
    assert.deepEqual(wide.complaints, []);
  });

  it('never made a browser complain, and never left this machine', () => {
    assert.deepEqual(desk.complaints, []);
    assert.deepEqual(playground.printed, [`Playground ready: ${playground.url}`]);
  });
});
