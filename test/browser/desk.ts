import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';

/** The command of the README, which stands in the composer at first. */
export const LINE = String.raw`/liveresponse run ws-042 minidump.ps1 OfficeClickToRun then get C:\windows\TEMP\OfficeClickToRun.dmp.zip`;

const SCREENSHOTS = fileURLToPath(new URL('./screenshots/', import.meta.url));

/** Starts Debian's Chromium, or the one that CHROMIUM names. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Somebody in front of the page. */
export interface Desk {
  context: BrowserContext;
  page: Page;
  /** What the consoles of all its pages complained about, and what went where it must not. */
  complaints: string[];
  become(name: string): Promise<void>;
  /** Types into the composer of the channel and presses Enter. */
  type(line: string): Promise<void>;
  /** The newest message that only this person sees. */
  answer(): Locator;
  /** The card of a request, or the newest one. */
  card(id?: string): Locator;
  thread(): Locator;
  dialog(): Locator;
  defender(): Locator;
  shoot(name: string): Promise<void>;
}

export interface DeskOptions {
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  /** The machine's unless set. */
  timezoneId?: string;
}

/** Opens the page in a context of its own: nobody is remembered. */
export async function sitDown(browser: Browser, url: string, options: DeskOptions = {}): Promise<Desk> {
  const { width = 1400, height = 900, ...look } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: 'light',
    ...look,
    acceptDownloads: true,
  });
  const complaints: string[] = [];
  watch(context, complaints);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('.main .composer textarea').waitFor();
  return deskAt(context, page, complaints);
}

/** Another tab of the same browser: a person of its own. */
export async function anotherTab(desk: Desk): Promise<Desk> {
  const page = await desk.context.newPage();
  await page.goto(desk.page.url());
  await page.locator('.main .composer textarea').waitFor();
  return deskAt(desk.context, page, desk.complaints);
}

/** The words that people see there, line by line, once it is there. */
export async function seen(place: Locator): Promise<string> {
  await place.waitFor();
  return (await place.allInnerTexts()).join('\n');
}

/** Presses Tab until the button of this name has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = page.locator(':focus');
  for (let presses = 0; presses < 60; presses++) {
    if ((await wanted.count()) > 0 && (await seen(wanted)) === name) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab never reached “${name}”`);
}

/** Takes the pointer and the focus out of the picture. */
export async function away(page: Page): Promise<void> {
  await page.mouse.move(700, 0);
  await page.evaluate('document.activeElement?.blur()');
}

/** Nothing is wider than the screen. */
export async function staysInside(page: Page): Promise<void> {
  const wide = Number(await page.evaluate('document.scrollingElement.scrollWidth'));
  const inner = Number(await page.evaluate('window.innerWidth'));
  assert.ok(wide <= inner, `the page is ${wide} px wide on ${inner}`);
}

function deskAt(context: BrowserContext, page: Page, complaints: string[]): Desk {
  const main = page.locator('.main');
  return {
    context,
    page,
    complaints,
    become: async (name) => {
      const choice = page.getByLabel('You are');
      if (await choice.first().isVisible()) await choice.first().selectOption({ label: name });
      else await page.locator('label.person', { hasText: name }).click();
    },
    type: async (line) => {
      await main.locator('.composer textarea').fill(line);
      await main.locator('.composer textarea').press('Enter');
    },
    answer: () => main.locator('.message-private').last(),
    card: (id = 'Live response LR-') => main.locator('.message:not(.message-private)', { hasText: id }).last(),
    thread: () => page.getByRole('complementary', { name: 'Thread' }),
    dialog: () => page.getByRole('dialog'),
    defender: () => page.getByRole('complementary', { name: 'What Defender saw' }),
    shoot: async (name) => {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
    },
  };
}

function watch(context: BrowserContext, complaints: string[]): void {
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') complaints.push(`left this machine: ${request.url()}`);
  });
}
