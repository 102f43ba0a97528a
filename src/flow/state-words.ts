import type { Command } from '../model/command.ts';
import { shortName } from '../model/machine.ts';
import { type Card, plain, strong, type Text, text, time } from '../model/notice.ts';
import type { CommandProgress, Decision, Request, Run } from '../model/request.ts';
import { duration } from './collect.ts';
import { NO_REASON, nothingSent } from './nothing-sent.ts';
import type { Surroundings } from './surroundings.ts';
import { waitsBecause, waitsNow } from './waits.ts';
import { whyWaiting } from './why-again.ts';

type State = Card['state'];

const say = (symbol: string, ...words: (string | Text)[]): State => ({
  symbol,
  words: words.flatMap((word) => (typeof word === 'string' ? [text(word)] : word)),
});

/** The state of a request in one line: a symbol, and words that say the same. */
export function stateOf(request: Request, run: Run, decisions: readonly Decision[], around: Surroundings): State {
  switch (request.status) {
    case 'received':
      return say('⏳', 'Looking at it');
    case 'unconfirmed':
      return say('⏳', 'Not confirmed yet');
    case 'refused':
      return say('✘', `Refused: ${request.note ?? ''}`);
    case 'waiting':
      return waitingState(request);
    case 'denied':
      return say(
        '✘',
        `Denied by ${request.endedBy?.name ?? 'an approver'} `,
        at(request),
        because(request, run, NO_REASON),
      );
    case 'withdrawn':
      return say('–', `Withdrawn by ${request.endedBy?.name ?? 'the requester'} `, at(request), because(request, run));
    case 'expired':
      return say('–', 'Expired ', at(request), `: not enough approvals in time. ${nothingSent(run, request)}`);
    case 'approved':
    case 'done':
      return runState(request, run, decisions, around);
  }
}

/** Of everything that waits to be decided: whether for the first time, or why again. */
export function waitingState(request: Request): State {
  const why = whyWaiting(request);
  if (why === null) return say('⏳', 'Waiting for approval');
  const again = request.round > 1 ? ' again' : '';
  return say('↺', `Waiting for approval${again}: ${why.replace(', so it needs approval again', '')}`);
}

function at(request: Request): Text {
  return request.endedAt === null ? [] : [time(request.endedAt)];
}

function because(request: Request, run: Run, none = ''): string {
  return `${request.note === null ? none : `: “${request.note}”`}. ${nothingSent(run, request)}`;
}

function runState(request: Request, run: Run, decisions: readonly Decision[], around: Surroundings): State {
  switch (run.status) {
    case 'held':
    case 'queued':
      return say('✔', `${approved(request, decisions)} · `, ...lineWords(run, around));
    case 'submitting':
      return say('▶', 'Sending it to Defender', cancelWords(run));
    case 'reconciling':
      return say(
        '?',
        run.doubt === 'busy'
          ? 'Defender says that the machine is busy, maybe with this very request. '
          : 'Defender didn’t answer whether it started. ',
        'Looking until ',
        [time(run.lookUntil ?? around.now)],
        '. Don’t start it again.',
        cancelWords(run),
      );
    case 'unclear':
      return say('?', 'Still unclear whether it ran. Approvers: did it run?', cancelWords(run));
    case 'running':
      return running(request, run, around);
    case 'succeeded':
      return finished(request, run);
    case 'failed':
      return say(
        '✘',
        `Failed: ${failure(request, run)}${run.commands.some((one) => one.state === 'failed') ? noted(run) : ''}`,
      );
    case 'timed_out':
      return say(
        '✘',
        `Timed out: Defender gave up${unseen(run) ? `.${noPickUp(run)}` : stoppedAt(request, run)}${noted(run)}`,
      );
    case 'cancelled':
      return say('–', run.note?.startsWith('Cancelled') === true ? run.note : `Cancelled. ${run.note ?? ''}`.trim());
  }
}

function approved(request: Request, decisions: readonly Decision[]): string {
  if (request.terms?.approvals === 0) return 'No approval needed';
  const broke = decisions.some((one) => one.round === request.round && one.verdict === 'break_glass');
  return broke ? 'Break-glass, without approval' : 'Approved';
}

