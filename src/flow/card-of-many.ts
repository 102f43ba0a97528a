import { actionOf } from '../actions/index.ts';
import { type Button, type Card, type CommandLine, person, strong, type Text, text } from '../model/notice.ts';
import type { Decision, Request, Run } from '../model/request.ts';
import { approvalFacts, footer, loudLines } from './approval-lines.ts';
import { buttonsOf } from './buttons.ts';
import { versionNote } from './card.ts';
import { calledIn, nameAll } from './machine-names.ts';
import { hasStarted } from './nothing-sent.ts';
import { KINDS, kindOf, type Runs, stateOfAll } from './state-of-many.ts';
import { lineWords, stateOf } from './state-words.ts';
import type { Surroundings } from './surroundings.ts';

/** Machines told one by one: those that somebody has to look at come first. */
const TOLD = 10;
/** Machines that are asked about at once; the next ones follow when these are settled. */
const ASKED_ABOUT = 3;
/** Tags counted behind the number of machines. */
const TAGS = 3;
/** The story of a request on several machines: how it stands with all of them, and by name those that want a look. Pure, as `cardOf`. */
export function cardOfMany(request: Request, runs: Runs, decisions: readonly Decision[], around: Surroundings): Card {
  const ended = request.endedAt !== null;
  const begunRun = runs.find(hasStarted) ?? runs[0];
  const begun = request.status === 'approved' || request.status === 'done';
  return {
    requestId: request.id,
    title: `Live response ${request.id}`,
    state: stateOfAll(request, runs, decisions, around),
    headline: [
      person(request.requester),
      text(request.status === 'waiting' ? ' wants to run on ' : ' asked to run on '),
      strong(`${runs.length} machines`),
      text(tagWords(runs)),
      text(': '),
      // Strong: what a decision is about is never cut, and later nobody should have to look for where it ran.
      strong(begun ? shortNames(runs) : wholeNames(runs)),
    ],
    commands: request.commands.map((_command, index) => commandLine(request, index)),
    facts: [
      ...approvalFacts(request, decisions, around, begunRun),
      ...(begun ? told(request, runs, decisions, around) : []),
    ],
    warnings: [
      ...loudLines(request, decisions, around.now, begunRun),
      ...(ended ? [] : request.warnings.map((warning) => [text(`⚠ ${warning}`)])),
    ],
    footer: footer(request, decisions, around),
    buttons: buttons(request, runs, decisions),
    audience: around.audience,
  };
}

/** `37 machines (3 tier0)`: the tags that most have, but not all. */
function tagWords(runs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const tag of runs.flatMap(({ machine }) => [...new Set(machine.tags)]))
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const some = [...counts].filter(([, count]) => count < runs.length).sort(([, a], [, b]) => b - a);
  const words = some.slice(0, TAGS).map(([tag, count]) => `${count} ${tag}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

const wholeNames = (runs: readonly Run[]): string => nameAll(runs.map(({ machine }) => machine)).join(', ');
const shortNames = (runs: readonly Run[]): string => runs.map(calledIn).join(', ');

/** A line for each machine that hasn't finished well and isn't just in line, the most urgent first. */
function told(request: Request, runs: readonly Run[], decisions: readonly Decision[], around: Surroundings): Text[] {
  const rank = (run: Run): number => KINDS.findIndex(({ kind }) => kind === kindOf(request, run));
  const open = runs
    .filter((run) => kindOf(request, run) !== 'finished' && !isInLine(run))
    .sort((a, b) => rank(a) - rank(b));
  const lines = open.slice(0, TOLD).map((run): Text => {
    const { symbol, words } = stateOf(request, run, decisions, around);
    return [text(`${symbol} `), strong(calledIn(run)), text(': '), ...words];
  });
  const more = open.length - lines.length;
  return [
    ...lines,
    ...(more === 0 ? [] : [[text(`and ${more} more: ${shortNames(open.slice(TOLD))}`)]]),
    ...inLine(runs, around),
  ];
}

/** Waits for its turn and nothing else. */
const isInLine = (run: Run): boolean => run.status === 'queued' && run.waits.for === 'turn';

/** What those wait for that are in line: the same for all of them, and when the next one is sent. */
function inLine(runs: readonly Run[], around: Surroundings): Text[] {
  const waiting = runs.filter(isInLine);
  const [first] = waiting;
  if (first === undefined) return [];
  const words = lineWords(first, around).flatMap((word): Text => (typeof word === 'string' ? [text(word)] : word));
  return [[text(`◌ ${waiting.length} ${waiting.length === 1 ? 'waits for its' : 'wait for their'} turn · `), ...words]];
}

function commandLine(request: Request, index: number): CommandLine {
  const command = request.commands[index];
  if (command === undefined) throw new Error(`${request.id} lacks command ${index}`);
  const action = actionOf(command);
  const file = request.files.find((one) => one.command === index);
  return {
    symbol: `${index + 1}`,
    label: action.label,
    code: action.show(command),
    note: file === undefined ? [] : versionNote(file),
    output: [],
    moreLines: 0,
  };
}

/** Those of each run, once; what is asked about one machine names it. */
function buttons(request: Request, runs: readonly Run[], decisions: readonly Decision[]): Button[] {
  const unclear = runs.filter(({ status }) => status === 'unclear');
  const later = new Set(unclear.slice(ASKED_ABOUT));
  const all = runs
    .filter((run) => !later.has(run))
    .flatMap((run) => buttonsOf(request, run, decisions).map((button) => named(request, runs, run, button)));
  const once = [...new Map(all.map((button) => [`${button.action}:${button.id}`, button])).values()];
  // What is asked of people stands before what they may look at.
  return once.sort((a, b) => Number(a.action === 'results') - Number(b.action === 'results'));
}

function named(request: Request, runs: readonly Run[], run: Run, button: Button): Button {
  if (button.action === 'approve' && button.confirm !== undefined) {
    const commands = request.commands.length === 1 ? 'Its command is' : `Its ${request.commands.length} commands are`;
    const words = `${commands} on the card, and so are the machines.`;
    return { ...button, confirm: { ...button.confirm, title: `Run this on ${runs.length} machines?`, text: words } };
  }
  const settles = button.action === 'it_ran' || button.action === 'it_did_not_run';
  if (!settles) return button;
  const name = calledIn(run);
  const { confirm } = button;
  return {
    ...button,
    label: `${name}: ${button.label}`.slice(0, 75),
    ...(confirm === undefined ? {} : { confirm: { ...confirm, title: `${name}: ${confirm.title}`.slice(0, 100) } }),
  };
}
