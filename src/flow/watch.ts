import { DefenderError } from '../errors.ts';
import { shortName } from '../model/machine.ts';
import { type Reply, strong, text } from '../model/notice.ts';
import { type CommandProgress, moveRun, type Request, type Run, type RunStatus } from '../model/request.ts';
import { fileIn } from './binding.ts';
import { shouldCancel, withBotsCancel } from './cancel.ts';
import { changeRun, endRun, retryConflicts, wakeReport } from './changes.ts';
import { duration, isToCollect } from './collect.ts';
import type { Deps } from './deps.ts';
import { stoppedBy } from './nothing-sent.ts';
import { cleanOutput } from './output.ts';
import type { Look, MachineAction, Tx } from './ports.ts';
import { mayLook } from './read-pace.ts';
import { askWhetherItRan } from './unclear.ts';

/** So much of what Defender says about a failed command is kept. */
const LONGEST_ERROR = 2_000;
const MOST_ERRORS = 50;
/** Longer than Defender usually needs. Milliseconds. */
const LONG_WAIT = 5 * 60_000;

/** Defender's own words for an action at its end. Any other word means that it goes on. */
const ENDS: Record<string, Extract<RunStatus, 'succeeded' | 'failed' | 'timed_out' | 'cancelled'>> = {
  Succeeded: 'succeeded',
  Failed: 'failed',
  TimeOut: 'timed_out',
  Cancelled: 'cancelled',
};

/** Asks for all running actions at once and stores what is new. */
export async function watch(deps: Deps): Promise<void> {
  const running = (await deps.store.runsBy({ status: ['running'] })).filter((run) => run.actionId !== null);
  if (running.length === 0 || !(await mayLook(deps, running.length))) return;
  let look: Look;
  try {
    look = await deps.defender.actions(running.flatMap((run) => run.actionId ?? []));
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    deps.log.warn({ code: error.code }, 'watching failed, trying again at the next tick');
    return;
  }
  const shown = new Map(look.shown.map((action) => [action.id.toLowerCase(), action]));
  for (const run of running) {
    const action = shown.get((run.actionId ?? '').toLowerCase());
    try {
      if (action !== undefined) await follow(deps, run.id, action);
      else if (look.unknown.includes(run.actionId ?? '')) await askWhenLost(deps, run);
    } catch (error) {
      // One record's trouble must not keep the others from being followed.
      deps.log.error({ run: run.id, error }, 'a run could not be followed');
    }
  }
}

/** After this time, beyond the queue for machines that are off, Defender should still know an action. Milliseconds. */
const LOST_AFTER = 3_600_000;
/** Defender may forget an action for a moment, so one that it doesn't know is asked for again over this time. Milliseconds. */
const MISSING_FOR = 10 * 60_000;

/** Defender doesn't know it (any more), time and again: nobody can follow it, so a person has to say. */
async function askWhenLost(deps: Deps, run: Run): Promise<void> {
  const now = deps.clock.now();
  if (now - (run.sentAt ?? 0) < deps.policy().limits.offlineQueue + LOST_AFTER) return;
  if (run.missingSince !== null && now - run.missingSince < MISSING_FOR) return;
  await changeRun(deps.store, run.id, async (tx, current, request) => {
    if (current.status !== 'running') return null;
    if (current.missingSince === null) return { ...current, missingSince: now };
    if (now - current.missingSince < MISSING_FOR) return null;
    await tx.audit({
      actor: 'bot',
      action: 'run.lost',
      requestId: request.id,
      runId: run.id,
      data: { actionId: run.actionId, missingSince: current.missingSince },
    });
    await askWhetherItRan(tx, deps, current, request);
    await wakeReport(tx, request);
    return moveRun(current, 'unclear', {
      missingSince: null,
      note: [run.note, 'Defender does not list it any more.'].flatMap((note) => note ?? []).join(' '),
    });
  });
}

