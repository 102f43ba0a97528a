import type { Inbox } from './chat/inbox.ts';
import { createSlack } from './chat/slack/index.ts';
import type { Memory } from './chat/teams/places.ts';
import type { Config } from './config.ts';
import { createDefender } from './defender/client.ts';
import { downloadSources } from './defender/hosts.ts';
import type { Deps } from './flow/deps.ts';
import { homeOf } from './flow/home.ts';
import { clicked, removed, tell, typed } from './flow/inbox.ts';
import { cardFor } from './flow/personal-card.ts';
import type { Chat, Clock, Log } from './flow/ports.ts';
import { rejudge } from './flow/rejudge.ts';
import { createResults } from './flow/results.ts';
import { suggest } from './flow/suggest.ts';
import { createMetrics } from './http/metrics.ts';
import { createResults as createResultsRoutes } from './http/results.ts';
import { createHttp } from './http/server.ts';
import { createJudging } from './judging.ts';
import { PLATFORMS, type Platform } from './model/person.ts';
import { entraGroupsOf, userGroupsOf } from './policy/index.ts';
import { createPolicyFile, type ReadPolicy, readPolicy } from './policy-file.ts';
import { readBudget } from './read-budget.ts';
import { inBackground } from './store/lanes.ts';
import { type OpenStore, openStore } from './store/open.ts';
import { startWork } from './work.ts';

/** Within this time after SIGTERM everything has stopped; what hasn't is treated as if the process had been killed. */
const STOP_WITHIN = 8_000;

/** The bot, running. */
export interface App {
  port: number;
  metricsPort: number | null;
  /** Reads the policy file again; one that is broken keeps the policy before. */
  reloadPolicy(): Promise<void>;
  /** Takes no new work, finishes what it can within ten seconds. */
  stop(): Promise<void>;
}

