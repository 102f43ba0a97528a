import { DefenderError } from '../errors.ts';
import { person, type Reply, strong, text } from '../model/notice.ts';
import type { CommandProgress, Request, Run } from '../model/request.ts';
import { changeRun, isToldWithout, sayEnd, wakeReport } from './changes.ts';
import { isToLookAt, lookAtFile, mayLookAtFiles } from './collect-file.ts';
import type { Deps } from './deps.ts';
import { cleanOutput } from './output.ts';
import type { ScriptResult, Tx } from './ports.ts';
import { isTold, whichOf } from './told-apart.ts';
import { withoutAdvice } from './waits.ts';

/** So much of a script's output is kept for the results page. Bytes. */
const KEEP = 5 * 1024 * 1024;
/** A result is tried for about half an hour; then the thread says so, and the results page tries again on request. */
const MAX_TRIES = 60;
/** A script that failed before it wrote anything has no output, and Defender says so only by never having it. */
const MAX_MISSING_FAILED = 8;
/** More of one line doesn't help anybody in a chat. */
const LONGEST_LINE = 500;
/** From this try on the card says why the output isn't here: right at the end, Defender often hasn't got it yet. */
const WORTH_A_WORD = 3;
/** As long after the script's end where Defender couldn't even be asked. Milliseconds. */
const WORTH_A_WORD_AFTER = 30_000;
const TRY_EVERY = 3_000;
const TRY_AT_MOST_EVERY = 30_000;

/**
 * Reads what the finished scripts of a run wrote, one after the other, and last of all looks at collected files; what isn't ready yet is
 * tried again later.
 */
export async function collect(deps: Deps, runId: string): Promise<void> {
  const run = await dueRun(deps, runId);
  if (run === null) return;
  for (const [index, command] of run.commands.entries()) {
    if (isUnread(command)) await collectOne(deps, runId, run.actionId, index);
  }
  const rest = await dueRun(deps, runId);
  if (rest === null || !mayLookAtFiles(rest)) return;
  for (const [index, command] of rest.commands.entries()) {
    if (isToLookAt(command)) await lookAtFile(deps, rest, rest.actionId, index);
  }
}

async function dueRun(deps: Deps, runId: string): Promise<(Run & { actionId: string }) | null> {
  const run = await deps.store.transaction((tx) => tx.run(runId));
  if (run === null || run.notBefore > deps.clock.now()) return null;
  const { actionId } = run;
  return actionId === null ? null : { ...run, actionId };
}

/** Whether a script has ended whose output is still to be read. */
function isUnread({ result, state }: CommandProgress): boolean {
  return result === 'pending' && (state === 'completed' || state === 'failed');
}

/** Whether `collect` has anything to do for a run, at once or later. */
export function isToCollect(run: Pick<Run, 'endedAt' | 'commands'>): boolean {
  return run.commands.some(isUnread) || (mayLookAtFiles(run) && run.commands.some(isToLookAt));
}

async function collectOne(deps: Deps, runId: string, actionId: string, index: number): Promise<void> {
  try {
    await keep(deps, runId, index, await deps.defender.scriptResult(actionId, index, KEEP));
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    await tryLater(deps, runId, index, error);
  }
}

async function keep(deps: Deps, runId: string, index: number, result: ScriptResult): Promise<void> {
  const output = cleanOutput(result.output);
  const errors = cleanOutput(result.errors);
  await changeRun(deps.store, runId, async (tx, run, request) => {
    if (run.commands[index]?.result !== 'pending') return null;
    await tx.putOutput({
      runId,
      index,
      output,
      errors,
      exitCode: result.exitCode,
      size: result.size,
      sha256: result.sha256,
      truncated: result.truncated,
    });
    await tx.audit({
      actor: 'bot',
      action: 'result.collected',
      requestId: request.id,
      runId,
      data: { index, size: result.size, sha256: result.sha256, exitCode: result.exitCode, truncated: result.truncated },
    });
    const limit = deps.policy().results.inlineLines;
    const failed = run.commands[index]?.state === 'failed' || (result.exitCode ?? 0) !== 0;
    const shown = linesOf(failed && errors !== '' ? errors : output).map((line) => line.slice(0, LONGEST_LINE));
    const after = withCommand(run, index, {
      result: 'collected',
      exitCode: result.exitCode,
      head: shown.slice(0, limit).map((line) => line.slice(0, LONGEST_LINE)),
      moreLines: Math.max(0, shown.length - limit),
      wroteErrors: errors.trim() !== '',
      trouble: null,
    });
    return finish({ tx, deps }, run, after, request, index);
  });
}