async function follow(deps: Deps, runId: string, action: MachineAction): Promise<void> {
  await retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const run = await tx.run(runId);
      const request = run === null ? null : await tx.request(run.requestId);
      if (run?.status !== 'running' || request === null) return;
      const commands = run.commands.map((command, index) => progress(command, index, action, request));
      const end = ENDS[action.status];
      if (end === undefined && run.missingSince === null && !isNews(run, action, commands)) return;
      const seen = {
        missingSince: null,
        commands,
        actionStatus: action.status,
        pickedUpAt: run.pickedUpAt ?? pickedUpAt(action, deps.clock.now()),
      };
      if (run.pickedUpAt === null && end === undefined) await announcePickUp(tx, run, request, seen.pickedUpAt);
      await announce(tx, run, request, commands);
      if (end !== undefined) {
        await endRun(tx, deps, run, request, end, { ...seen, note: endNote(run, end, commands) });
        return;
      }
      const saved = await tx.saveRun(run, { ...run, ...seen });
      if (saved.commands.some(isToCollect)) await tx.enqueue({ queue: 'collect', id: run.id });
      await wakeReport(tx, request);
    }),
  );
}

function isNews(run: Run, action: MachineAction, commands: readonly CommandProgress[]): boolean {
  return (
    run.actionStatus !== action.status ||
    commands.some((command, index) => {
      const before = run.commands[index];
      return before?.state !== command.state || before.raw !== command.raw;
    })
  );
}

/** When the machine took it: the first command's start, or now where Defender only says that it is in progress. An end alone proves nothing. */
function pickedUpAt(action: MachineAction, now: number): number | null {
  const starts = action.commands.flatMap((command) => command.startedAt ?? []);
  if (starts.length > 0) return Math.min(...starts);
  return action.status === 'Pending' || ENDS[action.status] !== undefined ? null : now;
}

function progress(before: CommandProgress, index: number, action: MachineAction, request: Request): CommandProgress {
  const shown = action.commands.find((command) => command.index === index);
  const succeeded = action.status === 'Succeeded';
  if ((shown === undefined && !succeeded) || before.state === 'completed' || before.state === 'failed') return before;
  // Defender drops fields depending on the state; an action that succeeded has completed its commands, also the unnamed.
  const word = shown?.status ?? '';
  const state = succeeded && word !== 'Failed' ? 'completed' : stateOf(word, action.status);
  const ended = state === 'completed' || state === 'failed';
  return {
    ...before,
    state,
    raw: word,
    startedAt: shown?.startedAt ?? before.startedAt,
    endedAt: ended ? (shown?.endedAt ?? null) : null,
    errors: (shown?.errors ?? []).map((error) => cleanOutput(error).slice(0, LONGEST_ERROR)).slice(0, MOST_ERRORS),
    result: ended ? resultOf(request, index, state) : before.result,
    ...(state === 'completed' && request.commands[index]?.kind === 'get' ? { file: 'pending' as const } : {}),
  };
}

function stateOf(word: string, actionWord: string): CommandProgress['state'] {
  if (word === 'Completed') return 'completed';
  if (word === 'Failed') return 'failed';
  // Created, and words we don't know, are no progress; what the machine has in hand is running.
  return actionWord !== 'Pending' && ['Submitted', 'Executing', 'PendingResource'].includes(word)
    ? 'running'
    : 'waiting';
}

/** A script leaves output, also a failed one; a collected file is fetched on request only; put leaves nothing. */
function resultOf(request: Request, index: number, state: CommandProgress['state']): CommandProgress['result'] {
  switch (request.commands[index]?.kind) {
    case 'run':
      return 'pending';
    case 'get':
      return state === 'completed' ? 'collected' : 'none';
    default:
      return 'none';
  }
}

