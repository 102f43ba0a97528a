// A part of `npm run screenshots`: every state of a card, in the order of a morning.
import type { StateName } from './card-states.ts';
import type { Album } from './screenshots-album.ts';
import type { Stage, Who } from './screenshots-stage.ts';

/** The stage, and where the pictures go. */
export interface Show {
  stage: Stage;
  album: Album;
}

const HOUR = 3_600_000;
const DUMP = String.raw`run ws-042 minidump.ps1 OfficeClickToRun then get C:\windows\TEMP\OfficeClickToRun.dmp.zip`;
const WHY =
  'INC-1239 memory and traces of a suspicious process, before the machine is wiped and given to somebody else';
const SEVERAL = [
  'put ws-042 yara-rules.yar',
  ...['run minidump.ps1 OfficeClickToRun', 'run Get-SecurityEvents.ps1', 'run Remove-Persistence.ps1 WinUpdSvc'],
  String.raw`get C:\windows\TEMP\OfficeClickToRun.dmp.zip`,
].join(' then ');

/** From the line to the end, with the thread; it leaves an approved version of minidump.ps1 behind. */
export async function theWholeWay({ stage, album }: Show): Promise<void> {
  const id = await stage.ask('ana', `${DUMP} --reason "INC-1234 memory of a suspicious process"`);
  const waits = await stage.says(id, /Waiting for approval/);
  const card = album.message(waits, 'Withdraw');
  await album.become('lea');
  await album.shootState('Waiting for approval, as an approver sees it', waits, 'Withdraw');
  await album.each(async (desk) => {
    await card(desk).getByRole('button', { name: 'Approve' }).click();
    await desk.dialog().getByText('Run this on').waitFor();
  });
  await album.shoot('deciding', 'The question before an approval counts', ({ dialog }) => dialog());
  await album.each((desk) => desk.dialog().getByRole('button', { name: 'Back' }).click());

  await stage.press('lea', id, 'approve');
  await stage.says(id, /command 1 of 2/);
  await album.shootState('Running: the first of two commands', await stage.says(id, /./), 'command 1 of 2');
  await stage.says(id, /Finished in[\s\S]*Open results/);
  await stage.says(id, /collected, /);
  await album.become('ana');
  const end = await stage.says(id, /./);
  const done = album.message(end, 'Finished in');
  await album.shootState('Finished', end, 'Finished in');
  await album.each(async (desk) => {
    await done(desk).locator('.thread-link', { hasText: '4 replies' }).click();
  });
  const replies = ({ thread }: Parameters<typeof done>[0]) => thread().locator('.list');
  await album.shoot('thread', 'The thread', (desk) => replies(desk));
  await album.each((desk) => desk.page.getByRole('button', { name: 'Close the thread' }).click());
}

/** What a card waits with: warnings, an approval of two, what changed, and how waiting ends without one. */
export async function decisions({ stage, album }: Show): Promise<void> {
  stage.defender.control.putFile({ fileName: 'minidump.ps1', content: 'param([string]$Name) # of today' });
  await stage.forget();
  await album.become('lea');
  const warned = await stage.ask('ana', 'run ws-013 minidump.ps1 lsass --reason "INC-1240 odd logons"');
  await album.shootState('Waiting, with warnings', await stage.says(warned, /changed since/), '⚠');

  const two = await stage.ask('ana', 'run dc-01 Get-Processes.ps1 --reason "INC-1241 odd service account"');
  await stage.press('lea', two, 'approve');
  await album.shootState('One of two approvals is there', await stage.says(two, /1 so far/), '1 so far');

  await album.become('ana');
  const back = await stage.ask('ana', 'run ws-033 Get-Autoruns.ps1');
  await stage.press('ana', back, 'withdraw');
  await album.shootState('Withdrawn', await stage.says(back, /Withdrawn by/), 'Withdrawn by');

  await fiveCommands({ stage, album });
  await denial({ stage, album });
}

/** As much as a request may hold. */
export async function fiveCommands({ stage, album }: Show): Promise<void> {
  const long = await stage.ask('ana', `${SEVERAL} --reason "${WHY}"`);
  const tight = await stage.says(long, /Waiting for approval/);
  await album.shootState(
    'Five commands, with less about their files, so that all fits one screen',
    tight,
    /4\s*Run script\s*by /,
  );
  await stage.press('ana', long, 'withdraw');
}

