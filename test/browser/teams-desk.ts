import type { Browser, Locator } from 'playwright-core';
import { type Desk, type DeskOptions, sitDown } from './desk.ts';

/** The command of the README, which stands in the composer at first. */
export const TEAMS_LINE = String.raw`@Live Response run ws-042 minidump.ps1 OfficeClickToRun then get C:\windows\TEMP\OfficeClickToRun.dmp.zip`;

/** Somebody in front of the page who looks at Teams. */
export interface TeamsDesk extends Desk {
  composer(): Locator;
  /** The newest post of the channel, with its replies. */
  post(): Locator;
  /** What Teams said last to this person alone about a card. */
  notice(): Locator;
  /** Says that the bot wrote in the chat. */
  toast(): Locator;
  /** Opens a channel or chat. */
  open(name: string): Promise<void>;
}

/** Opens the page in a context of its own and turns to Teams. */
export async function sitDownInTeams(browser: Browser, url: string, options: DeskOptions = {}): Promise<TeamsDesk> {
  return await turnToTeams(await sitDown(browser, url, options));
}

/** Turns to Teams on a page that is open. */
export async function turnToTeams(desk: Desk): Promise<TeamsDesk> {
  const { page } = desk;
  await page.locator('label.platform', { hasText: /^Teams/ }).click();
  const pane = page.locator('.teams');
  const composer = () => pane.locator('> .composer-frame textarea');
  await composer().waitFor();
  return {
    ...desk,
    composer,
    type: async (line) => {
      await composer().fill(line);
      await composer().press('Enter');
    },
    answer: () => pane.locator('.chat-message').last(),
    card: (id = 'Live response LR-') =>
      pane.locator('.teams-card', { hasText: id }).filter({ hasText: 'Live response' }),
    post: () => pane.locator('.post').last(),
    notice: () => pane.locator('.own-notice').last(),
    toast: () => pane.locator('.toast'),
    open: async (name) => {
      const choice = page.getByLabel('Channel or chat');
      if (await choice.isVisible()) await choice.selectOption({ label: name });
      else
        await page
          .locator('.teams-list')
          .getByRole('button', { name: new RegExp(`^${name}(,|$)`) })
          .click();
    },
  };
}
