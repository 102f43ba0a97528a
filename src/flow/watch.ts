import { DefenderError } from '../errors.ts';
import { type Reply, strong, text } from '../model/notice.ts';
import type { CommandProgress, Request, Run, RunStatus } from '../model/request.ts';
import { endOf, isAtDefender, isWord } from './action-words.ts';
import { endRun, retryConflicts, wakeReport } from './changes.ts';
import { duration, isToCollect } from './collect.ts';
import type { Deps } from './deps.ts';
import { askWhenLost, endless, leaveToPeople, noteMissing } from './lost.ts';
import { calledIn } from './machine-names.ts';
import { stoppedBy } from './nothing-sent.ts';
import { cleanOutput } from './output.ts';
import { since } from './ownership.ts';
import type { Look, MachineAction, Tx } from './ports.ts';
import { mayLook } from './read-pace.ts';
import { runningAs } from './send.ts';
import { isTold, whichOf } from './told-apart.ts';
import { hourOf } from './unclear.ts';
import { markAnswered, markUnseen } from './unseen.ts';

/** So much of what Defender says about a failed command is kept. */
const LONGEST_ERROR = 2_000;
const MOST_ERRORS = 50;
/** Longer than Defender usually needs. Milliseconds. */
const LONG_WAIT = 5 * 60_000;

/** Asks for all actions at once that haven't ended, also those that people are asked about, and stores what is new. */
export async function watch(deps: Deps): Promise<void> {
  const running = (await deps.store.runsBy({ status: ['running', 'unclear'] })).filter(isAtDefender);
  if (running.length === 0 || !(await mayLook(deps, running.length))) return;
  let look: Look;
  try {
    look = await deps.defender.actions(running.flatMap((run) => run.actionId ?? []));
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    deps.log.warn({ code: error.code }, 'watching failed, trying again at the next tick');
    await markUnseen(deps, running, error.code, error.code === 'defender_forbidden');
    return;
  }
  const shown = new Map(look.shown.map((action) => [action.id.toLowerCase(), action]));
  for (const run of running) {
    const action = shown.get((run.actionId ?? '').toLowerCase());
    try {
      if (action !== undefined) await follow(deps, run.id, action);
      else if (look.unknown.includes(run.actionId ?? '')) await askWhenLost(deps, await markAnswered(deps, run));
      else {
        const unread = look.unread?.find(({ id }) => id === run.actionId);
        if (unread === undefined) continue;
        if (run.status === 'unclear') await noteMissing(deps, run, null);
        else await markUnseen(deps, [run], unread.code, true);
      }
    } catch (error) {
      // One record's trouble must not keep the others from being followed.
      deps.log.error({ run: run.id, error }, 'a run could not be followed');
    }
  }
}

async function follow(deps: Deps, runId: string, shown: MachineAction): Promise<void> {
  await retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const run = await tx.run(runId);
      const request = run === null ? null : await tx.request(run.requestId);
      if (run === null || !isAtDefender(run) || request === null) return;
      const now = deps.clock.now();
      const action = withPossibleTimes(shown, since(run, request));
      const commands = run.commands.map((command, index) => progress(command, index, action, request));
      const end = endOf(action.status);
      const seen = {
        ...{ missingSince: null, unseen: null },
        commands,
        actionStatus: action.status,
        pickedUpAt: run.pickedUpAt ?? pickedUpAt(action, commands, now),
      };
      const why = endless(deps, { ...run, ...seen }, action, now);
      const asked = run.status === 'unclear';
      const toAsk = why !== null && !asked;
      const goesOn = end !== undefined || why === null;
      if (end === undefined && !toAsk && !(asked && goesOn) && !isNews(run, seen)) return;
      const before = asked && goesOn ? await shownAgain(tx, deps, run, request, action) : run;
      if (run.pickedUpAt === null && end === undefined) await announcePickUp(tx, run, request, seen.pickedUpAt);
      await announce(tx, run, request, commands);
      if (end !== undefined) {
        await endRun(tx, deps, before, request, end, { ...seen, note: endNote(before, end, commands) });
        return;
      }
      const facts = { actionId: action.id, actionStatus: action.status };
      const after = { ...before, ...seen };
      const saved = await tx.saveRun(before, toAsk ? await leaveToPeople(tx, deps, after, request, why, facts) : after);
      if (isToCollect(saved)) await tx.enqueue({ queue: 'collect', id: run.id });
      await wakeReport(tx, request);
    }),
  );
}

