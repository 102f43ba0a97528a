import { actionOf } from '../actions/index.ts';
import { shortName } from '../model/machine.ts';
import { type Card, type CommandLine, link, person, strong, type Text, text, time } from '../model/notice.ts';
import type { BoundFile, CommandProgress, Decision, Request, Run, Terms } from '../model/request.ts';
import { buttonsOf } from './buttons.ts';
import { duration } from './collect.ts';
import { osName } from './preflight.ts';
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
    warnings: ended ? [] : request.warnings.map((warning) => [text(`⚠ ${warning}`)]),
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
    symbol: started ? symbolOf(progress, run) : `${index + 1}`,
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

function symbolOf(progress: CommandProgress, run: Run): string {
  switch (progress.state) {
    case 'completed':
      return (progress.exitCode ?? 0) === 0 ? '✔' : '✘';
    case 'failed':
      return '✘';
    case 'running':
      return run.endedAt === null ? '▶' : '–';
    case 'waiting':
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
              ? 'collected'
              : 'placed'
            : kind === 'get'
              ? 'not collected'
              : 'not placed',
        ]
      : progress.exitCode !== null
        ? [`exit ${progress.exitCode}`]
        : [progress.state === 'completed' ? 'ended' : 'failed'];
  const reading = progress.result === 'pending' ? ['reading its output'] : [];
  const trouble = progress.trouble === null ? [] : [progress.trouble];
  const said = progress.errors.length === 0 ? [] : [`Defender: ${progress.errors.join(' ').slice(0, 300)}`];
  return [text([...exit, ...took, ...errors, ...reading, ...trouble, ...said].join(' · '))];
}

function fileNote(files: readonly BoundFile[], index: number): Text {
  const file = files.find((one) => one.command === index);
  if (file === undefined) return [];
  const described = file.description === '' ? '' : `“${file.description}” · `;
  const added = file.addedBy === '' ? 'added by somebody unnamed' : `added by ${file.addedBy}`;
  const changed = Date.parse(file.updatedAt);
  const when: Text = Number.isNaN(changed) ? [] : [text(', changed '), time(changed, 'date')];
  return [text(`${described}${added}`), ...when, text(` · sha256 ${file.sha256.slice(0, 12)}…`)];
}

function facts(
  request: Request,
  run: Run,
  decisions: readonly Decision[],
  around: Surroundings,
  ended: boolean,
): Text[] {
  const lines: Text[] = [];
  if (request.reason !== null) lines.push([text('Why: '), text(request.reason)]);
  if (request.status === 'waiting' && request.terms !== null) {
    lines.push(ruleLine(request, around));
  } else if (decisions.length > 0 || request.terms?.approvals === 0) {
    lines.push(approvalLine(request, decisions));
  }
  if (run.note !== null && !ended) lines.push([text(`⚠ ${run.note}`)]);
  lines.push([link(around.portalUrl, `${shortName(run.machine)} in Defender ↗`)]);
  return lines;
}

function ruleLine(request: Request, around: Surroundings): Text {
  const terms = request.terms;
  if (terms === null) return [];
  const expires: Text = request.expiresAt === null ? [] : [text(' · expires '), time(request.expiresAt)];
  return [text(`${ruleOf(terms)}, ${around.approvals} so far`), ...expires];
}

function ruleOf({ rule, approvals, approverGroups }: Terms): string {
  const needed = approvals === 1 ? '1 approval' : `${approvals} approvals`;
  return `Rule “${rule}”: ${needed} by ${[...new Set(approverGroups.flat())].join(', ')}`;
}

function approvalLine(request: Request, decisions: readonly Decision[]): Text {
  const round = decisions.filter((one) => one.round === request.round);
  const broke = round.find((one) => one.verdict === 'break_glass');
  if (broke !== undefined) {
    return [
      text('‼ Started without approval by '),
      person(broke.person),
      text(` `),
      time(broke.at),
      text(`: “${broke.why ?? ''}”`),
    ];
  }
  const approvals = round.filter((one) => one.verdict === 'approve');
  if (approvals.length === 0) {
    // Denied or withdrawn before anybody approved is not the same as approved by rule.
    const terms = request.terms;
    const missing = terms !== null && terms.approvals > 0;
    return [text(missing ? ruleOf(terms) : `Rule “${terms?.rule ?? ''}”: no approval needed`)];
  }
  return [
    text('✔ Approved by '),
    ...approvals.flatMap(
      (one, index): Text => [...(index === 0 ? [] : [text(', ')]), person(one.person), text(' '), time(one.at)],
    ),
  ];
}

function footer(request: Request, decisions: readonly Decision[], around: Surroundings): Text[] {
  if (request.status === 'waiting' && around.approvers.length > 0) {
    const who = around.approvers.flatMap(
      (one, index): Text => [...(index === 0 ? [] : [text(', ')]), person(one, around.mention)],
    );
    const others = around.others.length === 0 ? [] : [text(` and others in ${around.others.join(', ')}`)];
    return [[text(around.mention ? 'For ' : 'May approve: '), ...who, ...others]];
  }
  const reviewed = decisions.find((one) => one.round === 0);
  if (reviewed !== undefined) return [[text('Reviewed by '), person(reviewed.person), text(' '), time(reviewed.at)]];
  return [];
}
