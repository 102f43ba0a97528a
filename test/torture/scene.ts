import { rmSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/flow/ports.ts';
import {
  type DefenderTenant,
  startDefenderTenant,
  type TenantOptions,
} from '../../src/playground/defender-tenant/index.ts';
import {
  type Delivery,
  type Message,
  type SlackWorkspace,
  type Snapshot,
  startSlackWorkspace,
} from '../../src/playground/slack-workspace/index.ts';
import { startTeamsChannel, type TeamsChannel } from '../../src/playground/teams-channel/index.ts';
import { openStore } from '../../src/store/open.ts';
import { AUDIT_KEY, type Bot, type BotOptions, SECRETS, startBot, TEAMS_APP } from '../support/bot.ts';

/** A live response of Defender takes minutes; here it takes a second. The limits are those of FAST_POLICY. */
export const QUICK: TenantOptions = {
  limits: { submissionsPerMinute: 60, readsPerMinute: 100, readsPerHour: 1500, sessions: 50 },
  timings: { total: [700, 900], perCommand: 100, pending: [100, 200], tail: [100, 200] },
};

/** Words with which a card ends. */
const ENDS = /Finished|Failed|Timed out|Cancelled|Withdrawn|Denied|Expired|Refused/;
/** Buttons that no card has at its end. */
const OPEN = ['lr:approve', 'lr:deny', 'lr:withdraw', 'lr:cancel'];

/** The far ends in this process, a folder for the bot, and what people do. */
export interface Scene {
  slack: SlackWorkspace;
  defender: DefenderTenant;
  /** Starts a bot on the scene's folder (or the given database) and has Slack deliver to it, and Teams where it is there. */
  start(options?: Partial<BotOptions>): Promise<Bot>;
  /** Types a line and answers with the id that was acknowledged. */
  ask(line: string, from?: { user?: string; channel?: string }): Promise<string>;
  /** Clicks on the newest card of the request. */
  click(user: string, id: string, action: string): Promise<Delivery>;
  /** Types, waits for the card, and approves as Lea. */
  approved(line: string, channel?: string): Promise<string>;
  card(id: string): Message | null;
  cards(id: string): Message[];
  /** The texts in the thread of the request, oldest first. */
  replies(id: string): string[];
  /** Waits until the card's plain text matches. */
  shows(id: string, words: RegExp, timeout?: number): Promise<Message>;
  /** Waits until the card has ended and the thread has said so; answers the card's text. */
  ended(id: string, timeout?: number): Promise<string>;
  /** Waits until Defender's side is as told. */
  defenderComesTo<T>(test: (tenant: DefenderTenant) => T | null | undefined | false, timeout?: number): Promise<T>;
  /** How often Defender executed the request's run. */
  executions(id: string): number;
  /** What the person was told privately, oldest first. */
  whispers(user: string): string[];
  close(): Promise<void>;
}

let template: Promise<string> | null = null;

/** An empty embedded database. Making one takes long, copying it doesn't. */
async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'liveresponse-template-'));
  const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
  const opened = await openStore({ dataDir: folder, auditKey: AUDIT_KEY, clock: { now: Date.now }, log });
  await opened.close();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function copyTemplate(to: string): Promise<string> {
  template ??= makeTemplate();
  await cp(await template, to, { recursive: true });
  return to;
}

/** Sets a scene with both platforms. */
export async function setSceneWithTeams(options: TenantOptions = {}): Promise<Scene & { teams: TeamsChannel }> {
  const teams = await startTeamsChannel(TEAMS_APP);
  const scene = await setScene(options, teams);
  return {
    ...scene,
    teams,
    async close() {
      await scene.close();
      await teams.stop();
    },
  };
}