/** People were asked whether it ran, and nobody said so yet: now that Defender shows it, nobody has to. */
async function shownAgain(tx: Tx, deps: Deps, run: Run, request: Request, action: MachineAction): Promise<Run> {
  await tx.insertReply({
    requestId: request.id,
    key: `shown_again:${run.id}:${run.attempt}:${hourOf(deps)}`,
    channel: request.channel,
    reply: {
      text: [
        ...whichOf(request, run),
        text('Defender shows how it goes again, so nobody has to say any more whether it ran.'),
      ],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
  return tx.saveRun(run, await runningAs(tx, deps, run, request, action));
}

/** Without times of commands before the run can have been at Defender: they are no times, as an empty date of year 1 is none. */
function withPossibleTimes(action: MachineAction, from: number): MachineAction {
  const possible = (at: number | null) => (at !== null && at < from ? null : at);
  const commands = action.commands.map((command) => ({
    ...command,
    startedAt: possible(command.startedAt),
    endedAt: possible(command.endedAt),
  }));
  return { ...action, commands };
}

function isNews(run: Run, seen: Pick<Run, 'actionStatus' | 'commands' | 'pickedUpAt'>): boolean {
  if (run.missingSince !== null || run.unseen != null) return true;
  if (run.actionStatus !== seen.actionStatus || run.pickedUpAt !== seen.pickedUpAt) return true;
  return seen.commands.some((command, index) => {
    const before = run.commands[index];
    return before?.state !== command.state || before.raw !== command.raw;
  });
}

/**
 * When the machine took it: the first command's start, or now where Defender only says that it is in progress, or that a command is.
 * Neither an end nor a word that we don't know proves it.
 */
function pickedUpAt(action: MachineAction, commands: readonly CommandProgress[], now: number): number | null {
  const starts = action.commands.flatMap((command) => command.startedAt ?? []);
  if (starts.length > 0) return Math.min(...starts);
  if (endOf(action.status) !== undefined) return null;
  return isWord(action.status, 'InProgress') || commands.some(({ state }) => state !== 'waiting') ? now : null;
}

function progress(before: CommandProgress, index: number, action: MachineAction, request: Request): CommandProgress {
  const shown = action.commands.find((command) => command.index === index);
  const succeeded = endOf(action.status) === 'succeeded';
  if ((shown === undefined && !succeeded) || before.state === 'completed' || before.state === 'failed') return before;
  // Defender drops fields depending on the state; an action that succeeded has completed its commands, also the unnamed.
  const word = shown?.status ?? '';
  const state = succeeded && !isWord(word, 'Failed') ? 'completed' : stateOf(word, action.status);
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
  if (isWord(word, 'Completed')) return 'completed';
  if (isWord(word, 'Failed')) return 'failed';
  // Created, and words we don't know, are no progress; what the machine has in hand is running.
  if (isWord(actionWord, 'Pending')) return 'waiting';
  if (isWord(word, 'Executing')) return 'running';
  const known = isWord(actionWord, 'InProgress') || endOf(actionWord) !== undefined;
  return known && ['Submitted', 'PendingResource'].some((one) => isWord(word, one)) ? 'running' : 'waiting';
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
  if (pickedUpAt === null || run.sentAt === null || waited < LONG_WAIT || !isTold(request, true)) return;
  await tx.insertReply({
    requestId: request.id,
    key: `picked_up:${run.id}`,
    channel: request.channel,
    reply: {
      text: [text('▶ '), strong(calledIn(run)), text(` picked it up after ${duration(waited)}.`)],
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
    if (!isTold(request, command.state === 'completed')) continue;
    await tx.insertReply({
      requestId: request.id,
      key: `command:${run.id}:${index}`,
      channel: request.channel,
      reply: commandReply(request, run, index, command),
    });
  }
}

function commandReply(request: Request, run: Run, index: number, progress: CommandProgress): Reply {
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
    text: [text(good ? '✔ ' : '✘ '), ...whichOf(request, run), ...words],
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
  const asked = `${cancel.by.name} asked to cancel it`;
  if (cancel.untaken === true) return `${asked}. Defender didn’t confirm the cancel.`;
  // It may have been on its way at that very moment.
  if (!cancel.sent) return `${asked}. It ended before the cancel got through.`;
  if (cancel.note !== null) return `${asked}. ${cancel.note}`;
  return end === 'succeeded' ? `${asked}, which came too late.` : `${asked}.`;
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
