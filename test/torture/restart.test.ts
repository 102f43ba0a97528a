import assert from 'node:assert/strict';
import type { Bot } from '../support/bot.ts';
import { buttonsOf, type Scene, setScene } from './scene.ts';

/** Of a Slack stand-in's call that met a fault. */
const HUNG = 'fault: hang';

/**
 * One bot on the embedded database, killed twice: once while a submission had no token yet, and once with a request in every
 * other state there is. After the last start everything ends as it would have without the kills.
 */
describe('after kill -9 and a new start', function () {
  this.timeout(180_000);
  let scene: Scene;
  let bot: Bot;
  /** Requests by the state in which the kill found them. */
  const found: Record<string, string> = {};
  const of = (state: string): string => found[state] ?? '';
  let acknowledgedAt = 0;

  before(async () => {
    // Tokens that are never fresh enough, so that each call asks for one.
    scene = await setScene({ tokenSeconds: 1 });
    scene.slack.invite('C0PRIVATE');
    scene.slack.invite('C0GENERAL');
    scene.defender.control.putFile({ fileName: 'Slow.ps1', content: 'Start-Sleep 20', workMs: 20_000 });
    bot = await scene.start();
    await killWithoutToken();
    scene.defender.control.set({ tokenSeconds: 3_599 });
    bot = await scene.start();
    await bringIntoEveryState();
    await bot.kill9();
    scene.defender.control.clearFaults();
    scene.slack.clearFaults();
    bot = await scene.start();
  });

  after(() => scene.close());

  /** The submission's intent is stored, and its token never comes: no byte has left. */
  async function killWithoutToken(): Promise<void> {
    const { defender } = scene;
    const id = await scene.ask('run ws-040 Get-Processes.ps1');
    await scene.shows(id, /Waiting for approval/);
    const reads = () =>
      defender.state().calls.filter((call) => call.path === '/api/libraryfiles' && call.status === 200);
    const before = reads().length;
    await scene.click('U0LEA', id, 'approve');
    await scene.defenderComesTo(() => reads().length > before);
    defender.control.fault({ kind: 'hang', on: 'token' });
    await scene.defenderComesTo(() =>
      defender.state().calls.some((call) => call.path.endsWith('/token') && call.status === null),
    );
    await scene.shows(id, /Sending it to Defender/);
    await bot.kill9();
    found['token hung'] = id;
  }

  async function bringIntoEveryState(): Promise<void> {
    const { defender, slack } = scene;
    const machine = (name: string) => ({ machineId: defender.machines.find(name)?.id ?? '' });
    const asked = ['ws-001', 'ws-002'].map((name) => scene.ask(`run ${name} Get-Processes.ps1`));
    const [decided, waiting] = await Promise.all(asked);
    found.decided = decided ?? '';
    found.waiting = waiting ?? '';
    for (const channel of ['C0PRIVATE', 'C0GENERAL']) {
      found[`replying in ${channel}`] = await scene.ask(
        `run ${channel === 'C0PRIVATE' ? 'ws-041' : 'lt-exec-01'} Get-Processes.ps1`,
        { channel },
      );
    }
    found.running = await scene.approved('run ws-018 Slow.ps1', 'C0SHARED');
    await scene.shows(of('running'), /Running since/);
    found.queued = await scene.approved('get ws-018 C:\\Windows\\notes.txt', 'C0SHARED');
    await scene.shows(of('queued'), /runs on this machine/);

    defender.control.fault({ kind: 'hold_after', ...machine('ws-022') });
    found['created, not answered'] = await scene.approved('run ws-022 Get-Processes.ps1');
    await scene.defenderComesTo((tenant) => tenant.state().held === 1);
    defender.control.fault({ kind: 'hang', ...machine('ws-021') });
    found['sent, not created'] = await scene.approved('run ws-021 Get-Processes.ps1');
    await scene.defenderComesTo((tenant) =>
      tenant.state().calls.some((call) => call.path.includes(machine('ws-021').machineId) && call.method === 'POST'),
    );
    defender.control.fault({ kind: 'hang', on: 'result' });
    found.collecting = await scene.approved('run ws-033 Get-Processes.ps1', 'C0SHARED');
    await scene.defenderComesTo((tenant) =>
      tenant.state().calls.some((call) => call.path.includes('DownloadLink') && call.status === null),
    );
    await Promise.all([hangReply('C0PRIVATE', false), hangReply('C0GENERAL', true)]);
    assert.match(scene.card(of('running'))?.text ?? '', /Running since/);

    await scene.shows(of('decided'), /Waiting for approval/);
    await scene.shows(of('waiting'), /Waiting for approval/);
    await scene.click('U0LEO', of('decided'), 'approve');
    found.received = await scene.ask('run srv-file-01 Get-Processes.ps1');
    acknowledgedAt = Date.now();
    assert.equal(scene.card(of('received')), null);
    assert.ok(slack.state().calls.some((call) => call.error === HUNG));
  }

  /** The decision's reply is on its way: it arrived, or it didn't, and nobody has heard from Slack. */
  async function hangReply(channel: string, applied: boolean): Promise<void> {
    const id = of(`replying in ${channel}`);
    await scene.shows(id, /Waiting for approval/);
    scene.slack.fault({ kind: 'hang', method: 'chat.postMessage', channel, applied });
    await scene.click('U0LEA', id, 'approve');
    await scene.slack.waitFor(
      (state) => state.calls.some((call) => call.channel === channel && call.error === HUNG),
      20_000,
    );
    // Only the reply is to be in the air: its run is at Defender already.
    await scene.defenderComesTo(() => scene.executions(id) === 1);
  }

  const decisions = (id: string) => scene.replies(id).filter((text) => text.startsWith('Lea Lead approved.'));

  function assertOnce(id: string): void {
    assert.equal(scene.executions(id), 1);
    assert.equal(scene.cards(id).length, 1);
    const said = scene.replies(id);
    assert.deepEqual(said, [...new Set(said)], 'nothing is said twice');
  }

  it('what was acknowledged the moment before has its card within 30 seconds', async () => {
    await scene.shows(of('received'), /Waiting for approval/, acknowledgedAt + 30_000 - Date.now());
    assert.equal(scene.executions(of('received')), 0);
    await scene.click('U0LEA', of('received'), 'approve');
    assert.match(await scene.ended(of('received')), /Finished/);
    assertOnce(of('received'));
  });

  it('a decision that was acknowledged the moment before counts within 30 seconds', async () => {
    await scene.shows(of('decided'), /Approved by Leo Lead/, acknowledgedAt + 30_000 - Date.now());
    assert.match(await scene.ended(of('decided')), /Finished/);
    assertOnce(of('decided'));
  });

  it('what waits goes on waiting, and can be approved', async () => {
    assert.match(scene.card(of('waiting'))?.text ?? '', /Waiting for approval/);
    assert.equal(scene.executions(of('waiting')), 0);
    await scene.click('U0LEO', of('waiting'), 'approve');
    assert.match(await scene.ended(of('waiting')), /Finished/);
    assertOnce(of('waiting'));
  });

  it('what was running is followed to its end, and what waited for its machine comes next', async () => {
    assert.match(await scene.ended(of('running')), /Finished/);
    assertOnce(of('running'));
    assert.match(await scene.ended(of('queued')), /Finished/);
    assertOnce(of('queued'));
  });

  it('a result that was being read is read again, and told once', async () => {
    assert.match(await scene.ended(of('collecting')), /Finished/);
    assertOnce(of('collecting'));
  });

  it('a reply on its way that did not arrive is said, and one that did is repeated once at most', async () => {
    const lost = of('replying in C0PRIVATE');
    await scene.ended(lost);
    await scene.slack.waitFor(() => decisions(lost).length > 0, 40_000);
    assertOnce(lost);
    const arrived = of('replying in C0GENERAL');
    await scene.ended(arrived);
    assert.ok([1, 2].includes(decisions(arrived).length));
    assert.equal(scene.executions(arrived), 1);
    assert.equal(scene.cards(arrived).length, 1);
  });

  it('a submission that Defender took without being heard is found and followed', async () => {
    const id = of('created, not answered');
    assert.match(await scene.ended(id), /Finished/);
    assertOnce(id);
  });

  it('a submission of which nothing is found is unclear, and a lead’s “It ran” ends it without another', async () => {
    const id = of('sent, not created');
    await unclear(id);
    await scene.click('U0LEA', id, 'it_ran');
    assert.match(await scene.ended(id), /Finished.*Lea Lead says that it ran/);
    assert.equal(scene.executions(id), 0);
  });

  it('a submission that waited for its token never left: it is sent, once', async () => {
    const id = of('token hung');
    assert.match(await scene.ended(id), /Finished/);
    assertOnce(id);
  });

  async function unclear(id: string): Promise<void> {
    const card = await scene.shows(id, /Still unclear whether it ran/, 60_000);
    const buttons = buttonsOf(card);
    assert.deepEqual(buttons, ['lr:it_ran', 'lr:it_did_not_run']);
    assert.equal(scene.executions(id), 0);
  }

  it('asks nobody privately about trouble, and has not crashed', () => {
    const trouble = bot.log.filter((line) => /"level":"error"/.test(line));
    assert.deepEqual(trouble, []);
  });
});