/** Why a run in line isn't sent yet, and when it may be. */
export function lineWords(run: Run, around: Surroundings): (string | Text)[] {
  if (around.paused !== null) return [pausedWords(around.paused)];
  if (around.blockedBy !== null) return [`waits: ${around.blockedBy} runs on this machine`];
  const waits = waitsNow(run, around.now);
  if (waits.for === 'machine') return ['waits: the machine is busy with a session that is not mine'];
  if (around.slowUntil !== null) return ['waits: Defender asked us to slow down until ', [time(around.slowUntil)]];
  if (waits.for === 'defender' || waits.for === 'people') return [waitsBecause(waits.why)];
  return [`${turnWords(around)}; Defender usually needs 2 to 4 min`];
}

/** Who paused it, and why. */
export function pausedWords({ by, why }: NonNullable<Surroundings['paused']>): string {
  return `paused by ${by}${why === null ? '' : `: ${why}`}`;
}

/** Its place, and when its turn comes where that hangs on the pace alone: nobody knows when a session ends. */
function turnWords({ place, freeSessions, callsPerMinute }: Surroundings): string {
  const where = place === 0 ? 'next in line' : `${ordinal(place + 1)} in line`;
  if (place >= freeSessions) return `${where}, waits for a free session`;
  return place === 0 ? where : `${where}, sent in about ${duration(Math.ceil((place * 60) / callsPerMinute) * 1000)}`;
}

