import type { Request, Run } from '../model/request.ts';
import { isAtDefender } from './action-words.ts';
import { fileIn, isStill, tellsNoVersion, versionOf } from './binding.ts';
import { shouldCancel, withBotsCancel } from './cancel.ts';
import { changeRun, wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';

/**
 * Defender runs library files by name, perhaps hours later: until a run ends, the digests that were approved are watched. Changed while
 * nothing has picked it up, the run is cancelled; changed later, the card says that something else may have run.
 */
export async function watchDigests(deps: Deps): Promise<void> {
  const running = (await deps.store.runsBy({ status: ['running', 'unclear'] })).filter(isAtDefender);
  const withFiles: { run: Run; request: Request }[] = [];
  for (const run of running) {
    const request = await deps.store.transaction((tx) => tx.request(run.requestId));
    if (request !== null && request.files.length > 0) withFiles.push({ run, request });
  }
  if (withFiles.length === 0) return;
  const library = await deps.defender.library({ fresh: true, purpose: 'run' });
  for (const { run, request } of withFiles) {
    const changed = request.files.find((file) => !isStill(file, library));
    if (changed === undefined) continue;
    const { fileName } = changed;
    const now = fileIn(library, fileName);
    const how = now === null ? 'gone' : tellsNoVersion(versionOf(now)) ? 'untold' : 'changed';
    await digestChanged(deps, run.id, fileName, how);
  }
}

/** What the library shows of a file that was approved, in words. */
const CHANGED = {
  gone: 'was deleted from the library after it was approved',
  untold: 'tells no version in the library any more',
  changed: 'changed after it was approved',
};

async function digestChanged(deps: Deps, runId: string, fileName: string, how: keyof typeof CHANGED): Promise<void> {
  await changeRun(deps.store, runId, async (tx, run, request) => {
    const what = `${fileName} ${CHANGED[how]}`;
    const gone = how === 'gone';
    // True however it ends: the cancel may come too late.
    const may = gone ? 'what was approved may not have run.' : 'something else than what was approved may have run.';
    // What people are asked stays to be read.
    const note = [run.asks ?? '', `${what}: ${may}`].join(' ').trim();
    const stop = run.pickedUpAt === null && shouldCancel(run, deps.clock.now());
    if (!isAtDefender(run) || (run.note === note && !stop)) return null;
    const data = { fileName, ...(how === 'changed' ? {} : { [how]: true }) };
    await tx.audit({ actor: 'bot', action: 'run.digest_changed', requestId: request.id, runId, data });
    await wakeReport(tx, request);
    if (!stop) return { ...run, note };
    await tx.enqueue({ queue: 'cancel', id: run.id });
    return { ...withBotsCancel(run, what, deps.clock.now()), note };
  });
}
