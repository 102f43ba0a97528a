import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  BlockActions,
  clickOf,
  lineOf,
  lineOfMention,
  Mention,
  SlashCommand,
  typedText,
} from '../../../src/chat/slack/payload.ts';
import { readReplyTo } from '../../../src/chat/slack/thread.ts';

describe('what Slack delivers', () => {
  const command = { user_id: 'U0ANA', channel_id: 'C0SOC', trigger_id: '1.2.a' };

  it('may lack whatever is not needed', () => {
    const line = lineOf(SlashCommand.parse(command), 'proof', 7);
    assert.deepEqual([line.text, line.person.name, line.person.tenant], ['', 'U0ANA', '']);
    assert.deepEqual(readReplyTo(line.replyTo), { url: null, channel: 'C0SOC', person: 'U0ANA', thread: null, at: 7 });
    const organised = lineOf(SlashCommand.parse({ ...command, enterprise_id: 'E0HOME' }), 'proof', 7);
    assert.equal(organised.person.tenant, 'E0HOME');
  });

  it('may have null or nothing in it where it could be missing', () => {
    const empty = { user_name: null, team_id: '', enterprise_id: null, text: null, response_url: '', trigger_id: null };
    const line = lineOf(SlashCommand.parse({ ...command, ...empty }), 'proof', 7);
    assert.deepEqual([line.text, line.person.name, line.person.tenant], ['', 'U0ANA', '']);
    assert.equal(readReplyTo(line.replyTo).url, null);
  });

  it('is known again by its proof where Slack gave it no id', () => {
    const { trigger_id: _, ...bare } = command;
    assert.equal(lineOf(SlashCommand.parse(bare), 'proof', 7).delivery, 'slack:proof');
    const event = { user: 'U0ANA', text: 'help', channel: 'C0SOC', ts: '1.2' };
    assert.equal(lineOfMention(Mention.parse({ event }), null, 'proof', 7).delivery, 'slack:C0SOC:1.2');
  });

  it('has ids of the form that the policy takes', () => {
    const line = lineOf(SlashCommand.parse({ ...command, user_id: 'W_LONG_1', channel_id: 'G_OLD_1' }), 'proof', 7);
    assert.deepEqual([line.person.id, line.channel], ['W_LONG_1', 'G_OLD_1']);
  });

  it('is not taken without a person or a channel', () => {
    for (const change of [{ user_id: '<!here>' }, { channel_id: '' }]) {
      assert.equal(SlashCommand.safeParse({ ...command, ...change }).success, false);
    }
  });

  it('names the channel of a click by the message or by its container, and the thread', () => {
    const body = { user: { id: 'U0LEA' }, trigger_id: '1.2.b', actions: [{ action_id: 'lr:deny', value: 'x' }] };
    const click = (change: object) => clickOf(BlockActions.parse({ ...body, ...change }), 'deny', 'proof', 7);
    assert.deepEqual([click({}).channel, click({}).person.name, click({}).person.tenant], [null, 'U0LEA', '']);
    const inThread = click({ container: { channel_id: 'C0SOC', thread_ts: '1.2' }, team: null, enterprise: null });
    assert.equal(inThread.channel, 'C0SOC');
    assert.equal(readReplyTo(inThread.replyTo).thread, '1.2');
    assert.equal(click({ channel: { id: 'D0LEA' } }).channel, 'D0LEA', 'which no request lives in');
    assert.equal(click({ user: { id: 'U0LEA', username: 'lea' } }).person.name, 'lea');
  });

  it('names the message that was clicked on where a card could be one, and no other', () => {
    const body = { user: { id: 'U0LEA' }, actions: [{ action_id: 'lr:deny', value: 'LR-8K3F2Q:1' }] };
    const container = { type: 'message', channel_id: 'C0SOC', message_ts: '1.2', is_ephemeral: false };
    const shown = (change: object, message: unknown = { ts: '1.2', user: 'U0BOT' }) =>
      clickOf(BlockActions.parse({ ...body, message, container: { ...container, ...change } }), 'deny', 'proof', 7)
        .shownOn;
    const card = { thread: 'C0SOC:1.2', message: 'C0SOC:1.2' };
    assert.deepEqual([shown({}), shown({ thread_ts: '1.2' })], [card, card], 'with and without replies');
    assert.equal(shown({ thread_ts: '1.1' }), undefined, 'a reply');
    assert.equal(shown({ is_ephemeral: true }), undefined, 'for one person only');
    assert.equal(shown({}, null), undefined, 'the same');
    assert.equal(shown({}, { ts: '1.3' }), undefined, 'another message');
    assert.equal(shown({ channel_id: 'D0LEA' }), undefined, 'a private chat');
    assert.equal(shown({ message_ts: null }), undefined);
  });

  it('tells a mention outside of threads, and by people of other workspaces', () => {
    const event = { user: 'U0EVE', user_team: 'T0X', text: '<@U0BOT> help', channel: 'C0SOC', ts: '1.2' };
    const line = lineOfMention(Mention.parse({ event_id: 'Ev1', event }), null, 'proof', 7);
    assert.deepEqual([line.thread, line.text, line.person.tenant], [null, 'help', 'T0X']);
  });

  it('holds the words as they were typed', () => {
    const cases: [string, string][] = [
      ['<@U0BOT> run ws-042 a.ps1', 'run ws-042 a.ps1'],
      ['<@U0BOT|bot>   status', 'status'],
      ['please <@U0BOT> status', 'please  status'],
      ['<@U0BOT> run <http://ws-042.contoso.com|ws-042.contoso.com> a.ps1', 'run ws-042.contoso.com a.ps1'],
      ['<@U0BOT> run <http://evil.example|ws-042> a.ps1', 'run <http://evil.example|ws-042> a.ps1'],
      ['<@U0BOT> run ws a.ps1 "x &amp;&amp; y &lt;z&gt; &amp;lt;"', 'run ws a.ps1 "x && y <z> &lt;"'],
    ];
    for (const [message, words] of cases) assert.equal(typedText(message, 'U0BOT'), words);
  });

  it('gives every word back that Slack escaped', () => {
    const escaped = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    fc.assert(
      fc.property(fc.string(), (words) => {
        assert.equal(typedText(`<@U0BOT> ${escaped(words)}`, 'U0BOT'), words.trim());
      }),
    );
  });
});
