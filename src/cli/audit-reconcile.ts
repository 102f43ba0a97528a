import { readAuditConfig, readDefenderConfig } from '../config.ts';
import { createDefender, type DefenderClient } from '../defender/client.ts';
import type { TenantAction } from '../defender/live-responses.ts';
import { claimedRun, type ForeignAction, foreignActions, type Standing } from '../foreign-actions.ts';
import { createLog } from '../log.ts';
import { secretsIn } from '../model/credential.ts';
import type { Time } from '../model/request.ts';
import { readBudget } from '../read-budget.ts';
import { type OpenStore, openStore } from '../store/open.ts';
import { timeOf } from './audit.ts';

const SILENT = { defenderCall: () => undefined, throttled: () => undefined };
/** How far back, where nothing else is said. */
const USUALLY = '30d';

/** What there is to tell. */
interface Found {
  since: Time;
  /** All live response actions that Defender listed. */
  listed: number;
  foreign: ForeignAction<TenantAction>[];
}

/** `audit reconcile`, on standard output. Finding something is no failure: exit 0. */
export async function auditReconcile(options: { since?: string; json?: true }, env: NodeJS.ProcessEnv): Promise<void> {
  process.stdout.write(await reconciled(options, env));
}

/**
 * The live response actions at Defender that the records don't know as ours, as text or JSON. Throws AppError where Defender or the
 * database can't be asked.
 */
export async function reconciled(options: { since?: string; json?: true }, env: NodeJS.ProcessEnv): Promise<string> {
  const since = timeOf(options.since ?? USUALLY);
  const { auditKey, database } = readAuditConfig(env);
  const { visibilityLag: _, ...defender } = readDefenderConfig(env);
  const secrets = [
    auditKey,
    ...secretsIn(defender.credential),
    ...(database.kind === 'postgres' ? [database.url] : []),
  ];
  const log = createLog('error', { destination: process.stderr, secrets });
  const clock = { now: () => Date.now() };
  const opened = await openStore({
    ...(database.kind === 'postgres' ? { databaseUrl: database.url } : { dataDir: database.folder }),
    ...{ auditKey, clock, log },
  });
  const client = createDefender({ ...defender, clock, log, metrics: SILENT, budget: readBudget(opened.store) });
  try {
    return await reconciledOn(opened, client, { since, json: options.json === true });
  } finally {
    client.close();
    await opened.close();
  }
}

/** The same on what is open already. Defender first: what a bot starts meanwhile is in its records before Defender lists it. */
export async function reconciledOn(
  opened: Pick<OpenStore, 'knownActions'>,
  client: Pick<DefenderClient, 'liveResponses'>,
  { since, json }: { since: Time; json: boolean },
): Promise<string> {
  const listed = await client.liveResponses(since);
  const known = await opened.knownActions({
    actionIds: listed.map(({ id }) => id),
    runIds: listed.flatMap(({ comment }) => claimedRun(comment) ?? []),
  });
  const found = { since, listed: listed.length, foreign: foreignActions(listed, known) };
  return json ? jsonOf(found) : textOf(found);
}

const NOTES: Record<Standing, (runId: string) => string> = {
  foreign: () => 'bears no run id of ours',
  claims: (runId) => `bears the run id ${runId}, but isn’t the action of that run`,
  open: (runId) => `may be the action of ${runId}, for which the records have none (yet)`,
};

const UNSEEN = 'Sessions that people open in the portal are not listed by Defender, so they can’t be seen here.';

function textOf({ since, listed, foreign }: Found): string {
  const lines = foreign.flatMap(({ standing, runId, action }) => [
    `${timeWords(action.createdAt)}  ${action.id}  ${machineWords(action)}  by ${clean(action.requestor) || 'nobody named'}`,
    `    ${NOTES[standing](runId ?? '')}`,
    `    comment: ${clean(action.comment) || '(none)'}`,
  ]);
  const count = foreign.length === 0 ? 'All of them are ours.' : `${foreign.length} of them are not known as ours.`;
  const head = `Defender lists ${listed} live response actions since ${timeWords(since)}. ${count}`;
  return `${[head, ...lines, UNSEEN].join('\n')}\n`;
}

function jsonOf({ since, listed, foreign }: Found): string {
  const actions = foreign.map(({ standing, runId, action }) => ({
    id: action.id,
    at: action.createdAt === null ? null : new Date(action.createdAt).toISOString(),
    ...{ machineId: action.machineId, machine: action.machineName, status: action.status },
    ...{ requestor: action.requestor, comment: clean(action.comment), standing, runId },
  }));
  return `${JSON.stringify({ since: new Date(since).toISOString(), listed, actions, note: UNSEEN }, null, 2)}\n`;
}

function machineWords({ machineName, machineId }: TenantAction): string {
  return machineName === '' ? clean(machineId) : `${clean(machineName)} (${clean(machineId)})`;
}

function timeWords(at: Time | null): string {
  return at === null ? 'at an unknown time' : new Date(at).toISOString();
}

/** Words from outside must not begin a line of their own, turn the writing round, or move the cursor. */
function clean(words: string): string {
  return words.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}