/** Puts the parts together and starts them. Throws AppError with a sentence for the operator. */
export async function startApp(config: Config, log: Log): Promise<App> {
  const clock: Clock = { now: () => Date.now() };
  const platforms = PLATFORMS.filter((platform) => config[platform] !== null);
  const policy = await readPolicy(config.policyFile, platforms);
  const opened = await openStore({
    ...(config.database.kind === 'postgres'
      ? { databaseUrl: config.database.url }
      : { dataDir: config.database.folder }),
    auditKey: config.auditKey,
    clock,
    log,
  });
  try {
    return await assemble(config, log, clock, policy, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function assemble(config: Config, log: Log, clock: Clock, first: ReadPolicy, opened: OpenStore): Promise<App> {
  const metrics = createMetrics({ stats: opened.stats, log });
  const judging = createJudging({ work: (stopping) => inBackground(() => rejudge(deps, stopping)), log });
  const policy = createPolicyFile({
    file: config.policyFile,
    platforms: PLATFORMS.filter((platform) => config[platform] !== null),
    first,
    store: opened.store,
    clock,
    log,
    metrics,
    // In force once more after another, it judges once more: cards show what the other asked for.
    inForce: ({ hash }, since) => judging.by(`${hash} ${since}`),
  });
  const { visibilityLag, ...defenderConfig } = config.defender;
  const defender = createDefender({ ...defenderConfig, clock, log, metrics, budget: readBudget(opened.store) });
  const chats = new Map<Platform, Chat>();
  const deps: Deps = {
    store: opened.store,
    chats,
    defender,
    policy: policy.current,
    clock,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    log,
    metrics,
    publicUrl: config.http.publicUrl,
    clientId: config.defender.clientId,
    visibilityLag,
  };
  const platforms: { name: Platform; part: PlatformPart }[] = [];
  let working = false;
  const http = createHttp({
    host: config.http.host,
    port: config.http.port,
    metricsPort: config.http.metricsPort,
    log,
    metrics,
    results: createResultsRoutes({
      results: createResults(deps),
      publicUrl: config.http.publicUrl,
      downloadHosts: downloadSources(config.defender.apiUrl),
      log,
    }),
    health: async () => {
      const { database, jobs } = await opened.healthy();
      const parts = Object.fromEntries(platforms.map(({ name, part }) => [name, part.health()]));
      const word = (well: boolean): 'ok' | 'degraded' => (well ? 'ok' : 'degraded');
      const ready = database && jobs && working;
      return { ready, parts: { database: word(database), jobs: word(jobs && working), ...parts } };
    },
  });
  if (config.slack !== null) {
    const slack = createSlack({
      ...config.slack,
      channels: () => policy.current().channels.slack,
      userGroups: () => userGroupsOf(deps.policy()),
      router: http.platforms,
      inbox: inboxOf(deps, 'slack'),
      clock,
      log,
      metrics,
    });
    chats.set('slack', slack.chat);
    platforms.push({ name: 'slack', part: slack });
  }
  if (config.teams !== null) {
    // Its SDK is large: who has no Teams doesn't load it.
    const { createTeams } = await import('./chat/teams/index.ts');
    const teams = createTeams({
      ...config.teams,
      channels: () => policy.current().channels.teams,
      entraGroups: () => entraGroupsOf(deps.policy()),
      router: http.platforms,
      inbox: inboxOf(deps, 'teams'),
      memory: memoryOf(deps),
      clock,
      log,
      metrics,
    });
    chats.set('teams', teams.chat);
    platforms.push({ name: 'teams', part: teams });
  }
  // First of all, so that a port that is taken leaves nothing running. What arrives before the workers start is stored.
  const listening = await http.listen();
  // Before the work that an earlier process left behind: it asks the platforms about people at once.
  for (const { part } of platforms) part.start();
  const startAll = async () => {
    // Before the work, which is decided by it.
    await policy.start();
    return startWork(deps, opened, policy.agree);
  };
  const work = await startAll().catch(async (error: unknown) => {
    judging.stop();
    await Promise.all([listening.close(0), policy.stop()]);
    await Promise.all(platforms.map(({ part }) => part.stop()));
    throw error;
  });
  working = true;
  log.info(
    { port: listening.port, metricsPort: listening.metricsPort, platforms: platforms.map(({ name }) => name) },
    'ready',
  );
  return {
    port: listening.port,
    metricsPort: listening.metricsPort,
    reloadPolicy: policy.reload,
    stop: async () => {
      for (const { part } of platforms) part.takeNoMore?.();
      judging.stop();
      await Promise.all([listening.close(1_000), policy.stop()]);
      await Promise.all([...platforms.map(({ part }) => part.stop()), work.stop(STOP_WITHIN - 1_500)]);
      for (const { part } of platforms) part.close?.();
      defender.close();
      await opened.close();
    },
  };
}

/** What every platform is, once it is put together. */
interface PlatformPart {
  start(): void;
  /** Takes nothing more where it comes another way than over our HTTP server. */
  takeNoMore?(): void;
  stop(): Promise<void>;
  /** Ends its connections, once nothing posts any more. */
  close?(): void;
  health(): 'ok' | 'degraded';
}

/** Where a platform takes what people typed and clicked. */
function inboxOf(deps: Deps, platform: Platform): Inbox {
  return {
    typed: (line) => typed(deps, line),
    clicked: (click) => clicked(deps, click),
    tell: (said) => tell(deps, platform, said),
    cardFor: (asked) => cardFor(deps, asked),
    suggest: (asked) => suggest(deps, asked),
    home: (asked) => homeOf(deps, asked),
    removed: (channel, by) => removed(deps, platform, channel, by),
  };
}

/** Small things that a platform remembers, in the database. */
function memoryOf(deps: Pick<Deps, 'store'>): Memory {
  return {
    read: (key) => deps.store.transaction((tx) => tx.setting(key)),
    write: (key, value) => deps.store.transaction((tx) => tx.setSetting(key, value)),
  };
}
