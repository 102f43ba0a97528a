import type { SlackCheck } from '../chat/slack/self-check.ts';
import type { TeamsCheck } from '../chat/teams/self-check.ts';
import type { Log } from '../flow/ports.ts';
import type { Platform } from '../model/person.ts';
import { createExchange } from '../outbound/exchange.ts';
import type { Policy } from '../policy/index.ts';
import { checkAddress } from './address.ts';
import { checkClock } from './clock.ts';
import { checkConfiguration } from './configuration.ts';
import { checkDatabase, type Memory } from './database.ts';
import { checkDefender } from './defender.ts';
import { type Finding, notChecked, ok, type Say, within } from './finding.ts';
import { checkPolicyFile } from './policy.ts';
import { hider, readSettings, type Settings } from './settings.ts';
import { checkSlack, troubleWith as slackTrouble } from './slack.ts';
import { checkTeams, troubleWith as teamsTrouble, unheard } from './teams.ts';
import { type Sender, sendTestCard } from './test-card.ts';

export type { Finding } from './finding.ts';

export interface DoctorOptions {
  env: NodeJS.ProcessEnv;
  /** The id of a channel of the policy that gets a test card. */
  send?: string;
  /** Milliseconds that one check may take; 15,000 unless set. A single call gets two thirds of it. */
  limit?: number;
  now?: () => number;
}

const LIMIT = 15_000;

/**
 * Looks at everything that the bot needs, with whatever of its configuration is there, and changes nothing. Each check runs though
 * others failed. Never throws; no finding holds a secret.
 */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const { env, limit = LIMIT, now = Date.now } = options;
  const settings = readSettings(env, now());
  const patience = Math.round((limit * 2) / 3);
  const exchange = createExchange();
  const configuration = await within(limit, 'Configuration', async (say) => {
    for (const finding of checkConfiguration(env, settings, now())) say(finding);
  });
  let policy: Policy | null = null;
  const policyFile = await within(limit, 'Policy', async (say) => {
    policy = await checkPolicyFile(settings, say);
  });
  try {
    const rest = await lookAround({ settings, policy, patience, limit, exchange, send: options.send ?? null });
    const hide = hider(env);
    return [...configuration, ...policyFile, ...rest].map((finding) => ({
      ...finding,
      message: hide(finding.message),
      mend: finding.mend === null ? null : hide(finding.mend),
    }));
  } finally {
    exchange.close();
  }
}

interface Around {
  settings: Settings;
  policy: Policy | null;
  patience: number;
  limit: number;
  exchange: ReturnType<typeof createExchange>;
  send: string | null;
}

/** What leads out of this process, all of it at the same time; then the card, if one is asked for. Loading code takes no check's time. */
async function lookAround(around: Around): Promise<Finding[]> {
  const { settings, policy, patience, limit, exchange } = around;
  let memory: Memory = null;
  const slack = await openSlack(settings);
  const teams = await openTeams(settings, patience, (key) => memory?.get(key) ?? null);
  const defender = await openDefender(settings, patience);
  const database = within(limit, 'Database', async (say) => {
    memory = await checkDatabase(settings, patience, say);
  });
  const remembered = database.then(() => memory);
  try {
    const found = await Promise.all([
      database,
      within(limit, 'Address', (say) => checkAddress(settings, exchange, patience, say)),
      within(limit, 'Clock', (say) => checkClock(settings, exchange, patience, say)),
      within(limit, 'Slack', (say) => lookAtSlack(settings, slack, policy, say)),
      within(limit, 'Teams', (say) => lookAtTeams(settings, teams, policy, remembered, say)),
      within(limit, 'Defender', async (say) => {
        const { defender: config } = settings;
        if (defender === null || config === undefined) say(notChecked('Defender', 'its settings are missing or wrong'));
        else await checkDefender(defender, config, policy, say);
      }),
    ]);
    const { send } = around;
    if (send === null) return found.flat();
    const senderOf = (platform: Platform) =>
      platform === 'slack' ? slackSender(slack) : teamsSender(teams, memory !== null);
    const card = within(limit, 'Test card', async (say) => say(await sendTestCard(send, policy, senderOf)));
    return [...found.flat(), ...(await card)];
  } finally {
    teams?.close();
    defender?.close();
  }
}

/** A finding says what there is to say. */
const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** The SDKs are large: only what is looked at is loaded. */
async function openSlack({ slack }: Settings): Promise<SlackCheck | null> {
  if (!slack) return null;
  const { createSlackCheck } = await import('../chat/slack/self-check.ts');
  return createSlackCheck(slack, SILENT);
}

async function openTeams(
  { teams }: Settings,
  patience: number,
  remembered: (key: string) => unknown,
): Promise<TeamsCheck | null> {
  if (!teams) return null;
  const { createTeamsCheck } = await import('../chat/teams/self-check.ts');
  return createTeamsCheck({ config: teams, remembered, patience, log: SILENT });
}

async function openDefender({ defender }: Settings, patience: number) {
  if (defender === undefined) return null;
  const { createDefenderCheck } = await import('../defender/self-check.ts');
  return createDefenderCheck(defender, patience, SILENT);
}

async function lookAtSlack({ slack }: Settings, check: SlackCheck | null, policy: Policy | null, say: Say) {
  if (slack === null) return say(ok('Slack', 'is off: none of its variables is set.'));
  if (check === null) return say(notChecked('Slack', 'SLACK_BOT_TOKEN is missing or wrong'));
  const { SLACK_SCOPES } = await import('../chat/slack/self-check.ts');
  await checkSlack(check, SLACK_SCOPES, policy, say);
}

async function lookAtTeams(
  { teams }: Settings,
  check: TeamsCheck | null,
  policy: Policy | null,
  remembered: Promise<Memory>,
  say: Say,
) {
  if (teams === null) return say(ok('Teams', 'is off: none of its variables is set.'));
  if (check === null) return say(notChecked('Teams', 'its settings are missing or wrong'));
  await checkTeams(
    check,
    policy,
    remembered.then((memory) => memory !== null),
    say,
  );
}

function slackSender(slack: SlackCheck | null): Sender | null {
  return slack && { name: 'Slack', obstacle: async () => null, post: slack.post, trouble: slackTrouble };
}

function teamsSender(teams: TeamsCheck | null, couldRead: boolean): Sender | null {
  if (teams === null) return null;
  const obstacle = async (id: string) => ((await teams.channel(id)) === 'unheard' ? unheard(id, couldRead) : null);
  return { name: 'Teams', obstacle, post: teams.post, trouble: teamsTrouble };
}
