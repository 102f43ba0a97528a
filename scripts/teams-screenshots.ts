// A part of `npm run screenshots`: the same journey in Teams.
import type { Browser } from 'playwright-core';
import { away } from '../test/browser/desk.ts';
import { sitDownInTeams, type TeamsDesk } from '../test/browser/teams-desk.ts';

/** Takes the pictures of Teams; `image` says where a picture of a name belongs. */
export async function takeTeamsPictures(browser: Browser, url: string, image: (name: string) => string): Promise<void> {
  const desk = await sitDownInTeams(browser, url, { width: 1400, height: 900 });
  await form(desk, image('teams-form'));
  await ask(desk, image('teams-card-waiting'));
  await approve(desk, image('teams-card-finished'));
  await story(desk, image('teams-journey'));
  await phone(browser, url, image('teams-phone'));
}

const card = ({ post }: TeamsDesk) => post().locator('.teams-card').first();

async function form(desk: TeamsDesk, path: string): Promise<void> {
  await desk.type('@Live Response');
  await desk.post().getByRole('button', { name: 'Open the form' }).click();
  const machine = desk.dialog().getByRole('combobox', { name: /^Machine/ });
  await machine.fill('ws-04');
  await desk.dialog().locator('.combobox-option', { hasText: 'ws-042' }).waitFor();
  await desk.dialog().screenshot({ path });
  await desk.page.getByRole('button', { name: 'Close the dialog' }).click();
}

/** Lea's view of the card: she may approve, and is called. */
async function ask(desk: TeamsDesk, path: string): Promise<void> {
  await desk.page.getByRole('button', { name: 'run + get' }).click();
  await desk.page.keyboard.press('Enter');
  await desk.card().waitFor();
  const hide = desk.page.getByRole('button', { name: 'Hide the first steps' });
  if (await hide.isVisible()) await hide.click();
  await desk.become('Lea Lead');
  await card(desk).getByRole('button', { name: 'Approve' }).waitFor();
  await away(desk.page);
  await card(desk).screenshot({ path });
}

async function approve(desk: TeamsDesk, path: string): Promise<void> {
  await card(desk).getByRole('button', { name: 'Approve' }).click();
  const end = desk.post().locator('.teams-message').last();
  await end.getByText(/: ✔ Finished in/).waitFor({ timeout: 120_000 });
  await desk.notice().waitFor({ state: 'detached' });
  await desk.become('Ana Analyst');
  await away(desk.page);
  await card(desk).screenshot({ path });
}

/** The command and what it began, to its end. */
async function story(desk: TeamsDesk, path: string): Promise<void> {
  const dismiss = desk.toast().getByRole('button', { name: 'Dismiss' });
  if (await dismiss.isVisible()) await dismiss.click();
  await desk.page.setViewportSize({ width: 1400, height: 1340 });
  await toTop(desk);
  await away(desk.page);
  await desk.page.screenshot({ path });
}

async function phone(browser: Browser, url: string, path: string): Promise<void> {
  const desk = await sitDownInTeams(browser, url, { width: 390, height: 800, colorScheme: 'dark' });
  await desk.page.getByRole('button', { name: 'Hide the first steps' }).click();
  await card(desk).waitFor();
  await toTop(desk);
  await away(desk.page);
  await desk.page.screenshot({ path });
}

/** Scrolls the post's beginning to the top. */
async function toTop({ post }: TeamsDesk): Promise<void> {
  await post().evaluate((element) => element.scrollIntoView({ block: 'start' }));
}
