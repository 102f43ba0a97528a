// A part of `npm run screenshots`: the bot of `npm start` among the playground's stand-ins, all in this process.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { type DefenderTenant, startDefenderTenant } from '../src/playground/defender-tenant/index.ts';
import { PLAYGROUND_POLICY } from '../src/playground/policy.ts';
import { createPlaygroundServer } from '../src/playground/server.ts';
import { type Ephemeral, type Message, startSlackWorkspace } from '../src/playground/slack-workspace/index.ts';
import { startTeamsChannel } from '../src/playground/teams-channel/index.ts';
import { botEnvironment, freePort, SECRETS, TEAMS_APP } from '../test/support/bot.ts';
import { skip } from './screenshots-clock.ts';

export const CHANNEL = 'C0SOC';
export const PEOPLE = { ana: 'U0ANA', lea: 'U0LEA', leo: 'U0LEO', gus: 'U0GUS', max: 'U0MAX' } as const;
export type Who = keyof typeof PEOPLE;

/** So long the bot may answer from what it read of machines and library before. Milliseconds. */
const KEPT = 61_000;

/** Milliseconds of the machine's clock between two steps: time for the bot to work. */
const BREATH = 60;

/** How `until` lets time pass. Milliseconds of the pictures' clock. */
interface Patience {
  /** A second at a time unless set. */
  step?: number;
  /** Six minutes unless set. */
  atMost?: number;
  /** Set: at Defender time stands still meanwhile. */
  frozen?: boolean;
}

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** Sets the stage. At Defender time stands still, but while `until` waits. */
export async function setStage() {
  const folder = await mkdtemp(join(tmpdir(), 'liveresponse-screenshots-'));
  const [slack, teams, defender] = await Promise.all([
    startSlackWorkspace({ ...SECRETS, pace: 'off' }),
    startTeamsChannel(TEAMS_APP),
    startDefenderTenant({ speed: 0 }),
  ]);
  const policyFile = join(folder, 'policy.yaml');
  await writeFile(policyFile, PLAYGROUND_POLICY);
  const port = await freePort();
  const environment = botEnvironment({ slack, teams, defender, dataDir: join(folder, 'data') }, port);
  const config = readConfig({ ...environment, DEFENDER_VISIBILITY_LAG: '2m', POLICY_FILE: policyFile });
  const app = await startApp(config, { debug() {}, info() {}, warn() {}, error() {} });
  slack.setBotUrl(`http://127.0.0.1:${port}/slack/events`);
  teams.setBotUrl(`http://127.0.0.1:${port}/api/messages`);
  const page = createServer(createPlaygroundServer({ slack, teams, defender: forPage(defender), pageDir: PAGE }));
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));

  /** Lets time pass until `look` finds something; fails where it never does. */
  async function until<T>(what: string, look: () => T | null | undefined | false, patience: Patience = {}): Promise<T> {
    const { step = 1_000, atMost = 6 * 60_000, frozen = false } = patience;
    for (let passed = 0; passed <= atMost; passed += step) {
      const found = look();
      if (found) {
        defender.speed = 0;
        return found;
      }
      skip(step);
      // Also where it is the same as before: the stand-in looks at its clock anew.
      defender.speed = frozen ? 0 : 1;
      await sleep(BREATH);
    }
    throw new Error(`This state never appeared: ${what}`);
  }

  const cards = (): Message[] =>
    slack.state().messages.filter(({ channel, threadTs, metadata }) => channel === CHANNEL && !threadTs && metadata);
  const card = (id: string): Message | undefined => cards().findLast((one) => one.text.includes(`Live response ${id}`));

  return {
    slack,
    defender,
    url: `http://127.0.0.1:${(page.address() as AddressInfo).port}/`,
    until,

    /** What the notification of a message says. */
    textOf: (ts: string): string => slack.state().messages.find((one) => one.ts === ts)?.text ?? '',

    /** Types a line, and waits for the card that it brings: the request's id. */
    async ask(who: Who, line: string): Promise<string> {
      const before = new Set(cards().map(({ ts }) => ts));
      await slack.command({ user: PEOPLE[who], channel: CHANNEL, text: line });
      const fresh = await until(`a card for “${line}”`, () => cards().find(({ ts }) => !before.has(ts)), {
        frozen: true,
      });
      return /LR-\w{6}/.exec(fresh.text)?.[0] ?? '';
    },

    /** Types a line, and waits for the private answer that has these words. */
    async whisper(who: Who, line: string, words: RegExp, channel = CHANNEL): Promise<Ephemeral> {
      const before = slack.state().ephemerals.length;
      await slack.command({ user: PEOPLE[who], channel, text: line });
      return until(`an answer to “${line}”`, () => slack.state().ephemerals.slice(before).find(heard(who, words)), {
        frozen: true,
      });
    },

    /** The newest private answer with these words, as soon as it is there. */
    heard: (who: Who, words: RegExp): Promise<Ephemeral> =>
      until(`${who} hears ${words}`, () => slack.state().ephemerals.findLast(heard(who, words)), { frozen: true }),

    /** Presses a button of the card. */
    async press(who: Who, id: string, button: string): Promise<void> {
      const ts = card(id)?.ts ?? '';
      await slack.click({ user: PEOPLE[who], channel: CHANNEL, ts, actionId: `lr:${button}` });
    },

    /** Presses a button of a private answer. */
    async answer(who: Who, { ts, channel }: Ephemeral, button: string): Promise<void> {
      await slack.click({ user: PEOPLE[who], channel, ts, actionId: `lr:${button}` });
    },

    /** Waits until the card of the request says this; its ts. */
    says: (id: string, words: RegExp, patience?: Patience): Promise<string> =>
      until(`${id} says ${words}`, () => (words.test(wordsOf(card(id))) ? card(id)?.ts : null), patience),

    /** Lets so much time pass that the bot reads machines and library anew. */
    async forget(): Promise<void> {
      skip(KEPT);
      await sleep(BREATH);
    },

    /** Another pace of submissions from now on. */
    async callsPerMinute(calls: number): Promise<void> {
      await writeFile(policyFile, PLAYGROUND_POLICY.replace('limits: {', `limits: { callsPerMinute: ${calls},`));
      await app.reloadPolicy();
    },

    async close(): Promise<void> {
      page.closeAllConnections();
      page.close();
      await app.stop();
      await Promise.all([slack.stop(), teams.stop(), defender.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const PAGE = fileURLToPath(new URL('../dist/playground/page/', import.meta.url));

const heard =
  (who: Who, words: RegExp) =>
  ({ to, text, blocks }: Ephemeral): boolean =>
    to === PEOPLE[who] && words.test(`${text} ${JSON.stringify(blocks)}`);

/** All that stands on it, in one line. */
const wordsOf = (card: Message | undefined): string =>
  card === undefined ? '' : `${card.text} ${JSON.stringify(card.blocks)}`;

function forPage(defender: DefenderTenant) {
  return {
    state: () => defender.state(),
    setSpeed: () => {},
    onChange: (listener: () => void) => defender.on('change', listener),
  };
}