/** Who waited for a machine that was off hears that it is there; a quick one needs no word. */
async function announcePickUp(tx: Tx, run: Run, request: Request, pickedUpAt: number | null): Promise<void> {
  const waited = (pickedUpAt ?? 0) - (run.sentAt ?? 0);
  if (pickedUpAt === null || run.sentAt === null || waited < LONG_WAIT) return;
  await tx.insertReply({
    requestId: request.id,
    key: `picked_up:${run.id}`,
    channel: request.channel,
    reply: {
      text: [text('▶ '), strong(shortName(run.machine)), text(` picked it up after ${duration(waited)}.`)],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
}

/** One reply for each command that has just ended and has no output to wait for. Scripts are told by `collect`. */
async function announce(tx: Tx, run: Run, request: Request, commands: readonly CommandProgress[]): Promise<void> {
  for (const [index, command] of commands.entries()) {
    const before = run.commands[index];
    const ended = command.state === 'completed' || command.state === 'failed';
    if (!ended || before?.state === command.state || command.result === 'pending') continue;
    await tx.insertReply({
      requestId: request.id,
      key: `command:${run.id}:${index}`,
      channel: request.channel,
      reply: commandReply(request, index, command),
    });
  }
}

function commandReply(request: Request, index: number, progress: CommandProgress): Reply {
  const command = request.commands[index];
  const good = progress.state === 'completed';
  const words =
    command?.kind === 'get'
      ? [strong(baseName(command.path)), text(good ? ' was collected.' : ' was not collected.')]
      : [
          strong(command?.kind === 'put' ? command.file : 'The command'),
          text(good ? ' was placed.' : ' was not placed.'),
        ];
  return {
    text: [text(good ? '✔ ' : '✘ '), ...words],
    output: progress.errors.slice(0, 20),
    moreLines: Math.max(0, progress.errors.length - 20),
    buttons: [],
  };
}

/** The last part of a path, whatever its slashes. */
function baseName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}

/** What is said at the end of a run that somebody wanted stopped and that went its way. */
function cancelInVain({ cancel }: Run, end: RunStatus): string {
  if (cancel === null) return '';
  const late = end === 'succeeded' ? ', which came too late.' : '.';
  return `${cancel.by.name} asked to cancel it${cancel.note === null ? late : `. ${cancel.note}`}`;
}

function endNote(run: Run, end: RunStatus, commands: readonly CommandProgress[]): string | null {
  if (end !== 'cancelled') return [run.note ?? '', cancelInVain(run, end)].join(' ').trim() || null;
  if (commands.every((command) => command.state === 'completed')) {
    return 'Defender says Cancelled, but the work was already done: the cancel came too late.';
  }
  const by = run.cancel === null ? 'Cancelled at Defender, not by me.' : stoppedBy(run.cancel.by, run.cancel.why);
  const done = commands.some((command) => command.state === 'completed');
  const rest = run.pickedUpAt === null || run.note === null ? '' : ` ${run.note}`;
  return `${done ? `${by} What was done before stays done.` : by}${rest}`;
}

/**
 * Defender runs library files by name, perhaps hours later: until a run ends, the digests that were approved are watched. Changed while
 * nothing has picked it up, the run is cancelled; changed later, the card says that something else may have run.
 */
export async function watchDigests(deps: Deps): Promise<void> {
  const running = await deps.store.runsBy({ status: ['running'] });
  const withFiles: { run: Run; request: Request }[] = [];
  for (const run of running) {
    const request = await deps.store.transaction((tx) => tx.request(run.requestId));
    if (request !== null && request.files.length > 0) withFiles.push({ run, request });
  }
  if (withFiles.length === 0) return;
  const library = await deps.defender.library({ fresh: true, purpose: 'run' });
  for (const { run, request } of withFiles) {
    const changed = request.files.find((file) => fileIn(library, file.fileName)?.sha256 !== file.sha256);
    if (changed !== undefined) await digestChanged(deps, run.id, changed.fileName);
  }
}

async function digestChanged(deps: Deps, runId: string, fileName: string): Promise<void> {
  await changeRun(deps.store, runId, async (tx, run, request) => {
    const pending = run.actionStatus === 'Pending';
    // True however it ends: the cancel may come too late.
    const note = `${fileName} changed after it was approved: something else than what was approved may have run.`;
    const stop = pending && shouldCancel(run, deps.clock.now());
    if (run.status !== 'running' || (run.note === note && !stop)) return null;
    await tx.audit({ actor: 'bot', action: 'run.digest_changed', requestId: request.id, runId, data: { fileName } });
    await wakeReport(tx, request);
    if (!stop) return { ...run, note };
    await tx.enqueue({ queue: 'cancel', id: run.id });
    return { ...withBotsCancel(run, `${fileName} changed after it was approved`, deps.clock.now()), note };
  });
}
