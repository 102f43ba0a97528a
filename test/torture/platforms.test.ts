import assert from 'node:assert/strict';
import { CONVERSATIONS, PEOPLE, type TeamsChannel } from '../../src/playground/teams-channel/index.ts';
import type { Bot } from '../support/bot.ts';
import { type Scene, setSceneWithTeams } from './scene.ts';

/** The same line twice within a minute would be asked about. */
const LINE = (machine: string, why = 'before') => `run ${machine} minidump.ps1 OfficeClickToRun --reason "${why}"`;
/** Milliseconds that a journey beside a platform that hangs may take longer than twice the one before. */
const SLACK_TIME = 2_000;
const HANGS = { kind: 'hang', times: 100_000 } as const;

describe('one bot on both platforms', function () {
  this.timeout(120_000);
  let scene: Scene & { teams: TeamsChannel };
  let bot: Bot;

  beforeEach(async () => {
    scene = await setSceneWithTeams();
    bot = await scene.start();
    // The bot learns where Teams is reached from what comes in.
    await scene.teams.say({ person: PEOPLE.ana, conversation: CONVERSATIONS.soc, text: '@Live Response help' });
  });
  afterEach(() => scene.close());

  async function onSlack(why: string): Promise<number> {
    const began = performance.now();
    const id = await scene.approved(LINE('ws-042', why));
    assert.match(await scene.ended(id), /Finished/);
    assert.equal(scene.executions(id), 1);
    return performance.now() - began;
  }

  async function onTeams(why: string): Promise<number> {
    const began = performance.now();
    const { message } = await scene.teams.say({
      person: PEOPLE.ana,
      conversation: CONVERSATIONS.soc,
      text: `@Live Response ${LINE('ws-042', why)}`,
    });
    const cardWith = (words: RegExp) =>
      scene.teams.waitFor(
        (s) => s.messages.find((one) => one.root === message.id && one.card !== null && words.test(one.summary ?? '')),
        30_000,
      );
    const card = await cardWith(/Waiting for approval/);
    await scene.teams.click({ person: PEOPLE.lea, message: card.id, title: 'Approve' });
    await cardWith(/Finished/);
    return performance.now() - began;
  }

  async function isUp(): Promise<void> {
    for (const path of ['/healthz', '/readyz']) assert.equal((await fetch(bot.url + path)).status, 200);
  }

  it('is as quick in Slack while everything of Teams hangs, and stops in time', async () => {
    const before = await onSlack('before');
    scene.teams.fault(HANGS);
    // More than there are workers for any kind of work.
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        scene.teams.say({
          person: i % 2 ? PEOPLE.ana : PEOPLE.lea,
          conversation: CONVERSATIONS.soc,
          text: `@Live Response ${i % 3 ? LINE(`ws-0${i}`) : `machines ws-${i}`}`,
        }),
      ),
    );
    const beside = await onSlack('beside');
    assert.ok(beside <= before * 2 + SLACK_TIME, `${Math.round(beside)} ms beside it, ${Math.round(before)} ms before`);
    await isUp();
    assert.ok(!scene.teams.state().messages.some(({ card }) => card !== null), 'Teams got nothing meanwhile');
    const { code, ms } = await bot.sigterm();
    assert.equal(code, 0);
    assert.ok(ms < 10_000, `stopped after ${Math.round(ms)} ms`);
  });

  it('is as quick in Teams while everything of Slack hangs', async () => {
    const before = await onTeams('before');
    scene.slack.fault(HANGS);
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        scene.slack.command({ user: 'U0ANA', channel: 'C0SOC', text: i % 3 ? LINE(`ws-0${i}`) : `machines ws-${i}` }),
      ),
    );
    const beside = await onTeams('beside');
    assert.ok(beside <= before * 2 + SLACK_TIME, `${Math.round(beside)} ms beside it, ${Math.round(before)} ms before`);
    await isUp();
  });

  it('is ready without Teams when that is away at the start, and says so', async () => {
    await bot.kill9();
    scene.teams.fault({ ...HANGS, on: 'token' });
    bot = await scene.start();
    const ready = (await (await fetch(`${bot.url}/readyz`)).json()) as Record<string, string>;
    assert.deepEqual([ready.database, ready.teams], ['ok', 'degraded']);
    await onSlack('without Teams');
  });

  it('counts a click in Teams once and shows it, when it is killed in between', async () => {
    await scene.teams.say({
      person: PEOPLE.ana,
      conversation: CONVERSATIONS.soc,
      text: `@Live Response ${LINE('ws-042')}`,
    });
    const card = await scene.teams.waitFor(
      (s) => s.messages.find((one) => /Waiting for approval/.test(one.summary ?? '')),
      30_000,
    );
    scene.teams.fault({ kind: 'hang', on: 'edit', times: 1 });
    await scene.teams.click({ person: PEOPLE.lea, message: card.id, title: 'Approve' });
    await bot.kill9();
    scene.teams.clearFaults();
    bot = await scene.start();
    const done = await scene.teams.waitFor(
      (s) => s.messages.find((one) => one.id === card.id && /Finished/.test(one.summary ?? '')),
      60_000,
    );
    assert.match(done.summary ?? '', /Approved by Lea Lead/);
    assert.equal(scene.teams.state().messages.filter(({ text }) => /approved/.test(text ?? '')).length, 1);
    const id = /LR-\w{6}/.exec(done.summary ?? '')?.[0] ?? '';
    assert.equal(scene.executions(id), 1);
  });
});
