import type { HomeEntry } from '../model/home.ts';
import { type Card, text } from '../model/notice.ts';
import type { Person } from '../model/person.ts';
import type { Decision, Request, Run } from '../model/request.ts';
import { buttonsOf } from './buttons.ts';
import { whereWords } from './command-aim.ts';
import { shownCommands } from './command-line.ts';
import { stateOfDeletion } from './deletion-card.ts';
import type { Deps } from './deps.ts';
import type { Item } from './home-lists.ts';
import { holdUps } from './line.ts';
import type { CardRow } from './ports.ts';
import { machinesOf, stateOfAll } from './state-of-many.ts';
import { stateOf } from './state-words.ts';
import { plainSurroundings, type Surroundings } from './surroundings.ts';

/** What the lines of one page share. */
interface Shared {
  around: Surroundings;
  inFlight: readonly Run[];
}

/** The requests as a home shows them to this person, in the words of the cards. */
export async function entriesOf(deps: Deps, person: Person, items: readonly Item[]): Promise<HomeEntry[]> {
  const [line, inFlight] = await Promise.all([
    holdUps(deps),
    deps.store.runsBy({ status: ['submitting', 'reconciling', 'running', 'unclear'] }),
  ]);
  const shared: Shared = { around: { ...plainSurroundings(deps), ...line }, inFlight };
  return Promise.all(items.map((item) => entryOf(deps, person, item, shared)));
}

async function entryOf(deps: Deps, person: Person, { request, todo }: Item, shared: Shared): Promise<HomeEntry> {
  const { runs, decisions } = await deps.store.transaction(async (tx) => ({
    runs: await tx.runsOf(request.id),
    decisions: await tx.decisionsOf(request.id),
  }));
  const here = request.platform === person.platform;
  return {
    requestId: request.id,
    asker: request.requester.name,
    askedAt: request.createdAt,
    ...whatAndWhere(request, runs),
    state: await stateFor(deps, request, runs, decisions, shared),
    todo,
    message: here ? newestCard(await deps.store.cardsOf(request.id), request) : null,
    results: here && runs.some((run) => hasResults(request, run, decisions)),
  };
}

function whatAndWhere(request: Request, runs: readonly Run[]): Pick<HomeEntry, 'machine' | 'commands'> {
  if (request.deletion !== undefined) {
    return { machine: null, commands: `library delete ${request.deletion.fileName}` };
  }
  const [run, ...others] = runs;
  const machine = run === undefined ? whereWords(request, null) : machinesOf([run, ...others]);
  return { machine, commands: shownCommands(request).join(' then ') };
}

async function stateFor(
  deps: Deps,
  request: Request,
  runs: readonly Run[],
  decisions: readonly Decision[],
  { around, inFlight }: Shared,
): Promise<Card['state']> {
  if (request.deletion !== undefined) return stateOfDeletion(request, request.deletion, around);
  const [run, ...others] = runs;
  if (run === undefined) return stateWithoutRun(request);
  if (others.length > 0) return stateOfAll(request, [run, ...others], decisions, around);
  if (run.status !== 'queued') return stateOf(request, run, decisions, around);
  const blocking = inFlight.find(({ machine }) => machine.id === run.machine.id);
  return stateOf(request, run, decisions, {
    ...around,
    place: await deps.store.placeInLine(run),
    blockedBy: blocking?.requestId ?? null,
  });
}

/** One that never got as far as a machine. */
function stateWithoutRun({ status, note }: Request): Card['state'] {
  const say = (symbol: string, words: string): Card['state'] => ({ symbol, words: [text(words)] });
  switch (status) {
    case 'received':
      return say('⏳', 'Looking at it');
    case 'unconfirmed':
      return say('⏳', 'Not confirmed yet');
    case 'refused':
      return say('✘', `Refused: ${note ?? ''}`);
    default:
      return say('–', `It was ${status}${note === null ? '' : `: ${note}`}`);
  }
}

/** The card in the request's channel, where everybody concerned sees it; never somebody's copy. */
function newestCard(cards: readonly CardRow[], { channel }: Request): string | null {
  const posted = cards.filter((card) => card.channel === channel && card.state === 'posted');
  return posted.at(-1)?.posted?.message ?? null;
}

function hasResults(request: Request, run: Run, decisions: readonly Decision[]): boolean {
  return buttonsOf(request, run, decisions).some(({ action }) => action === 'results');
}
