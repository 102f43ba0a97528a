import assert from 'node:assert/strict';
import type { FaultInput } from '../../src/playground/slack-workspace/index.ts';
import type { Bot } from '../support/bot.ts';
import { type Scene, setScene } from './scene.ts';

const POST = 'chat.postMessage';
const UPDATE = 'chat.update';

/** What happens to the card, to its edits and to the first reply, in a channel of its own. */
const TROUBLES = [
  {
    channel: 'C0SOC',
    card: { kind: 'status', status: 500 },
    edit: { kind: 'status', status: 503, times: 2 },
    reply: { kind: 'reset', applied: true },
    may: { cards: 1, decisions: 2 },
  },
  {
    channel: 'C0PRIVATE',
    card: { kind: 'reset', applied: true },
    edit: { kind: 'reset', applied: true },
    reply: { kind: 'status', status: 502 },
    may: { cards: 2, decisions: 1 },
  },
  {
    channel: 'C0GENERAL',
    card: { kind: 'rate_limited', retryAfter: 2 },
    edit: { kind: 'rate_limited', retryAfter: 3 },
    reply: { kind: 'rate_limited', retryAfter: 2, times: 2 },
    may: { cards: 1, decisions: 1 },
  },
  {
    channel: 'C0SHARED',
    card: { kind: 'hang' },
    edit: { kind: 'error', error: 'internal_error' },
    reply: { kind: 'hang', applied: true },
    may: { cards: 1, decisions: 2 },
  },
] as const satisfies {
  channel: string;
  card: FaultInput;
  edit: FaultInput;
  reply: FaultInput;
  may: { cards: number; decisions: number };
}[];

/** Slack loses, repeats, throttles and cuts off. All channels have their trouble at the same time. */
describe('while Slack has trouble', function () {
  this.timeout(120_000);
  let scene: Scene;
  let bot: Bot;
  const ids = new Map<string, string>();
  const askedAt = new Map<string, number>();

  before(async () => {
    scene = await setScene();
    for (const { channel } of TROUBLES) scene.slack.invite(channel);
    bot = await scene.start();
    for (const [index, { channel, card }] of TROUBLES.entries()) {
      scene.slack.fault({ ...card, method: POST, channel });
      ids.set(channel, await scene.ask(`run ${MACHINES[index]} Get-Processes.ps1`, { channel }));
      askedAt.set(channel, Date.now());
    }
  });
  after(() => scene.close());

  for (const { channel, card, edit, reply } of TROUBLES) {
    it(`in ${channel} the card is there within 30 s: ${words(card)}; then its edit: ${words(edit)}, and a reply: ${words(reply)}`, async () => {
      const id = ids.get(channel) ?? '';
      await scene.shows(id, /Waiting for approval/, (askedAt.get(channel) ?? 0) + 30_000 - Date.now());
      scene.slack.fault({ ...edit, method: UPDATE, channel });
      scene.slack.fault({ ...reply, method: POST, channel });
      await scene.click('U0LEA', id, 'approve');
    });
  }

  for (const { channel, may } of TROUBLES) {
    it(`in ${channel} the card came to its end and all was said, with at most ${may.cards} card and ${may.decisions} times the decision`, async () => {
      const id = ids.get(channel) ?? '';
      assert.match(await scene.ended(id), /Finished/);
      assert.equal(scene.executions(id), 1);
      assert.ok(scene.cards(id).length <= may.cards, `${scene.cards(id).length} cards`);
      const said = scene.replies(id);
      const decisions = said.filter((text) => text.startsWith('Lea Lead approved'));
      assert.ok(decisions.length >= 1 && decisions.length <= may.decisions, `${decisions.length} times the decision`);
      assert.equal(said.filter((text) => text.includes('ended with exit 0')).length, 1);
      assert.equal(said.filter((text) => text.includes('Finished')).length, 1);
    });
  }

  it('nothing is sent to a channel before the pause is over that Slack asked for', () => {
    const calls = scene.slack.state().calls.filter((call) => call.channel === 'C0GENERAL');
    const throttled = calls.filter((call) => call.error === 'fault: rate_limited');
    assert.equal(throttled.length, 4);
    for (const { at, method } of throttled) {
      const next = calls.find((call) => call.at > at && call.method === method);
      const pause = method === UPDATE ? 3_000 : 2_000;
      assert.ok((next?.at ?? 0) - at >= pause, `${method} again after ${(next?.at ?? 0) - at} ms`);
    }
  });

  it('and the bot has met no error of its own', () => {
    const trouble = bot.log.filter((line) => /"level":"error"/.test(line));
    assert.deepEqual(trouble, []);
  });
});

const MACHINES = ['ws-001', 'ws-002', 'ws-018', 'ws-021'];

function words(fault: FaultInput): string {
  return `${fault.kind}${fault.applied === true ? ' after it arrived' : ''}`;
}
