import assert from 'node:assert/strict';
import type { Bot } from '../support/bot.ts';
import { type Scene, setScene } from './scene.ts';

/** An attempt to send must have left within this time (flow/dispatch.ts). */
const SEND_WITHIN = 20_000;

describe('stopping the bot', function () {
  this.timeout(120_000);
  let scene: Scene;
  let bot: Bot;
  let unanswered: string;

  before(async () => {
    // Tokens that are never fresh enough, so that each call asks for one.
    scene = await setScene({ tokenSeconds: 1 });
    scene.defender.control.putFile({ fileName: 'Slow.ps1', content: 'Start-Sleep 6', workMs: 6_000 });
    bot = await scene.start();
  });
  after(() => scene.close());

  const machine = (name: string) => ({ machineId: scene.defender.machines.find(name)?.id ?? '' });

  it('by SIGSTOP right before it sends, until it is too late, sends nothing from that attempt when it goes on', async () => {
    const id = await stopBeforeSending('ws-040');
    await passes(SEND_WITHIN + 500);
    assert.deepEqual(submissions('ws-040'), []);
    const resumedAt = Date.now();
    bot.resume();
    assert.match(await scene.ended(id), /Finished/);
    const outcomes = bot.log.filter((line) => line.includes(`"${id}.1"`) && line.includes('submission ended'));
    assert.equal(outcomes.length, 2);
    assert.match(outcomes[0] ?? '', /"attempt":1,"outcome":"not_sent"/);
    assert.match(outcomes[1] ?? '', /"attempt":2,"outcome":"accepted"/);
    assert.equal(submissions('ws-040').length, 1);
    assert.ok((submissions('ws-040')[0]?.at ?? 0) >= resumedAt);
    assert.equal(scene.executions(id), 1);
  });

  it('by SIGTERM ends with 0 within ten seconds, also while a call to Defender is open, and a new start goes on', async () => {
    const running = await scene.approved('run ws-018 Slow.ps1');
    await scene.shows(running, /Running since/);
    scene.defender.control.fault({ kind: 'hold_after', ...machine('ws-022') });
    const open = await scene.approved('get ws-022 C:\\Windows\\win.ini');
    await scene.defenderComesTo((tenant) => tenant.state().held === 1);
    const { code, ms } = await bot.sigterm();
    assert.equal(code, 0);
    assert.ok(ms < 10_000, `${ms} ms`);
    assert.ok(bot.log.some((line) => line.includes('"stopped"')));
    bot = await scene.start();
    assert.match(await scene.ended(running), /Finished/);
    assert.equal(scene.executions(running), 1);
    unanswered = open;
  });

  it('leaves nothing behind: the call that was open at SIGTERM is found and followed, whatever happened since', async () => {
    assert.match(await scene.ended(unanswered), /Finished/);
    assert.equal(scene.executions(unanswered), 1);
    assert.deepEqual(
      bot.log.filter((line) => /"level":"error"/.test(line)),
      [],
    );
  });

  const submissions = (name: string) =>
    scene.defender
      .state()
      .calls.filter((call) => call.path.includes(machine(name).machineId) && call.path.endsWith('/runliveresponse'));

  /** Stands still while it waits for the token of the submission: its intent and its start are stored, nothing has left. */
  async function stopBeforeSending(name: string): Promise<string> {
    const { control } = scene.defender;
    const id = await scene.ask(`run ${name} Get-Processes.ps1`);
    await scene.shows(id, /Waiting for approval/);
    // Nothing else runs yet, so that what asks for a token after the last look at the library is the sending.
    control.fault({ kind: 'hold', on: 'library' });
    await scene.click('U0LEA', id, 'approve');
    await scene.defenderComesTo((tenant) => tenant.state().held === 1);
    const from = scene.defender.state().calls.length;
    const asksFor = (tokens: number) =>
      scene.defenderComesTo((tenant) => {
        const { calls, held } = tenant.state();
        return held === 1 && calls.slice(from).filter((call) => call.path.endsWith('/token')).length === tokens;
      });
    control.fault({ kind: 'hold', on: 'token', times: 2 });
    control.release();
    await asksFor(1); // It signs in.
    control.release();
    await asksFor(2);
    bot.pause();
    control.release();
    return id;
  }
});

/** Real time, since it is the clock of another process that has to move on while it stands still. */
function passes(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
