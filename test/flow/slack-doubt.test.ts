import assert from 'node:assert/strict';
import { createSlackWorld, type SlackWorld } from '../support/slack-world.ts';
import { SCRIPT } from '../support/story.ts';

const POST = 'chat.postMessage';
const HISTORY = 'conversations.history';

/** Posts that got no answer, with the adapter that production uses, on a stand-in for Slack. */
describe('a post to Slack that got no answer', () => {
  let scene: SlackWorld;
  beforeEach(async () => {
    scene = await createSlackWorld();
  });
  afterEach(() => scene.close());
  const mayRead = () => {
    scene.slack.setSubscription({
      scopes: ['channels:history', 'channels:read', 'chat:write', 'commands', 'users:read'],
    });
  };
  const lost = (applied: boolean, times = 1) => scene.slack.fault({ kind: 'reset', method: POST, applied, times });
  const lookLines = () => scene.log.lines.filter((line) => line.includes('looked for'));

  it('is found by its mark where the bot may read the channel: the card stands once, up to date', async () => {
    mayRead();
    lost(true);
    const id = await scene.ask(SCRIPT);
    await scene.pass(20_000);
    assert.deepEqual([scene.cards(id).length, scene.calls(POST), scene.calls(HISTORY)], [1, 1, 1]);
    await scene.click(id, 'deny');
    assert.match(scene.cards(id)[0]?.text ?? '', /Denied/);
    assert.equal(scene.replies(id).length, 1);
  });

  it('is found on a later page, too, and among what others wrote', async () => {
    mayRead();
    lost(true);
    const id = await scene.ask(SCRIPT);
    for (let i = 0; i < 230; i++) await scene.slack.say({ user: 'U0MAX', channel: 'C0SOC', text: `noise ${i}` });
    await scene.pass(20_000);
    assert.deepEqual([scene.cards(id).length, scene.calls(POST), scene.calls(HISTORY)], [1, 1, 2]);
  });

  it('is posted again where the bot may read the channel and it isn’t there', async () => {
    mayRead();
    lost(false, 3);
    const id = await scene.ask(SCRIPT);
    for (let i = 0; i < 4; i++) await scene.pass(20_000);
    assert.deepEqual([scene.cards(id).length, scene.calls(POST)], [1, 4]);
    assert.deepEqual(scene.told(), []);
  });

  it('is doubled once at most where the bot may not read, which the log says once', async () => {
    lost(true, 2);
    const id = await scene.ask(SCRIPT);
    for (let i = 0; i < 6; i++) await scene.pass(20_000);
    assert.deepEqual([scene.cards(id).length, scene.calls(POST), scene.calls(HISTORY)], [2, 2, 1]);
    assert.deepEqual(scene.told(), [
      `Slack didn’t say whether the card of ${id} stands in #soc. If you don’t see it there: show ${id}`,
    ]);
    assert.equal(lookLines().length, 1);
    assert.match(lookLines()[0] ?? '', /missing_scope/);
  });

  it('waits for an outage to end before it is repeated', async () => {
    lost(false);
    scene.slack.fault({ kind: 'status', status: 503, method: 'auth.test', times: 1_000 });
    const id = await scene.ask(SCRIPT);
    for (let i = 0; i < 15; i++) await scene.pass(20_000);
    assert.deepEqual([scene.cards(id).length, scene.calls(POST)], [0, 1]);
    scene.slack.clearFaults();
    await scene.pass(20_000);
    assert.equal(scene.cards(id).length, 1);
  });

  it('is looked for in its thread when it was a reply, and not said twice', async () => {
    mayRead();
    const id = await scene.ask(SCRIPT);
    lost(true);
    await scene.click(id, 'deny');
    await scene.pass(20_000);
    assert.equal(scene.replies(id).length, 1);
    assert.equal(scene.calls('conversations.replies'), 1);
    const payload = JSON.stringify(scene.replies(id)[0]?.metadata);
    assert.match(payload, /^\{"event_type":"liveresponse_reply","event_payload":\{"mark":"[0-9a-f-]{36}"\}\}$/);
  });

  it('and stands twice then: a click on the one that no record knows makes it a card, too', async () => {
    lost(true);
    const id = await scene.ask(SCRIPT);
    await scene.pass(20_000);
    const [first, second] = scene.cards(id);
    assert.ok(first !== undefined && second !== undefined);
    await scene.click(id, 'deny', first);
    for (const card of scene.cards(id)) assert.match(card.text, /Denied/);
    assert.equal((await scene.world.store.cardsOf(id)).length, 2);
  });
});