async function denial({ stage, album }: Show): Promise<void> {
  const id = await stage.ask('ana', String.raw`get ws-022 C:\Users\mia\Desktop\salaries.xlsx`);
  await stage.press('lea', id, 'deny');
  await album.shootState('Denied, without a reason', await stage.says(id, /Denied by/), 'no reason given');
  const asked = await stage.heard('lea', /Say why/);
  await album.become('lea');
  await album.shoot('answers', 'Who denied is asked for the reason', album.message(asked.ts, 'Say why'));
  await stage.answer('lea', asked, 'deny_reason');
  await album.each(async ({ dialog }) => {
    await dialog().getByLabel(/^Why/).fill('Personal file, and not part of the incident');
  });
  await album.shoot('form', 'Why somebody denies', ({ dialog }) => dialog());
  await album.each(async (desk) => {
    // The first desk sends it, which closes the form at both.
    const send = desk.dialog().locator('button[type=submit]');
    if (await send.isVisible()) await send.click();
    await desk.dialog().waitFor({ state: 'detached' });
  });
  await album.become('ana');
  await album.shootState('Denied, with the reason', await stage.says(id, /Personal file/), 'Personal file');
}

/** What happens between an approval and the start: paused, in line, changed, refused by Defender. */
export async function inLine({ stage, album }: Show): Promise<void> {
  await album.become('ana');
  await stage.whisper('lea', 'pause maintenance until noon', /paused/i);
  const lines = ['run ws-018 Get-Services.ps1', 'run ws-021 Get-Processes.ps1', 'run ws-022 Get-Processes.ps1'];
  const [changed = '', first = '', second = ''] = await approvedOnes(stage, lines);
  await album.shootState(
    'Approved, and all submissions are paused',
    await stage.says(changed, /paused by/),
    'paused by',
  );

  stage.defender.control.putFile({ fileName: 'Get-Services.ps1', content: 'Get-Service # of today' });
  await stage.callsPerMinute(1);
  await stage.whisper('lea', 'resume', /./);
  const again = await stage.says(changed, /approval again/);
  await album.shootState('What was approved has changed, so it waits again', again, 'approval again');
  await stage.says(first, /picked it up|Running/);
  const [third = ''] = await approvedOnes(stage, ['run ws-033 Get-Processes.ps1']);
  await stage.says(second, /next in line|picked it up|Running/, { frozen: true });
  await album.shootState('Approved and in line', await stage.says(third, /in line/, { frozen: true }), 'in line');
  await stage.callsPerMinute(10);
  await stage.says(third, /Finished in/);

  stage.defender.control.fault({ kind: 'missing_role' });
  const [refused = ''] = await approvedOnes(stage, ['run ws-040 Get-Processes.ps1']);
  await album.shootState('Defender refused it', await stage.says(refused, /Failed/), 'Failed');
}

/** Machines that are off, and cancelling. */
export async function waitingForTheMachine({ stage, album }: Show): Promise<void> {
  await album.become('ana');
  const [id = ''] = await approvedOnes(stage, ['run ws-013 Get-Processes.ps1 --reason "INC-1242 check before wiping"']);
  const sent = await stage.says(id, /picked it up yet/);
  await album.shootState('The machine hasn’t picked it up', sent, 'picked it up yet');
  const [behind = ''] = await approvedOnes(stage, ['run ws-013 Get-Services.ps1']);
  const blocked = await stage.says(behind, /runs on this machine/, { frozen: true });
  await album.shootState('Its machine has something of the bot’s to do', blocked, 'runs on this machine');
  await stage.press('ana', behind, 'cancel');
  stage.defender.control.fault({ kind: 'throttle', on: 'cancel', seconds: 20, times: 2 });
  await stage.press('ana', id, 'cancel');
  const asked = await stage.says(id, /taken it yet/, { frozen: true });
  await album.shootState('A cancel that Defender hasn’t taken yet', asked, 'cancel requested');
  await album.shootState('Cancelled', await stage.says(id, /Cancelled/), 'Cancelled');
}

/** Scripts that end in other ways than well. */
export async function badEnds({ stage, album }: Show): Promise<void> {
  stage.defender.library.put(
    {
      fileName: 'Get-Patches.ps1',
      content: 'Get-HotFix',
      description: 'Lists installed updates.',
      run: () => ({
        exitCode: 0,
        output: 'KB5066835  Security Update  14.10.2026\r\nKB5068861  Update           28.10.2026\r\n',
        errors: 'Get-HotFix : The RPC server is unavailable for 1 of 3 sources.\r\n',
      }),
    },
    Date.now(),
  );
  stage.defender.control.putFile({
    fileName: 'Find-Archives.ps1',
    content: 'Get-ChildItem C:\\ -Recurse',
    workMs: HOUR,
  });
  const [errors = '', failed = '', exit = '', slow = ''] = await approvedOnes(stage, [
    'run ws-001 Get-Patches.ps1',
    'run ws-002 Remove-Persistence.ps1 WinUpdSvc then get C:\\Windows\\Temp\\removed.log',
    'run ws-018 Test-Baseline.ps1',
    'run ws-041 Find-Archives.ps1',
  ]);
  const end = async (name: StateName, id: string, words: RegExp): Promise<void> => {
    await album.shootState(name, await stage.says(id, words, { step: 2_000, atMost: 20 * 60_000 }), words);
  };
  await end('Finished, with errors on its error stream', errors, /Finished in[\s\S]*but it wrote errors/);
  await end('Failed', failed, /Failed: /);
  await end('Finished, but not with exit 0', exit, /not every script ended with exit 0/);
  await end('Timed out', slow, /Timed out/);
}

