import assert from 'node:assert/strict';
import type { Delivery } from '../../src/playground/slack-workspace/index.ts';
import { signedHeaders } from '../../src/playground/slack-workspace/sign.ts';
import { type Bot, FAST_POLICY, SECRETS } from '../support/bot.ts';
import { buttonsOf, type Scene, setScene } from './scene.ts';

/** Max is in no group; Dee has left; Gus is a guest whom the policy lists as analyst and as lead. */
const POLICY = FAST_POLICY.replace('users: [U0LEA, U0LEO]', 'users: [U0LEA, U0LEO, U0GUS, U0EVE]');

/** What must lead to nothing, over real signed HTTP: refused privately and clearly, and nothing runs. */
describe('the running bot refuses', function () {
  this.timeout(120_000);
  let scene: Scene;
  let bot: Bot;
  /** A request that waits; each refusal here leaves it as it is. */
  let waiting: string;

  before(async () => {
    scene = await setScene();
    scene.defender.control.putFile({ fileName: 'Changing.ps1', content: 'Get-Date', description: 'Tells the time.' });
    scene.defender.control.putFile({ fileName: 'Slow.ps1', content: 'Start-Sleep 8', workMs: 8_000 });
    bot = await scene.start({ policy: POLICY });
    waiting = await scene.ask('run ws-001 Get-Processes.ps1');
    await scene.shows(waiting, /Waiting for approval/);
  });

  after(() => scene.close());

  /** What this person is told next, and nobody else: the click's answer, or a line's. */
  async function toldAfter(user: string, act: () => Promise<Delivery>): Promise<string> {
    const before = scene.whispers(user).length;
    const messages = scene.slack.state().messages.length;
    const { status } = await act();
    assert.equal(status, 200);
    const told = await scene.slack.waitFor(() => scene.whispers(user).at(before), 20_000);
    assert.equal(scene.slack.state().messages.length, messages, 'nothing in the channel');
    return told;
  }

  function assertUntouched(): void {
    assert.match(scene.card(waiting)?.text ?? '', /Waiting for approval/);
    assert.match(scene.card(waiting)?.text ?? '', /0 so far/);
    assert.equal(scene.executions(waiting), 0);
  }

  describe('a click', () => {
    afterEach(assertUntouched);

    it('of the requester on their own request', async () => {
      const told = await toldAfter('U0ANA', () => scene.click('U0ANA', waiting, 'approve'));
      assert.match(told, /You asked for LR-\w+ yourself, so someone else must approve it: .*Lea Lead/);
    });

    it('of a lead on their own request', async () => {
      const own = await scene.ask('run ws-022 Get-Processes.ps1', { user: 'U0LEA' });
      await scene.shows(own, /Waiting for approval/);
      const told = await toldAfter('U0LEA', () => scene.click('U0LEA', own, 'approve'));
      assert.match(told, /yourself, so someone else must approve it/);
      assert.equal(scene.executions(own), 0);
    });

    it('of a guest, although the policy lists them', async () => {
      const told = await toldAfter('U0GUS', () => scene.click('U0GUS', waiting, 'approve'));
      assert.match(told, /^Guests may not/);
    });

    it('of somebody of another organisation, although the policy lists them', async () => {
      const told = await toldAfter('U0EVE', () => scene.click('U0EVE', waiting, 'approve'));
      assert.match(told, /other organisations may not/);
    });

    it('of a colleague who may not approve', async () => {
      const told = await toldAfter('U0MAX', () => scene.click('U0MAX', waiting, 'approve'));
      assert.match(told, /You may not approve LR-\w+\. These people may: .*Lea Lead/);
    });

    it('of somebody whose account is deactivated', async () => {
      const told = await toldAfter('U0DEE', () => scene.click('U0DEE', waiting, 'deny'));
      assert.match(told, /deactivated/);
    });

    it('of an analyst on Deny, and of somebody else on Withdraw', async () => {
      assert.match(await toldAfter('U0MAX', () => scene.click('U0MAX', waiting, 'deny')), /may not deny/);
      assert.match(await toldAfter('U0LEO', () => scene.click('U0LEO', waiting, 'withdraw')), /Only Ana Analyst/);
    });
  });

  it('the second click of the same lead, and clicks after the end', async () => {
    const id = await scene.ask('run dc-01 Get-Processes.ps1 --reason "INC-7 odd logons"');
    await scene.shows(id, /2 approvals/);
    await scene.click('U0LEA', id, 'approve');
    await scene.shows(id, /1 so far/);
    const told = await toldAfter('U0LEA', () => scene.click('U0LEA', id, 'approve'));
    assert.match(told, /You approved LR-\w+ already/);
    assert.equal(scene.executions(id), 0);
    await scene.click('U0LEO', id, 'approve');
    await scene.ended(id);
    for (const action of ['approve', 'deny', 'withdraw']) {
      assert.match(await toldAfter('U0LEO', () => scene.click('U0LEO', id, action)), /ended already|Only Ana/);
    }
    assert.equal(scene.executions(id), 1);
  });

  it('a click on an older round, after the script changed between approval and sending', async () => {
    const { defender } = scene;
    const fileName = 'Changing.ps1';
    // The machine is at work for another request, so that the approved one waits in line.
    const first = await scene.approved('run ws-033 Slow.ps1');
    await scene.shows(first, /Running since/);
    const id = await scene.approved(`run ws-033 ${fileName}`);
    await scene.shows(id, /runs on this machine/);
    const old = scene.card(id);
    defender.control.putFile({ fileName, content: 'Remove-Item C:\\ -Recurse' });
    await scene.shows(id, /Waiting for approval again: Changing\.ps1 changed/, 60_000);
    const told = await toldAfter('U0LEO', () =>
      scene.slack.click({
        ...{ user: 'U0LEO', channel: old?.channel ?? '', ts: old?.ts ?? '' },
        ...{ actionId: 'lr:approve', value: `${id}:1` },
      }),
    );
    assert.match(told, /has changed since that card was shown/);
    assert.equal(scene.executions(id), 0);
    await scene.click('U0LEO', id, 'approve');
    assert.match(await scene.ended(id), /Finished/);
    assert.equal(scene.executions(id), 1);
  });

  describe('a line', () => {
    const counted = () => scene.slack.state().messages.length;

    for (const [user, words] of [
      ['U0GUS', /^Guests may not/],
      ['U0MAX', /You aren't among the people who may use live response here\. Ask .*Lea Lead/],
      ['U0DEE', /You aren't among the people/],
    ] as const) {
      it(`of ${user}`, async () => {
        const before = counted();
        const told = scene.whispers(user).length;
        await scene.slack.command({ user, channel: 'C0SOC', text: 'run ws-002 Get-Processes.ps1' });
        await scene.slack.waitFor(
          () =>
            scene
              .whispers(user)
              .slice(told)
              .some((text) => words.test(text)),
          20_000,
        );
        assert.equal(counted(), before);
      });
    }
  });

  describe('what is not from Slack', () => {
    const line = { user: 'U0ANA', channel: 'C0SOC', text: 'run ws-041 Get-Processes.ps1' };
    const nothing = async (delivery: Promise<Delivery>, status: number) => {
      const before = scene.slack.state().messages.length;
      assert.equal((await delivery).status, status);
      assert.equal(scene.slack.state().messages.length, before);
      assert.ok(!scene.whispers('U0ANA').some((text) => text.includes('ws-041')));
    };

    it('a forged signature, and none', async () => {
      await nothing(scene.slack.command({ ...line, signing: { secret: 'a guess' } }), 401);
      await nothing(scene.slack.command({ ...line, signing: { unsigned: true } }), 401);
      const card = scene.card(waiting);
      const click = { user: 'U0LEA', channel: 'C0SOC', ts: card?.ts ?? '', actionId: 'lr:approve' };
      await nothing(scene.slack.click({ ...click, signing: { secret: 'a guess' } }), 401);
      assertUntouched();
    });

    it('a good signature of another time, past or future', async () => {
      await nothing(scene.slack.command({ ...line, signing: { skew: -400 } }), 401);
      await nothing(scene.slack.command({ ...line, signing: { skew: 400 } }), 401);
    });

    it('what cannot be read, and what is too large', async () => {
      const json = { 'content-type': 'application/json' };
      await nothing(scene.slack.deliverRaw({ body: '{}', headers: json }), 401);
      await nothing(scene.slack.deliverRaw({ body: 'x'.repeat(300 * 1024) }), 413);
      // Signed, but no delivery: nothing to do is acknowledged, and what is no JSON can't be.
      const signed = (body: string) => signedHeaders(body, { secret: SECRETS.signingSecret, now: Date.now() });
      await nothing(scene.slack.deliverRaw({ body: '{}', headers: { ...json, ...signed('{}') } }), 200);
      await nothing(scene.slack.deliverRaw({ body: '{', headers: { ...json, ...signed('{') } }), 400);
    });
  });

  it('to count a replayed command and click twice', async () => {
    const typed = await scene.slack.command({ user: 'U0ANA', channel: 'C0SOC', text: 'run ws-042 Get-Processes.ps1' });
    const id = /Got it, (LR-[0-9A-Z]{6})/.exec(typed.body)?.[1] ?? '';
    const replayed = await scene.slack.replay(typed.id);
    assert.match(replayed.body, new RegExp(`Got it, ${id}`));
    await scene.shows(id, /Waiting for approval/);
    const click = await scene.click('U0LEA', id, 'approve');
    await Promise.all([scene.slack.replay(click.id), scene.slack.replay(click.id)]);
    assert.match(await scene.ended(id), /Finished/);
    await scene.slack.replay(click.id);
    assert.equal(scene.executions(id), 1);
    assert.equal(scene.cards(id).length, 1);
    assert.equal(scene.replies(id).filter((text) => text.startsWith('Lea Lead approved')).length, 1);
    const others = scene.slack.state().messages.filter((message) => /ws-042/.test(message.text) && !message.threadTs);
    assert.equal(others.length, 1, 'one request came of it');
  });

  it('a results link of somebody whose right has ended, also for its files', async () => {
    const id = await scene.approved('get srv-web-01 C:\\Windows\\win.ini');
    await scene.ended(id);
    assert.deepEqual(buttonsOf(scene.card(id) ?? { blocks: null }), ['lr:results']);
    const told = await toldAfter('U0ANA', () => scene.click('U0ANA', id, 'results'));
    const link =
      new RegExp(`${bot.url}/results/[\\w-]+`).exec(JSON.stringify(scene.slack.state().ephemerals.at(-1)))?.[0] ?? '';
    assert.match(told, new RegExp(`Open results of ${id}`));
    const page = await fetch(link);
    assert.equal(page.status, 200);
    assert.match(await page.text(), new RegExp(id));
    const post = () => fetch(`${link}/files/0`, { method: 'POST', redirect: 'manual', headers: { origin: bot.url } });
    assert.equal((await post()).status, 303);
    // The directory doesn't know her any more.
    scene.slack.fault({ kind: 'error', method: 'users.info', error: 'user_not_found', times: 2 });
    const minted = () => scene.defender.state().calls.filter((call) => call.path.includes('DownloadLink')).length;
    const before = minted();
    assert.equal((await fetch(link)).status, 403);
    assert.equal((await post()).status, 403);
    assert.equal(minted(), before, 'no link of Defender was made');
  });

  it('and none of it is an error of the bot', () => {
    const trouble = bot.log.filter((line) => /"level":"error"/.test(line));
    assert.deepEqual(trouble, []);
  });

  // Last of all, in a suite of its own: tests of the outer suite run before those of its suites.
  describe('a policy', () => {
    it('that is broken, keeps the one before, and takes a valid one while it runs', async () => {
      await bot.newPolicy('version: 2');
      const trouble = await bot.says(/policy before stays in force/);
      assert.match(trouble, /"level":"error".*line 1, column/);
      assert.equal((await fetch(`${bot.url}/readyz`)).status, 200);
      await bot.newPolicy(POLICY.replace('default: { approvals: 1,', 'default: { approvals: 2,'));
      const card = await scene.shows(waiting, /2 approvals by leads/);
      assert.match(card.text, /the policy changed, and it now asks for 2 approvals/);
      await scene.click('U0LEA', waiting, 'approve');
      await scene.shows(waiting, /1 so far/);
      assert.equal(scene.executions(waiting), 0);
    });
  });
});
