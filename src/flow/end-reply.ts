import { person, type Reply, strong, type Text, text } from '../model/notice.ts';
import type { Decision, Deletion, Request, Run } from '../model/request.ts';
import { stateOfDeletion } from './deletion-card.ts';
import type { Deps } from './deps.ts';
import { calledIn, someOf } from './machine-names.ts';
import { countsOf, kindOf, machinesOf, type Runs, stateOfAll } from './state-of-many.ts';
import { stateOf } from './state-words.ts';
import { plainSurroundings } from './surroundings.ts';

const WORDLESS: Reply = { text: [text('It has ended; the card says how.')], output: [], moreLines: 0, buttons: [] };

/** The last reply: what a reader must know without opening anything. It mentions the requester, and gets noticed. */
export async function endReply(deps: Deps, requestId: string): Promise<Reply> {
  const { request, runs, decisions } = await deps.store.transaction(async (tx) => ({
    request: await tx.request(requestId),
    runs: await tx.runsOf(requestId),
    decisions: await tx.decisionsOf(requestId),
  }));
  if (request?.deletion !== undefined) return endOfDeletion(deps, request, request.deletion);
  const [run, ...others] = runs;
  if (request === null || run === undefined) return WORDLESS;
  if (others.length > 0) return endOfMany(deps, request, [run, ...others], decisions);
  const state = stateOf(request, run, decisions, plainSurroundings(deps));
  const mention = deps.policy().notify.approvers !== 'none';
  const errors = run.status === 'failed' ? run.commands.flatMap((command) => command.errors) : [];
  const unread =
    run.status === 'succeeded' ? null : (run.commands.find(({ result }) => result === 'pending')?.trouble ?? null);
  const something = run.commands.some((command) => command.result === 'collected');
  return {
    text: [
      person(request.requester, mention),
      text(' '),
      strong(run.machine.name || run.machine.id),
      text(`: ${state.symbol} `),
      ...sentence(state.words),
      text(unread === null ? '' : ` ${unread}`),
      text(something ? ` ${request.id}: Open results on the card or here.` : ` (${request.id})`),
    ],
    output: errors.slice(0, 10),
    moreLines: Math.max(0, errors.length - 10),
    buttons: something ? [{ action: 'results', id: request.id, label: 'Open results', tone: 'primary' }] : [],
    resultsLink: something && deps.policy().results.links === 'channel',
  };
}

/** How it ended on several machines: how many of each kind, and which ones want a look. */
function endOfMany(deps: Deps, request: Request, runs: Runs, decisions: readonly Decision[]): Reply {
  const { symbol, words } = stateOfAll(request, runs, decisions, plainSurroundings(deps));
  const begun = request.status === 'done';
  const poor = begun ? runs.filter((run) => !['finished', 'cancelled'].includes(kindOf(request, run))) : [];
  const something = runs.some((run) => run.commands.some(({ result }) => result === 'collected'));
  const mention = deps.policy().notify.approvers !== 'none';
  return {
    ...WORDLESS,
    text: [
      person(request.requester, mention),
      text(' '),
      strong(machinesOf(runs)),
      ...(begun ? [text(`: ${countsOf(request, runs).join(' · ')}.`)] : [text(`: ${symbol} `), ...sentence(words)]),
      ...(poor.length === 0 ? [] : [text(' Look at '), strong(someOf(poor.map(calledIn))), text('.')]),
      ...whyNot(runs),
      text(something ? ` ${request.id}: Open results on the card or here.` : ` (${request.id})`),
    ],
    buttons: something ? [{ action: 'results', id: request.id, label: 'Open results', tone: 'primary' }] : [],
    resultsLink: something && deps.policy().results.links === 'channel',
  };
}

/** Reasons told in full, and machines named with each; the card has the rest. */
const REASONS = 3;
const NAMED = 3;

/** Why it wasn't run, or stopped, on some of them: each reason once. */
function whyNot(runs: Runs): Text {
  const reasons = new Map<string, Run[]>();
  for (const run of runs) {
    if (run.status !== 'cancelled' || run.note === null) continue;
    reasons.set(run.note, [...(reasons.get(run.note) ?? []), run]);
  }
  return [...reasons]
    .slice(0, REASONS)
    .flatMap(
      ([note, some]): Text => [
        text(' '),
        ...(some.length === runs.length ? [] : [strong(someOf(some.map(calledIn), NAMED)), text(': ')]),
        ...sentence([text(note)]),
      ],
    );
}

function endOfDeletion(deps: Deps, request: Request, deletion: Deletion): Reply {
  const state = stateOfDeletion(request, deletion, { paused: null });
  const mention = deps.policy().notify.approvers !== 'none';
  return {
    ...WORDLESS,
    text: [
      person(request.requester, mention),
      text(` ${state.symbol} `),
      ...sentence(state.words),
      text(` (${request.id})`),
    ],
  };
}

/** The words with a full stop at their end. */
function sentence(words: Text): Text {
  const last = words.at(-1);
  const ended = last !== undefined && 'text' in last && /[.!?”]\s*$/.test(last.text);
  return ended ? words : [...words, text('.')];
}
