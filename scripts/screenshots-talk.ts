// A part of `npm run screenshots`: private answers, the form and the Home tab.
import type { Desk } from '../test/browser/desk.ts';
import type { Show } from './screenshots-cards.ts';
import { PEOPLE } from './screenshots-stage.ts';

/** What only its author reads. */
export async function answers({ stage, album }: Show): Promise<void> {
  await album.become('ana');
  const picture = async (caption: string, line: string, words: RegExp, channel?: string): Promise<void> => {
    const { ts } = await stage.whisper('ana', line, words, channel);
    await album.shoot('answers', caption, (desk) => desk.page.locator(`.message-private[data-ts="${ts}"]`));
  };
  await picture('Several machines of one name', 'run ws-007 minidump.ps1 lsass', /Several machines/);
  await picture('No such machine', 'run ws-42 minidump.ps1 lsass', /I don't know the machine/);
  await picture('A script that the library lacks', 'run ws-022 minidmp.ps1 lsass', /minidmp/);
  await picture('A rule says no', String.raw`get srv-file-01 C:\Windows\NTDS\ntds.dit`, /forensics team/);
  await picture('A rule wants a reason', 'run dc-02 Get-Processes.ps1', /Add reason/);
  await picture('What can’t be done from here', 'isolate ws-042', /can.t isolate/);
  await picture('Words that can’t be understood', 'run ws-022 minidump.ps1 "lsass', /never closed/);
  await stage.ask('ana', 'run ws-027 Get-Processes.ps1');
  await picture('The same line again', 'run ws-027 Get-Processes.ps1', /Yes, once more/);
  await picture('How things stand', 'pending', /LR-/);
  await ownApproval({ stage, album });
}

async function ownApproval({ stage, album }: Show): Promise<void> {
  const id = await stage.ask('leo', 'run ws-040 Get-Services.ps1');
  await stage.press('leo', id, 'approve');
  const { ts } = await stage.heard('leo', /yourself/);
  await album.become('leo');
  await album.shoot('answers', 'Nobody approves their own request', album.message(ts, 'yourself'));
}

/** The card can't be posted where it was asked for. */
export async function notInTheChannel({ stage, album }: Show): Promise<void> {
  await album.become('ana');
  const { ts } = await stage.whisper('ana', 'run ws-001 Get-Processes.ps1', /invite/, 'C0PRIVATE');
  await album.each((desk) => goTo(desk, /soc-private/));
  await album.shoot('answers', 'The bot isn’t in the channel', album.message(ts, 'invite'));
  await album.each((desk) => goTo(desk, /^#?\s*soc(,|$)/));
}

/** The form: empty, while one types, and with something wrong. */
export async function form({ stage, album }: Show): Promise<void> {
  await album.become('ana');
  await stage.slack.shortcut({ user: PEOPLE.ana, callbackId: 'liveresponse_form' });
  await album.shoot('form', 'The form', ({ dialog }) => dialog());
  await album.each((desk) => choose(desk, /^Machine/, 'ws-04'));
  await album.shoot('form', 'Machines are offered while one types', ({ dialog }) => dialog(), true);
  await album.each(async (desk) => {
    await option(desk, 'ws-042').click();
    await choose(desk, /^Script/, 'minidump');
    await option(desk, 'minidump').click();
    await desk
      .dialog()
      .getByLabel(/^Arguments/)
      .fill('"OfficeClickToRun');
  });
  await album.each(async (desk) => {
    await desk.dialog().getByRole('button', { name: 'Ask for approval' }).click();
    await desk
      .dialog()
      .getByText(/never closed/)
      .waitFor();
  });
  await album.shoot('form', 'What is wrong stands at its field', ({ dialog }) => dialog());
  await album.each(async (desk) => {
    const close = desk.page.getByRole('button', { name: 'Close the dialog' });
    if (await close.isVisible()) await close.click();
    await desk.dialog().waitFor({ state: 'detached' });
  });
}

/** The Home tab of somebody with much to do, and of a stranger. */
export async function home({ album }: Show): Promise<void> {
  await album.become('lea');
  await album.resize(2_400);
  await album.each((desk) => goTo(desk, /^Home/));
  await album.shoot('home', 'The Home tab of an approver', ({ page }) => page.locator('.main .home .blocks'));
  await album.become('max');
  await album.each((desk) => goTo(desk, /^Home/));
  await album.shoot('home', 'The Home tab of somebody else', ({ page }) => page.locator('.main .home .blocks'));
  await album.resize();
  await album.each((desk) => goTo(desk, /^#?\s*soc(,|$)/));
}

const goTo = ({ page }: Desk, name: RegExp): Promise<void> =>
  page.locator('.channels').getByRole('button', { name }).click();

async function choose(desk: Desk, field: RegExp, words: string): Promise<void> {
  await desk.dialog().getByLabel(field).fill(words);
  await option(desk, words).waitFor();
}

const option = ({ dialog }: Desk, words: string) =>
  dialog().locator('.combobox-list:not([hidden])').getByRole('option').filter({ hasText: words }).first();
