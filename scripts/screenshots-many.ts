// A part of `npm run screenshots`: a request on several machines, from waiting to its end.
import type { Show } from './screenshots-cards.ts';

/** All machines of a tag: two are sent at once, a third when the pace allows it, and the last one waits for the end of a pause. */
export async function severalMachines({ stage, album }: Show): Promise<void> {
  const line = 'run minidump.ps1 OfficeClickToRun --tag finance --reason "INC-1250 worm"';
  const id = await stage.ask('ana', line);
  const waits = await stage.says(id, /Waiting for approval/, { frozen: true });
  await album.become('lea');
  await album.shootState('Several machines: waiting for approval', waits, 'Withdraw');

  await stage.forget();
  await stage.callsPerMinute(2);
  await stage.press('lea', id, 'approve');
  const begun = await stage.says(id, /2 running[\s\S]*2 wait for their turn/);
  await album.shootState('Several machines: on their way', begun, '2 wait for their turn');

  await stage.callsPerMinute(3);
  await stage.says(id, /1 waits for its turn/, { frozen: true });
  await stage.whisper('lea', 'pause maintenance until noon', /paused/i);
  const paused = await stage.says(id, /3 of 4 done[\s\S]*paused by/);
  await album.shootState('Several machines: the last one waits, since all is paused', paused, 'paused by');

  await stage.callsPerMinute(10);
  await stage.whisper('lea', 'resume', /./);
  const end = await stage.says(id, /4 of 4 done[\s\S]*Open results/);
  await album.shootState('Several machines: all went well', end, '4 of 4 done');
}