/** Defender wants no more for a while; then a machine is busy, with what nobody knows. */
export async function turnedAway({ stage, album }: Show): Promise<void> {
  await album.become('ana');
  stage.defender.control.fault({ kind: 'throttle', seconds: 90 });
  const [slow = ''] = await approvedOnes(stage, ['run ws-021 Get-Services.ps1']);
  const slowed = await stage.says(slow, /slow down until/, { frozen: true });
  await album.shootState('Defender wants a pause', slowed, 'slow down until');
  await stage.says(slow, /Finished in/);

  stage.defender.control.fault({ kind: 'busy' });
  const [busy = ''] = await approvedOnes(stage, ['run ws-033 Get-Services.ps1']);
  const looks = await stage.says(busy, /maybe with this very request/);
  await album.shootState('Defender says busy, and maybe with this one', looks, 'Looking until');
  const waits = await stage.says(busy, /a session that is not mine/);
  await album.shootState('Its machine has somebody else’s session', waits, 'a session that is not mine');
  await stage.says(busy, /Finished in/);
}

/** Nobody knows whether it started; and what started without approval. `meanwhile`: while both wait for somebody's word. */
export async function openEnds({ stage, album }: Show, meanwhile: () => Promise<void>): Promise<void> {
  stage.defender.control.fault({ kind: 'reset' });
  await album.become('lea');
  const [id = ''] = await approvedOnes(stage, ['run ws-040 Get-Autoruns.ps1']);
  const looks = await stage.says(id, /answer whether it started/);
  await album.shootState('Defender didn’t answer whether it started', looks, 'Looking until');
  const unclear = await stage.says(id, /Still unclear/);
  await album.shootState('Unclear, so somebody has to say', unclear, 'Still unclear');

  await album.become('leo');
  const line = 'run ws-041 Get-NetworkConnections.ps1 --break-glass --reason "ransomware spreading"';
  const broke = await stage.ask('lea', line);
  const begun = await stage.says(broke, /Running[\s\S]*To be reviewed/);
  await album.shootState('Break-glass: started without approval', begun, 'To be reviewed');
  await meanwhile();

  await stage.press('lea', id, 'it_ran');
  const settled = await stage.says(id, /says that it ran/);
  await album.shootState('An approver said that it ran', settled, 'says that it ran');
  await stage.says(broke, /Finished in[\s\S]*Open results/);
  await stage.press('leo', broke, 'reviewed');
  const reviewed = await stage.says(broke, /Reviewed by/);
  await album.shootState('Break-glass: reviewed', reviewed, 'Reviewed by');
}

/** A library file is deleted. */
export async function deletion({ stage, album }: Show): Promise<void> {
  await album.become('ana');
  const asked = await stage.whisper('ana', 'library delete yara-rules.yar', /would delete/);
  await album.shoot(
    'deletion',
    'Deleting a library file: its author is asked first',
    album.message(asked.ts, 'would delete'),
  );
  const id = /LR-\w{6}/.exec(asked.text)?.[0] ?? '';
  await stage.answer('ana', asked, 'confirm');
  const card = await stage.says(id, /Waiting for approval/);
  await album.become('lea');
  await album.shootState('Deleting a library file waits for approval', card, 'Delete from library');
  await stage.press('lea', id, 'approve');
  await album.shootState('Deleted', await stage.says(id, /Finished: /), 'Finished: ');
}

/** Hours later: what found no second approval in time. */
export async function expiry({ stage, album }: Show): Promise<void> {
  await album.become('ana');
  const id = await stage.ask('ana', 'run dc-02 Get-Processes.ps1 --reason "INC-1243 odd service account"');
  await stage.press('leo', id, 'approve');
  await stage.says(id, /1 so far/);
  const ts = await stage.says(id, /Expired/, { step: 60_000, atMost: 3 * HOUR, frozen: true });
  await album.shootState('Expired', ts, 'Expired');
}

/** Requests of Ana's with Leo's approval, where the policy asks for one. */
async function approvedOnes(stage: Stage, lines: readonly string[], approver: Who = 'lea'): Promise<string[]> {
  const ids: string[] = [];
  for (const line of lines) {
    const id = await stage.ask('ana', line);
    await stage.says(id, /Waiting for approval/, { frozen: true });
    await stage.press(approver, id, 'approve');
    await stage.says(id, /Approved by/, { frozen: true });
    ids.push(id);
  }
  return ids;
}