function ordinal(place: number): string {
  const ending = place % 100 >= 11 && place % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${ending}`;
}

/** What else there is to know at the end. */
function noted(run: Run): string {
  return run.note === null ? '' : ` ${run.note}`;
}

/** Who asked for it, when and why, and what Defender has said of it. */
function cancelWords({ cancel }: Run): Text {
  if (cancel === null) return [];
  const why = cancel.why === null ? '' : `: “${cancel.why}”`;
  const taken = cancel.untaken === true ? ', Defender hasn’t taken it yet' : '';
  const note = cancel.note === null ? '' : `. ${cancel.note}`;
  return [text(` · cancel requested by ${cancel.by.name} `), time(cancel.at), text(`${why}${taken}${note}`)];
}

/** That what the card says isn't how it stands now, where Defender hasn't told for a while. */
function unseenWords({ unseen }: Run): Text {
  return unseen?.told === true
    ? [text(' · I can’t see since '), time(unseen.since), text(` how it goes: ${unseen.why}`)]
    : [];
}

function running(request: Request, run: Run, around: Surroundings): State {
  if (run.pickedUpAt === null) return notPickedUp(request, run, around);
  if (run.unseen?.told === true) {
    return say('▶', 'It was running, since ', [time(run.pickedUpAt)], unseenWords(run), cancelWords(run));
  }
  const done = run.commands.filter((command) => command.state === 'completed').length;
  const all = run.commands.length;
  const current = Math.min(done + 1, all);
  const script = request.commands[current - 1]?.kind === 'run' && done < all;
  return say(
    '▶',
    [strong('Running'), text(' since '), time(run.pickedUpAt)],
    done === all ? ' · all commands done, Defender is finishing' : all === 1 ? '' : ` · command ${current} of ${all}`,
    script ? ' · a script may take 10 min' : '',
    cancelWords(run),
  );
}

/** Since when the machine is waited for, and until when: by Defender, as far as anybody knows, and by us. Whoever gives up first comes first. */
function notPickedUp(request: Request, run: Run, around: Surroundings): State {
  const ends: { at: number; words: string }[] = [];
  if (run.sentAt !== null) ends.push({ at: run.sentAt + around.offlineQueue, words: 'Defender gives up at about ' });
  // Once somebody has asked for it, the wish says what is to be said.
  if (request.startBy !== null && run.cancel === null) ends.push({ at: request.startBy, words: 'we cancel at ' });
  ends.sort((a, b) => a.at - b.at);
  return say(
    '◌',
    ...(run.unseen?.told === true
      ? ['Sent', unseenWords(run)]
      : [
          `Sent, ${shortName(run.machine)} hasn’t picked it up yet`,
          ...(run.sentAt === null ? [] : [' · since ', [time(run.sentAt)]]),
        ]),
    ...ends.flatMap((end, index) => [`${index === 0 ? ' · ' : ', '}${end.words}`, [time(end.at)]]),
    cancelWords(run),
  );
}

/** How a run ended of which Defender says that it succeeded: that says nothing of its scripts. */
export function finished(request: Request, run: Run): State {
  const began = run.pickedUpAt ?? run.sentAt;
  const took = began === null || run.endedAt === null ? '' : ` in ${duration(run.endedAt - began)}`;
  const badExit = run.commands.some((command) => command.exitCode !== null && command.exitCode !== 0);
  const note = run.note === null ? '' : `. ${run.note}`;
  // Nothing was seen of it, so nothing is said but their word.
  if (run.settledBy !== null && unseen(run)) return say('?', `Finished${note}`);
  if (badExit) return say('⚠', `Finished${took}, but not every script ended with exit 0${note}`);
  const silent = scriptsWithoutExit(request, run);
  const [unread] = silent.filter(isBeingRead);
  if (unread !== undefined) {
    const { trouble } = unread.progress;
    return trouble === null
      ? say('◌', `Finished${took}, reading the output${note}`)
      : say('◌', `Finished${took}. ${trouble}${noted(run)}`);
  }
  if (silent.length === 0) return say('✔', `Finished${took}${note}`);
  const names = [...new Set(silent.map(({ script }) => script))].join(' and ');
  return say('?', `Finished${took}, but I couldn’t read whether ${names} succeeded${note}`);
}

interface Silent {
  script: string;
  progress: CommandProgress;
}

/** The scripts of which nobody knows (yet) how they ended: that Defender says Succeeded says nothing of it. */
function scriptsWithoutExit(request: Request, run: Run): Silent[] {
  return run.commands.flatMap((progress, index) => {
    const command = request.commands[index];
    return command?.kind === 'run' && progress.exitCode === null ? [{ script: command.script, progress }] : [];
  });
}

/** Whether its output, which holds the exit, is still to be read. */
function isBeingRead({ progress }: Silent): boolean {
  return progress.state === 'completed' && progress.result === 'pending';
}

/** Whether nothing was ever seen of the machine having it. */
function unseen(run: Run): boolean {
  return run.pickedUpAt === null && run.commands.every(({ state }) => state === 'waiting');
}

/** Not that it never did: Defender may leave out what would show it. */
function noPickUp(run: Run): string {
  return ` Nothing shows that ${shortName(run.machine)} picked it up.`;
}

/** Which command Defender didn't wait for any longer, where it says so: ` on slow.ps1.` */
function stoppedAt(request: Request, run: Run): string {
  const index = run.commands.findIndex(({ state }) => state === 'failed' || state === 'running');
  const command = request.commands[index];
  return command === undefined ? '.' : ` on ${nameOf(command)}.${notRun(run, index)}`;
}

/** What failed, with what followed from it only where Defender says so. */
function failure(request: Request, run: Run): string {
  const index = run.commands.findIndex((command) => command.state === 'failed');
  const command = request.commands[index];
  const progress = run.commands[index];
  if (command === undefined || progress === undefined) {
    // What was refused has its reason there; what ran at Defender, only what else there is to know.
    if (run.note !== null && run.actionId === null) return run.note;
    const nothing = run.sentAt !== null && unseen(run) ? noPickUp(run) : '';
    return `Defender gave no reason.${nothing}${noted(run)}`;
  }
  const exit = progress.exitCode === null ? ' failed' : ` ended with exit ${progress.exitCode}`;
  const took =
    progress.startedAt === null || progress.endedAt === null
      ? ''
      : ` after ${duration(progress.endedAt - progress.startedAt)}`;
  return `${nameOf(command)}${exit}${took}.${notRun(run, index)}`;
}

function nameOf(command: Command): string {
  return command.kind === 'run' ? command.script : command.kind === 'get' ? command.path : command.file;
}

/** That nothing came after this command, only where Defender says so. */
function notRun(run: Run, index: number): string {
  return run.commands.slice(index + 1).some((later) => later.raw === 'Created')
    ? ' The commands after it did not run.'
    : '';
}

/** The state in plain words, for status lines. */
export function stateWords(state: State): string {
  return `${state.symbol} ${plain(state.words)}`;
}
