import { actionOf } from '../actions/index.ts';
import type { Command } from '../model/command.ts';
import { shortName } from '../model/machine.ts';
import { type Card, type CommandLine, link, person, strong, type Text, text, time } from '../model/notice.ts';
import type { BoundFile, CommandProgress, Decision, FileVersion, Request, Run } from '../model/request.ts';
import { sizeWords } from '../model/size.ts';
import { approvalFacts, footer, loudLines } from './approval-lines.ts';
import { buttonsOf } from './buttons.ts';
import { duration } from './collect.ts';
import { osName } from './machine-facts.ts';
import { stateOf } from './state-words.ts';
import type { Surroundings } from './surroundings.ts';

/** The whole story of a request as it stands now. Pure: the same record gives the same card. */
export function cardOf(request: Request, run: Run, decisions: readonly Decision[], around: Surroundings): Card {
  const ended = run.endedAt !== null || request.endedAt !== null;
  return {
    requestId: request.id,
    title: `Live response ${request.id}`,
    state: stateOf(request, run, decisions, around),
    headline: headline(request, run),
    commands: request.commands.map((_command, index) => commandLine(request, run, index, around.shared)),
    facts: facts(request, run, decisions, around, ended),
    warnings: [
      ...loudLines(request, decisions, around.now, run),
      ...(ended ? [] : [...undigested(request), ...request.warnings].map((warning) => [text(`⚠ ${warning}`)])),
    ],
    footer: footer(request, decisions, around),
    buttons: buttonsOf(request, run, decisions),
    audience: around.audience,
  };
}

function headline(request: Request, run: Run): Text {
  const { machine } = run;
  const parts = [osName(machine), machine.group, machine.risk === '' ? '' : `Defender risk: ${machine.risk}`];
  const tags = machine.tags.length === 0 ? '' : `tags: ${machine.tags.join(', ')}`;
  const facts = [...parts, tags].filter((part) => part !== '').join(' · ');
  const verb = request.status === 'waiting' ? ' wants to run on ' : ' asked to run on ';
  return [
    person(request.requester),
    text(verb),
    strong(machine.name || shortName(machine)),
    text(facts === '' ? '' : `  ${facts}`),
  ];
}

function commandLine(request: Request, run: Run, index: number, shared: boolean): CommandLine {
  const command = request.commands[index];
  const progress = run.commands[index];
  if (command === undefined || progress === undefined) throw new Error(`${run.id} lacks command ${index}`);
  const action = actionOf(command);
  const started = request.status === 'approved' || request.status === 'done';
  return {
    symbol: started ? symbolOf(progress, run, command.kind) : `${index + 1}`,
    label: action.label,
    code: action.show(command),
    note:
      started && progress.state !== 'waiting'
        ? progressNote(shared ? { ...progress, errors: [] } : progress, command.kind, run.endedAt !== null)
        : fileNote(request.files, index),
    output: shared ? [] : progress.head,
    moreLines: shared ? 0 : progress.moreLines,
  };
}

function symbolOf(progress: CommandProgress, run: Run, kind: Command['kind']): string {
  switch (progress.state) {
    case 'completed':
      // Only its exit code tells whether a script did well.
      if (kind === 'run' && progress.exitCode === null) return progress.result === 'pending' ? '◌' : '?';
      return (progress.exitCode ?? 0) === 0 ? '✔' : '✘';
    case 'failed':
      return '✘';
    case 'running':
      return run.endedAt === null ? '▶' : '–';
    case 'waiting':
      // Somebody said that it ran, and nothing was seen of it.
      if (run.status === 'succeeded' && run.settledBy !== null) return '?';
      return run.endedAt === null ? '◌' : '–';
  }
}

function progressNote(progress: CommandProgress, kind: string, runEnded: boolean): Text {
  if (progress.state === 'running') return [text(runEnded ? 'was still running' : 'running')];
  const took =
    progress.startedAt === null || progress.endedAt === null ? [] : [duration(progress.endedAt - progress.startedAt)];
  const errors = progress.exitCode === 0 && progress.wroteErrors ? ['but it wrote errors'] : [];
  const exit =
    kind !== 'run'
      ? [
          progress.state === 'completed'
            ? kind === 'get'
              ? collected(progress)
              : 'placed'
            : kind === 'get'
              ? 'not collected'
              : 'not placed',
        ]
      : progress.exitCode !== null
        ? [`exit ${progress.exitCode}`]
        : [progress.state === 'completed' ? endedWords(progress) : 'failed'];
  const reading = progress.result === 'pending' && progress.trouble === null ? ['reading its output'] : [];
  const trouble = progress.trouble === null ? [] : [progress.trouble];
  const said = progress.errors.length === 0 ? [] : [`Defender: ${progress.errors.join(' ').slice(0, 300)}`];
  return [text([...exit, ...took, ...errors, ...reading, ...trouble, ...said].join(' · '))];
}

function endedWords({ result }: CommandProgress): string {
  return result === 'pending' ? 'ended' : 'ended, exit code unknown';
}

/** `collected`, with its size where that is known. */
function collected({ file }: CommandProgress): string {
  const known = file === 'pending' || file === undefined || file === null ? null : file.size;
  return known === null ? 'collected' : `collected, ${sizeWords(known)}`;
}

function fileNote(files: readonly BoundFile[], index: number): Text {
  const file = files.find((one) => one.command === index);
  return file === undefined ? [] : versionNote(file);
}

/**
 * Which version of a library file it is: “Dumps a process” · added by Dan, changed 3 Nov · sha256 … Who added it is a span of its own,
 * so that a platform can leave out what stands before it, and cut it, where there is no room.
 */
export function versionNote(file: FileVersion): Text {
  const described = file.description === '' ? '' : `“${file.description}” · `;
  const added = file.addedBy === '' ? 'by somebody unnamed' : `by ${file.addedBy}`;
  const changed = Date.parse(file.updatedAt);
  const when: Text = Number.isNaN(changed) ? [] : [text(', changed '), time(changed, 'date')];
  return [text(`${described}added `), text(added), ...when, text(` · ${digestWords(file)}`)];
}

function digestWords({ sha256 }: FileVersion): string {
  return sha256 === '' ? '⚠ Defender tells no sha256 of it' : `sha256 ${sha256.slice(0, 12)}…`;
}

/** What an approval binds less firmly than usual. */
function undigested({ files }: Request): string[] {
  const names = [...new Set(files.filter(({ sha256 }) => sha256 === '').map(({ fileName }) => fileName))];
  return names.map(
    (name) =>
      `Defender tells no digest of ${name}: the approval is bound to the time of its last change only, not to what is in it.`,
  );
}

function facts(
  request: Request,
  run: Run,
  decisions: readonly Decision[],
  around: Surroundings,
  ended: boolean,
): Text[] {
  const lines = approvalFacts(request, decisions, around, run);
  if (run.note !== null && !ended) lines.push([text(`⚠ ${run.note}`)]);
  if (around.shared && run.commands.some(({ head }) => head.length > 0)) {
    lines.push([
      text('Output isn’t shown here: people of other organisations may read this channel. It is in the results.'),
    ]);
  }
  lines.push([link(around.portalUrl, `${shortName(run.machine)} in Defender ↗`)]);
  return lines;
}
