import assert from 'node:assert/strict';
import { REFUSALS } from '../../src/chat/slack/refusals.ts';
import { ChatError } from '../../src/errors.ts';
import { createSlackWorld, type SlackWorld } from '../support/slack-world.ts';
import { SCRIPT } from '../support/story.ts';

const POST = 'chat.postMessage';
const UPDATE = 'chat.update';
const MINUTE = 60_000;

/** Each row of the table in docs/slack.md, with the adapter that production uses, on a stand-in for Slack. */
describe('a refusal of Slack', () => {
  let scene: SlackWorld;
  beforeEach(async () => {
    scene = await createSlackWorld();
  });
  afterEach(() => scene.close());
  const refuse = (method: string, error: string, times = 10_000) =>
    scene.slack.fault({ kind: 'error', method, error, times });
  const passing = async (times: number, step = MINUTE) => {
    for (let i = 0; i < times; i++) await scene.pass(step);
  };
  const text = (id: string) => scene.cards(id).at(-1)?.text ?? '';

  const cards: [code: string, told: RegExp][] = [
    [
      'not_in_channel',
      /^I’m not in .*, so I can’t post the card there\. Invite me with \/invite @Live Response; LR-\w+ waits/,
    ],
    ['channel_not_found', /private, somebody in it can invite me .*; if it was deleted, whoever runs this bot/],
    ['is_archived', /archived\. Somebody who was in it can unarchive it, or whoever runs this bot/],
    ['restricted_action', /A workspace admin can allow it\./],
    ['restricted_action_read_only_channel', /Only some may post .* admin or a manager of the channel can add me/],
    ['restricted_action_thread_only_channel', /replies in threads only, .* manager of the channel can let me post/],
    ['token_revoked', /My token for Slack was revoked\. Whoever runs this bot .* SLACK_BOT_TOKEN/],
    ['account_inactive', /My account in Slack is switched off\. Whoever runs this bot .* SLACK_BOT_TOKEN/],
  ];
  for (const [code, told] of cards) {
    it(`of a card, ${code}: its requester hears once why, and who can do what; the card comes when Slack takes it`, async () => {
      refuse(POST, code);
      refuse('chat.postEphemeral', code);
      const id = await scene.ask(SCRIPT);
      await passing(2);
      assert.equal(scene.told().length, 1);
      assert.match(scene.told()[0] ?? '', told);
      assert.match(scene.told()[0] ?? '', new RegExp(id));
      assert.equal(scene.cards(id).length, 0);
      scene.slack.clearFaults();
      await passing(1);
      assert.match(text(id), /Waiting for approval/);
      assert.equal(scene.told().length, 1);
    });
  }

  for (const code of ['msg_blocks_too_long', 'msg_too_long', 'invalid_blocks']) {
    it(`of a card and its edit, ${code}: sent again in short at once, whole in what would run, with its buttons`, async () => {
      refuse(POST, code, 1);
      const id = await scene.ask('get ws-042 C:\\windows\\TEMP\\a.zip --reason "<!channel> *bold*"');
      const [card] = scene.cards(id);
      assert.equal(scene.calls(POST), 2);
      const shown = JSON.stringify(card?.blocks);
      assert.ok(shown.includes(JSON.stringify('C:\\windows\\TEMP\\a.zip').slice(1, -1)));
      assert.match(shown, /"lr:approve".*"lr:deny"/);
      assert.match(shown, /<@U0LEA>/, 'who may approve is called');
      assert.doesNotMatch(shown, /"type":"mrkdwn","text":"[^"]*<!channel>/);
      refuse(UPDATE, code, 1);
      await scene.click(id, 'deny');
      assert.match(text(id), /Denied/);
      assert.equal(scene.cards(id).length, 1);
      assert.deepEqual(scene.told(), []);
    });

    it(`of a card even in short, ${code}: its requester hears it once, and it comes when Slack takes it`, async () => {
      refuse(POST, code);
      const id = await scene.ask(SCRIPT);
      await passing(2);
      assert.equal(scene.told().length, 1);
      assert.match(scene.told()[0] ?? '', /Ask for less at once, and tell whoever runs this bot/);
      scene.slack.clearFaults();
      await passing(1, 16 * MINUTE);
      assert.equal(scene.cards(id).length, 1);
    });
  }

  for (const code of ['is_archived', 'restricted_action', 'channel_not_found', 'token_revoked', 'account_inactive']) {
    it(`of an edit, ${code}: told once, and shown when Slack takes it`, async () => {
      const id = await scene.ask(SCRIPT);
      refuse(UPDATE, code);
      await scene.click(id, 'deny');
      assert.match(text(id), /Waiting/);
      await passing(2);
      assert.equal(scene.told().length, 1);
      assert.match(
        scene.told()[0] ?? '',
        new RegExp(`The card of ${id} in #soc shows an old state, .* “status ${id}”`),
      );
      scene.slack.clearFaults();
      await passing(1, 16 * MINUTE);
      assert.match(text(id), /Denied/);
    });
  }

  for (const code of ['edit_window_closed', 'message_not_found', 'cant_update_message']) {
    it(`of an edit, ${code}: a fresh card takes its place, its requester hears why, and the thread goes on`, async () => {
      const id = await scene.ask(SCRIPT);
      const [first] = scene.cards(id);
      refuse(UPDATE, code, 1);
      await scene.click(id, 'deny');
      assert.equal(scene.cards(id).length, 2);
      assert.match(text(id), /Denied/);
      assert.equal(scene.told().length, 1);
      assert.match(scene.told()[0] ?? '', new RegExp(`I post the card of ${id} in #soc anew: .*the old one`, 'i'));
      assert.equal(scene.replies(id)[0]?.threadTs, first?.ts);
    });
  }

  it('of a reply, restricted_action_thread_locked: told once, and said when it is unlocked', async () => {
    const id = await scene.ask(SCRIPT);
    refuse(POST, 'restricted_action_thread_locked');
    await scene.click(id, 'deny');
    await passing(2);
    assert.match(
      scene.told().join('|'),
      /^I can’t write in the thread of LR-\w+ in #soc: The thread is locked\.[^|]*$/,
    );
    scene.slack.clearFaults();
    await passing(1, 16 * MINUTE);
    assert.equal(scene.replies(id).length, 1);
  });

  it('of a reply, restricted_action_thread_locked: after a day it is no news any more', async () => {
    const id = await scene.ask(SCRIPT);
    refuse(POST, 'restricted_action_thread_locked');
    await scene.click(id, 'deny');
    await passing(2, 13 * 60 * MINUTE);
    scene.slack.clearFaults();
    await passing(2, 16 * MINUTE);
    assert.equal(scene.replies(id).length, 0);
  });

  it('of a reply, cannot_reply_to_message: a fresh card takes the place, with a thread for it', async () => {
    const id = await scene.ask(SCRIPT);
    refuse(POST, 'cannot_reply_to_message', 1);
    await scene.click(id, 'deny');
    await passing(1);
    const [, second] = scene.cards(id);
    assert.equal(scene.replies(id)[0]?.threadTs, second?.ts);
    assert.match(scene.told().join('|'), /^I post the card of LR-\w+ in #soc anew: Slack lets nobody reply/);
  });

  it('of every reply, cannot_reply_to_message: one fresh card, no more, and its requester hears it', async () => {
    const id = await scene.ask(SCRIPT);
    // What Slack refuses in threads alone, without a fault that would hit cards as well.
    const chat = scene.world.deps.chats.get('slack');
    const { message } = REFUSALS.cannot_reply_to_message ?? { message: '' };
    Object.assign(chat ?? {}, {
      reply: async () => {
        throw new ChatError('chat_gone', message, { reason: 'cannot_reply_to_message' });
      },
    });
    await scene.click(id, 'deny');
    await passing(20, 3_000);
    assert.equal(scene.cards(id).length, 2);
    assert.match(
      scene.told().join('|'),
      /I can’t write in the thread of LR-\w+ in #soc: Slack lets nobody reply in the/,
    );
  });

  for (const code of ['msg_too_long', 'invalid_blocks']) {
    it(`of a reply, ${code}: said again in short at once`, async () => {
      const id = await scene.ask(SCRIPT);
      refuse(POST, code, 1);
      await scene.click(id, 'deny');
      assert.match(scene.replies(id)[0]?.text ?? '', /denied/);
      assert.deepEqual(scene.told(), []);
    });
  }
});