/** Sets a scene: Slack alone unless a Teams is given. */
export async function setScene(options: TenantOptions = {}, teams?: TeamsChannel): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'liveresponse-torture-'));
  const slack = await startSlackWorkspace(SECRETS);
  const defender = await startDefenderTenant({ ...QUICK, ...options });
  const bots: Bot[] = [];
  let copied: Promise<string> | null = null;
  const dataDir = (): Promise<string> => {
    copied ??= copyTemplate(join(folder, 'data'));
    return copied;
  };

  const scene: Scene = {
    slack,
    defender,
    async start(more = {}) {
      const where = more.databaseUrl === undefined ? { dataDir: await dataDir() } : {};
      const bot = await startBot({ slack, teams, defender, ...where, ...more });
      bots.push(bot);
      slack.setBotUrl(bot.slackUrl);
      teams?.setBotUrl(bot.teamsUrl);
      return bot;
    },
    async ask(line, { user = 'U0ANA', channel = 'C0SOC' } = {}) {
      const delivery = await slack.command({ user, channel, text: line });
      const id = /Got it, (LR-[0-9A-Z]{6})/.exec(delivery.body)?.[1];
      if (id === undefined) throw new Error(`“${line}” was answered ${delivery.status} ${delivery.body}`);
      return id;
    },
    async click(user, id, action) {
      const card = cardsOf(slack.state(), id).at(-1);
      if (card === undefined) throw new Error(`${id} has no card`);
      return slack.click({ user, channel: card.channel, ts: card.ts, actionId: `lr:${action}` });
    },
    async approved(line, channel = 'C0SOC') {
      const id = await scene.ask(line, { channel });
      await scene.shows(id, /Waiting for approval/);
      await scene.click('U0LEA', id, 'approve');
      return id;
    },
    card: (id) => cardsOf(slack.state(), id).at(-1) ?? null,
    cards: (id) => cardsOf(slack.state(), id),
    replies: (id) => repliesOf(slack.state(), id).map((reply) => reply.text),
    shows: (id, words, timeout = 30_000) =>
      named(`${id} to show ${words}`, scene, id, () =>
        slack.waitFor((state) => cardsOf(state, id).findLast((card) => words.test(card.text)), timeout),
      ),
    ended: (id, timeout = 60_000) =>
      named(`${id} to end`, scene, id, () => slack.waitFor((state) => endOf(state, id), timeout)),
    defenderComesTo: (test, timeout = 20_000) => comesTo(defender, test, timeout),
    executions: (id) => defender.executions(`${id}.1`),
    whispers: (user) =>
      slack
        .state()
        .ephemerals.filter((one) => one.to === user)
        .map((one) => one.text),
    async close() {
      for (const bot of bots) await bot.kill9();
      await Promise.all([slack.stop(), defender.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return scene;
}

function cardsOf(state: Snapshot, id: string): Message[] {
  return state.messages.filter((message) => message.threadTs === null && requestOf(message) === id);
}

function requestOf(message: Message): string | null {
  const metadata = message.metadata as { event_payload?: { request_id?: string } } | null;
  return metadata?.event_payload?.request_id ?? null;
}

function repliesOf(state: Snapshot, id: string): Message[] {
  const threads = cardsOf(state, id).map((card) => card.ts);
  return state.messages.filter((message) => message.threadTs !== null && threads.includes(message.threadTs));
}

/** The text of a card at its end, once the thread has said the end too. */
function endOf(state: Snapshot, id: string): string | null {
  const cards = cardsOf(state, id);
  const last = cards.at(-1);
  if (last === undefined || !ENDS.test(last.text)) return null;
  const said = repliesOf(state, id).some((reply) => reply.text.includes(id) && ENDS.test(reply.text));
  if (!said || buttonsOf(last).some((button) => OPEN.includes(button))) return null;
  return last.text;
}

/** The action ids of the buttons on a message. */
export function buttonsOf(message: Pick<Message, 'blocks'>): string[] {
  const blocks = (message.blocks ?? []) as { type?: string; elements?: { action_id?: string }[] }[];
  return blocks
    .filter((block) => block.type === 'actions')
    .flatMap((block) => (block.elements ?? []).flatMap((element) => element.action_id ?? []));
}

/** A failed wait says what there was to see instead. */
async function named<T>(what: string, scene: Scene, id: string, wait: () => Promise<T>): Promise<T> {
  try {
    return await wait();
  } catch {
    const card = scene.card(id);
    const thread = scene.replies(id).join('\n  | ');
    const whispers = scene.slack.state().ephemerals.map((one) => `${one.to}: ${one.text}`);
    throw new Error(
      `Waited in vain for ${what}. Its card: ${card?.text ?? 'none'} [${card === null ? '' : buttonsOf(card).join(' ')}]` +
        `\nIts thread:\n  | ${thread}\nPrivately: ${whispers.slice(-5).join(' // ')}`,
    );
  }
}

function comesTo<T>(
  tenant: DefenderTenant,
  test: (tenant: DefenderTenant) => T | null | undefined | false,
  timeout: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let off = (): void => undefined;
    const timer = setTimeout(() => {
      off();
      reject(new Error(`Defender didn't come to ${test} within ${timeout} ms.`));
    }, timeout);
    const look = (): void => {
      const found = test(tenant);
      if (!found) return;
      clearTimeout(timer);
      off();
      resolve(found);
    };
    off = tenant.on('change', look);
    look();
  });
}
