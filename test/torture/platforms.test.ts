import assert from 'node:assert/strict';
import { PLATFORMS, type Platform } from '../../src/model/person.ts';
import { CONVERSATIONS, type TeamsChannel } from '../../src/playground/teams-channel/index.ts';
import type { Bot } from '../support/bot.ts';
import type { Side } from '../support/sides/side.ts';
import { slackSide } from '../support/sides/slack.ts';
import { teamsSide } from '../support/sides/teams.ts';
import { type Scene, setSceneWithTeams } from './scene.ts';

/** More calls than a test makes. */
const ALL = 100_000;
/** What was acknowledged is seen within this time after the trouble has ended; milliseconds. */
const MADE_GOOD_WITHIN = 30_000;
const STOPS_WITHIN = 10_000;

/** One bot, two platforms. Whatever one of them does, the other doesn't notice. */
describe('with both platforms in one process', function () {
  this.timeout(120_000);
  let scene: Scene & { teams: TeamsChannel };
  let sides: Record<Platform, Side>;
  let bot: Bot;
  let machine = 0;
  const machines = ['ws-001', 'ws-002', 'ws-018', 'ws-021', 'ws-022', 'ws-033', 'ws-040', 'ws-041', 'ws-042'];

  before(async () => {
    scene = await setSceneWithTeams();
    sides = { slack: slackSide(scene.slack), teams: teamsSide(scene.teams) };
  });
  after(() => scene.close());

  const hangs: Record<Platform, () => void> = {
    slack: () => scene.slack.fault({ kind: 'hang', times: ALL }),
    teams: () => scene.teams.fault({ kind: 'hang', times: ALL }),
  };
  const recovers: Record<Platform, () => void> = {
    slack: () => scene.slack.clearFaults(),
    teams: () => scene.teams.clearFaults(),
  };

  /** A line that nobody typed before. */
  function line(): string {
    machine += 1;
    return `run ${machines[machine % machines.length]} Get-Processes.ps1 --reason "INC-${machine}"`;
  }

  /** From the typed line to the end in the thread, in milliseconds. */
  async function journey(side: Side): Promise<number> {
    const began = performance.now();
    const id = await side.waiting(line());
    await side.press('lea', id, 'approve');
    assert.match((await side.ended(id)).text, /Finished/);
    assert.equal(scene.executions(id), 1);
    return performance.now() - began;
  }

  /** Alive and ready; how the platforms are, as the probe says. */
  async function health(): Promise<Partial<Record<Platform, string>>> {
    assert.equal((await fetch(`${bot.url}/healthz`)).status, 200);
    const ready = await fetch(`${bot.url}/readyz`);
    assert.equal(ready.status, 200);
    return (await ready.json()) as Partial<Record<Platform, string>>;
  }

  async function stops(): Promise<void> {
    const { code, ms } = await bot.sigterm();
    assert.equal(code, 0);
    assert.ok(ms < STOPS_WITHIN, `${ms} ms`);
  }

  it('starts without a token for Teams, says so, works in Slack, stops in time, and then makes good what Teams was promised', async () => {
    scene.teams.fault({ kind: 'hang', on: 'token', times: ALL });
    bot = await scene.start();
    assert.equal((await health()).teams, 'degraded');
    await sides.teams.type('ana', line());
    assert.equal(scene.teams.state().deliveries.at(-1)?.status, 200);
    await journey(sides.slack);
    const { teams, slack } = await health();
    assert.deepEqual({ teams, slack }, { teams: 'degraded', slack: 'ok' });
    await stops();

    recovers.teams();
    bot = await scene.start();
    const id = await sides.teams.waitFor(() => sides.teams.requests()[0], MADE_GOOD_WITHIN);
    await sides.teams.shows(id, /Waiting for approval/);
    assert.equal((await health()).teams, 'ok');
  });

  for (const hanging of PLATFORMS) {
    it(`goes on as fast as ever elsewhere while every call to ${hanging} hangs, and loses nothing there`, async () => {
      const there = sides[hanging];
      const free = sides[hanging === 'slack' ? 'teams' : 'slack'];
      const usual = await journey(free);
      const approved = await there.waiting(line());
      const denied = await there.waiting(line());
      const before = there.requests().length;

      hangs[hanging]();
      const clicks = [there.press('lea', approved, 'approve'), there.press('lea', denied, 'deny')];
      await Promise.all([line(), line(), line()].map((words) => there.type('ana', words)));
      const took = await journey(free);
      await health();
      assert.ok(took <= usual * 2 + 2_000, `${took} ms instead of ${usual} ms`);
      assert.match(there.card(denied).text, /Waiting for approval/, `${hanging} still hangs`);
      assert.equal(there.requests().length, before);
      await Promise.all(clicks);

      recovers[hanging]();
      await there.shows(denied, /Denied by Lea Lead/, MADE_GOOD_WITHIN);
      await there.waitFor(() => there.requests().length === before + 3, MADE_GOOD_WITHIN);
      assert.match((await there.ended(approved)).text, /Finished/);
      assert.equal(scene.executions(approved), 1);
      assert.equal(scene.executions(denied), 0);
    });
  }

  it('killed in Teams between a click and the card’s edit, it shows the decision after a new start, and counts it once', async () => {
    const { teams } = sides;
    const id = await teams.waiting(line());
    scene.teams.fault({ kind: 'hang', on: 'edit', conversation: CONVERSATIONS.soc, times: ALL });
    const cut = (state: ReturnType<TeamsChannel['state']>) =>
      state.calls.some(({ method, error }) => method === 'PUT' && error === 'fault: hang');
    await teams.press('lea', id, 'approve');
    await scene.teams.waitFor(cut, 20_000);
    assert.match(teams.card(id).text, /Waiting for approval/);
    await bot.kill9();

    recovers.teams();
    bot = await scene.start();
    assert.match((await teams.ended(id)).text, /Finished/);
    assert.match(teams.card(id).text, /Approved by Lea Lead/);
    assert.deepEqual(teams.card(id).buttons, ['results']);
    assert.equal(teams.cards(id).length, 1);
    assert.equal(teams.thread(id).filter(({ text }) => text.startsWith('Lea Lead approved')).length, 1);
    assert.equal(scene.executions(id), 1);
    assert.match(await teams.refusal('lea', id, 'approve'), /ended already/);
  });

  it('stops in time while calls to Teams hang', async () => {
    const { teams } = sides;
    const id = await teams.waiting(line());
    const called = scene.teams.state().calls.length;
    hangs.teams();
    const click = teams.press('lea', id, 'approve');
    await teams.type('ana', line());
    await scene.teams.waitFor(({ calls }) => calls.slice(called).some(({ error }) => error === 'fault: hang'));
    await stops();
    await click;
    assert.deepEqual(
      bot.log.filter((entry) => /"level":"error"/.test(entry)),
      [],
    );
  });
});