async function tryLater(deps: Deps, runId: string, index: number, error: DefenderError): Promise<void> {
  await changeRun(deps.store, runId, async (tx, run, request) => {
    const command = run.commands[index];
    if (command?.result !== 'pending') return null;
    const { tries, missing } = counted(command, error);
    const inVain = tries >= MAX_TRIES || (command.state === 'failed' && missing >= MAX_MISSING_FAILED);
    if (!inVain && error.code !== 'defender_forbidden') {
      const now = deps.clock.now();
      const wait = error.retryAfter ?? Math.min(TRY_EVERY * tries, TRY_AT_MOST_EVERY);
      const late = error.unasked && now - (command.endedAt ?? now) >= WORTH_A_WORD_AFTER;
      const trouble = tries >= WORTH_A_WORD || late ? notYet(error) : null;
      await tx.saveRun(run, { ...withCommand(run, index, { tries, missing, trouble }), notBefore: now + wait });
      if (trouble !== command.trouble) await wakeReport(tx, request);
      await sayEnd(tx, request.id);
      return null;
    }
    await tx.audit({
      actor: 'bot',
      action: 'result.not_collected',
      requestId: request.id,
      runId,
      data: { index, code: error.code },
    });
    const trouble = `Its output could not be read: ${error.message}`;
    return finish({ tx, deps }, run, withCommand(run, index, { tries, result: 'failed', trouble }), request, index);
  });
}

/** Only Defender's own word that there is no output proves that; trouble counts as a try, and what never left not even as that. */
function counted({ tries, missing = 0 }: CommandProgress, { code, unasked }: DefenderError) {
  if (unasked) return { tries, missing };
  return { tries: tries + 1, missing: code === 'defender_not_found' ? missing + 1 : missing };
}

/** Why an output isn't here yet, for who waits for it. */
function notYet(error: DefenderError): string {
  return `Its output couldn’t be read yet: ${withoutAdvice(error.message)} I keep trying.`;
}

/** Stores the run itself, since the end is told only when the last result is in, then says what there is to say. */
async function finish(
  { tx, deps }: { tx: Tx; deps: Deps },
  before: Run,
  after: Run,
  request: Request,
  index: number,
): Promise<null> {
  const saved = await tx.saveRun(before, after);
  const command = saved.commands[index];
  if (command !== undefined && isTold(request, symbolOf(command) === '✔')) {
    await tx.insertReply({
      requestId: request.id,
      key: `command:${saved.id}:${index}`,
      channel: request.channel,
      reply: isToldWithout(before)
        ? lateReply(deps, request, saved, index, command)
        : scriptReply(request, saved, index, command),
    });
  }
  await sayEnd(tx, request.id);
  await wakeReport(tx, request);
  return null;
}

function withCommand(run: Run, index: number, change: Partial<CommandProgress>): Run {
  return { ...run, commands: run.commands.map((command, at) => (at === index ? { ...command, ...change } : command)) };
}

function scriptReply(request: Request, run: Run, index: number, progress: CommandProgress): Reply {
  const command = request.commands[index];
  const name = command?.kind === 'run' ? command.script : 'The script';
  return {
    text: [text(`${symbolOf(progress)} `), ...whichOf(request, run), strong(name), text(` ${howItEnded(progress)}`)],
    output: progress.head,
    moreLines: progress.moreLines,
    buttons: [],
  };
}

/** After the end was told: who asked is called once more, and finds the output from here. */
function lateReply(deps: Deps, request: Request, run: Run, index: number, progress: CommandProgress): Reply {
  const reply = scriptReply(request, run, index, progress);
  const mention = deps.policy().notify.approvers !== 'none';
  return {
    ...reply,
    text: [person(request.requester, mention), text(' '), ...reply.text],
    buttons:
      progress.result === 'collected'
        ? [{ action: 'results', id: request.id, label: 'Open results', tone: 'primary' }]
        : [],
  };
}

/** Only an exit code tells that a script did well. */
function symbolOf({ state, exitCode }: CommandProgress): string {
  if (state === 'failed' || (exitCode ?? 0) !== 0) return '✘';
  return exitCode === null ? '?' : '✔';
}

/** How a script ended, in words: `ended with exit 0 after 48 s, but it wrote errors.` */
export function howItEnded(progress: CommandProgress): string {
  const exit = progress.exitCode === null ? 'ended with an unknown exit code' : `ended with exit ${progress.exitCode}`;
  const took =
    progress.startedAt === null || progress.endedAt === null
      ? ''
      : ` after ${duration(progress.endedAt - progress.startedAt)}`;
  const errors = progress.exitCode === 0 && progress.wroteErrors ? ', but it wrote errors' : '';
  const trouble = progress.trouble === null ? '' : ` ${progress.trouble}`;
  return `${exit}${took}${errors}.${trouble}`;
}

/** A length of time for people: `3 s`, `3 min 12 s`, `2 h 5 min`, `41 days`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds >= 48 * 3600) return `${Math.floor(seconds / 86_400)} days`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600)
    return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.floor((seconds % 3600) / 60);
  return minutes === 0 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 3600)} h ${minutes} min`;
}

function linesOf(output: string): string[] {
  const lines = output.split('\n');
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}
