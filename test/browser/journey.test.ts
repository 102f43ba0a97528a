import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { anotherTab, type Desk, LINE, openBrowser, seen, sitDown, staysInside, tabTo } from './desk.ts';
import { type Playground, startPlayground } from './playground.ts';

/** The body that Microsoft documents, but for the Comment. */
const COMMANDS = [
  {
    type: 'RunScript',
    params: [
      { key: 'ScriptName', value: 'minidump.ps1' },
      { key: 'Args', value: 'OfficeClickToRun' },
    ],
  },
  { type: 'GetFile', params: [{ key: 'Path', value: String.raw`C:\windows\TEMP\OfficeClickToRun.dmp.zip` }] },
];

/** Tests in a browser follow one another: each goes on where the last one ended, as people do. */
describe('The journey of a newcomer', function () {
  this.timeout(90_000);
  this.slow(30_000);
  this.bail(true);
  let playground: Playground;
  let browser: Browser;
  let desk: Desk;
  let id = '';
  let results: Page;

  before(async () => {
    [playground, browser] = await Promise.all([startPlayground(), openBrowser()]);
    desk = await sitDown(browser, playground.url);
  });

  after(async () => {
    await browser?.close();
    await playground?.stop();
  });

  const submissions = async () =>
    (await playground.state()).defender.calls.filter(({ path }) => path.endsWith('/runliveresponse'));
  const approve = async (at: Desk): Promise<void> => {
    await at.card(id).getByRole('button', { name: 'Approve' }).click();
    await at.dialog().getByRole('button', { name: 'Approve' }).click();
  };

  it('begins with nothing but the line that says where', () => {
    assert.deepEqual(playground.printed, [`Playground ready: ${playground.url}`]);
  });

  it('has the command in the composer; Enter sends it, and its author alone is told that it was got', async () => {
    const composer = desk.page.locator('.main .composer textarea');
    assert.equal(await composer.inputValue(), LINE);
    await desk.shoot('first');
    await composer.press('Enter');
    const got = await seen(desk.answer().getByText(/Got it, LR-/));
    id = /LR-[0-9A-Z]{6}/.exec(got)?.[0] ?? '';
    await desk.card(id).getByRole('button', { name: 'Approve' }).waitFor();
    const { slack } = await playground.state();
    assert.deepEqual(
      slack.ephemerals.map(({ to }) => to),
      ['U0ANA'],
    );
    await desk.become('Leo Lead');
    await desk.card(id).waitFor();
    assert.equal(await desk.answer().count(), 0);
    await desk.become('Ana Analyst');
  });

  it('shows machine, commands and rule on the card, whole', async () => {
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
    await desk.shoot('waiting');
  });

  it('asks before it approves, naming the machine and each command on a line of its own; Esc says no', async () => {
    await desk.card(id).getByRole('button', { name: 'Approve' }).click();
    const words = await seen(desk.dialog());
    assert.match(words, /ws-042\.contoso\.com/);
    assert.match(words, /^run minidump\.ps1 OfficeClickToRun$/m);
    assert.match(words, /^get C:\\windows\\TEMP\\OfficeClickToRun\.dmp\.zip$/m);
    await desk.shoot('dialog');
    await desk.page.keyboard.press('Escape');
    await desk.dialog().waitFor({ state: 'detached' });
    assert.ok(
      await desk
        .card(id)
        .getByRole('button', { name: 'Approve' })
        .evaluate((one) => one.matches(':focus')),
    );
  });

  for (const { name, user, words } of [
    { name: 'Ana Analyst', user: 'U0ANA', words: /You asked for LR-\w+ yourself, so someone else must approve it/ },
    { name: 'Gus Guest', user: 'U0GUS', words: /Guests may not use live response/ },
  ]) {
    it(`refuses the approval of ${name}, who alone is told why, and sends nothing to Defender`, async () => {
      await desk.become(name);
      await approve(desk);
      await desk.answer().getByText(words).waitFor();
      const { slack } = await playground.state();
      const told = slack.ephemerals.filter(({ text }) => words.test(text));
      assert.deepEqual(
        told.map(({ to }) => to),
        [user],
      );
      assert.ok(!slack.messages.some(({ text }) => words.test(text)));
      assert.match(await seen(desk.card(id)), /Waiting for approval/);
      assert.deepEqual(await submissions(), []);
    });
  }

  it('lets a lead in another tab approve by keyboard alone', async () => {
    const lea = await anotherTab(desk);
    await lea.become('Lea Lead');
    assert.match(await seen(lea.page.locator('label.person-me')), /Lea Lead/);
    assert.match(await seen(desk.page.locator('label.person-me')), /Gus Guest/);
    await tabTo(lea.page, 'Approve');
    await lea.page.keyboard.press('Enter');
    await lea.dialog().waitFor();
    await tabTo(lea.page, 'Approve');
    await lea.page.keyboard.press('Enter');
    await lea.page
      .getByText('Lea Lead approved.')
      .or(lea.card(id).getByText(/Approved by Lea Lead/))
      .first()
      .waitFor();
    await lea.page.close();
  });

  it('follows the run on the card, from approved over running to finished', async () => {
    await desk.become('Lea Lead');
    await desk
      .card(id)
      .getByText(/Approved|Sent|Running/)
      .first()
      .waitFor();
    await desk.card(id).getByText('Running').first().waitFor({ timeout: 60_000 });
    await desk.shoot('running');
    await desk
      .card(id)
      .getByText(/✔ Finished in \d+ s/)
      .first()
      .waitFor({ timeout: 60_000 });
    const card = await seen(desk.card(id));
    assert.match(card, /exit 0/);
    assert.match(card, /Approved by Lea Lead/);
    for (const name of ['Approve', 'Deny', 'Withdraw', 'Cancel']) {
      assert.equal(await desk.card(id).getByRole('button', { name }).count(), 0, `${name} is still there`);
    }
  });

  it('tells the decision, each command with its first lines, and the end in the thread; Esc closes it', async () => {
    await desk.card(id).locator('.thread-link').focus();
    await desk.page.keyboard.press('Enter');
    const thread = desk.thread();
    await thread.getByText(/ws-042\.contoso\.com: ✔ Finished in \d+ s\./).waitFor();
    const words = await seen(thread);
    const told = [
      'Lea Lead approved.',
      'minidump.ps1 ended with exit 0',
      'Found OfficeClickToRun with process id',
      'OfficeClickToRun.dmp.zip was collected',
      '@Ana Analyst ws-042.contoso.com: ✔ Finished in',
    ];
    const places = told.map((one) => words.lastIndexOf(one));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      words,
    );
    assert.ok(!places.includes(-1), words);
    await desk.shoot('finished');
    await desk.page.keyboard.press('Escape');
    await thread.waitFor({ state: 'detached' });
    assert.ok(
      await desk
        .card(id)
        .locator('.thread-link')
        .evaluate((one) => one.matches(':focus')),
    );
  });

  it('sent Defender exactly one submission, with the documented body, which was executed once', async () => {
    const sent = await submissions();
    assert.deepEqual(
      sent.map(({ body }) => body),
      [
        {
          Commands: COMMANDS,
          Comment: `[${id}.1] asked by Ana Analyst (slack:U0ANA), approved by Lea Lead (slack:U0LEA)`,
        },
      ],
    );
    const panel = await seen(desk.defender());
    assert.match(panel, new RegExp(`${id}\\.1 · [0-9:]+ · executed once`));
    await desk.defender().locator('summary', { hasText: 'runliveresponse' }).click();
    assert.ok((await seen(desk.defender().locator('pre'))).includes('"Commands"'));
  });

  it('opens the results by a private link, in a tab of their own, with the output as text', async () => {
    await desk.become('Ana Analyst');
    await desk.card(id).getByRole('button', { name: 'Open results' }).click();
    const link = desk.answer().getByRole('link', { name: /Open results/ });
    const opened = desk.context.waitForEvent('page');
    await link.click();
    results = await opened;
    await results.waitForLoadState();
    assert.match(new URL(results.url()).pathname, /^\/results\/[\w-]{20,}$/);
    assert.match(await seen(results.locator('pre').first()), /Found OfficeClickToRun with process id/);
    assert.match(await seen(results.locator('body')), /Lea Lead/);
    await results.screenshot({ path: new URL('./screenshots/results.png', import.meta.url).pathname });
  });

  it('downloads the collected file from Defender by a link that is made at the click', async () => {
    const redirect = results.waitForResponse((response) => response.request().method() === 'POST');
    const download = results.waitForEvent('download');
    await results
      .getByRole('button', { name: /Download/ })
      .last()
      .click();
    assert.equal((await redirect).status(), 303);
    const bytes = await readFile(await (await download).path());
    assert.deepEqual([...bytes.subarray(0, 2)], [0x1f, 0x8b]);
  });

  it('tells no link to results or downloads in the channel', async () => {
    const { slack } = await playground.state();
    const said = JSON.stringify(slack.messages);
    const token = new URL(results.url()).pathname.split('/').at(-1) ?? '';
    assert.ok(!said.includes(token) && !/\/results\//.test(said) && !/blob|sig=/i.test(said), said);
    assert.deepEqual(
      slack.ephemerals.filter(({ blocks }) => JSON.stringify(blocks).includes(token)).map(({ to }) => to),
      ['U0ANA'],
    );
    await results.close();
  });

  it('remembers the lines that were sent', async () => {
    const composer = desk.page.locator('.main .composer textarea');
    await desk.type('/liveresponse run ws-42 minidump.ps1');
    await desk
      .answer()
      .getByText(/I don.t know the machine “ws-42”.*ws-042/)
      .waitFor();
    await composer.press('ArrowUp');
    assert.equal(await composer.inputValue(), '/liveresponse run ws-42 minidump.ps1');
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`reads well on a phone (${colorScheme})`, async () => {
      const phone = await sitDown(browser, playground.url, { width: 360, height: 740, colorScheme });
      await phone.become('Lea Lead');
      await phone.card(id).scrollIntoViewIfNeeded();
      const theme = await phone.page.evaluate('document.documentElement.dataset.theme');
      assert.equal(theme, colorScheme);
      await staysInside(phone.page);
      await phone.shoot(`phone-${colorScheme}`);
      await phone.card(id).locator('.thread-link').click();
      await phone
        .thread()
        .getByText(/Finished in/)
        .last()
        .waitFor();
      await staysInside(phone.page);
      await phone.shoot(`phone-thread-${colorScheme}`);
      await phone.context.close();
      assert.deepEqual(phone.complaints, []);
    });
  }

  it('has the dark colours on a wide screen, too', async () => {
    await desk.page.getByRole('button', { name: 'Switch to dark colours' }).click();
    assert.equal(await desk.page.evaluate('document.documentElement.dataset.theme'), 'dark');
    await desk.card(id).locator('.thread-link').click();
    await desk.shoot('dark');
  });

  it('never made a browser complain, and never left this machine', () => {
    assert.deepEqual(desk.complaints, []);
    assert.deepEqual(playground.printed, [`Playground ready: ${playground.url}`]);
  });
});
