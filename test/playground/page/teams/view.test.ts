import assert from 'node:assert/strict';
import {
  asksForRefresh,
  cardFor,
  conversationsOf,
  latestIn,
  type Message,
  noticeFor,
  postsIn,
  repliesTo,
  TeamsView,
  wordsOf,
} from '../../../../src/playground/page/teams/view.ts';

const message = (id: string, more: Partial<Message> = {}): Message => ({
  id,
  conversation: 'soc',
  root: null,
  from: 'bot',
  at: Number(id),
  text: id,
  textFormat: 'plain',
  summary: null,
  card: null,
  edits: 0,
  ...more,
});

const conversation = (id: string, kind: 'channel' | 'groupChat' | 'personal', members: string[]) => ({
  id,
  name: id,
  kind,
  membership: 'standard' as const,
  members,
  installed: true,
});

const viewOf = (more: Partial<TeamsView>): TeamsView =>
  TeamsView.parse({
    team: { id: 't', name: 'Team' },
    bot: { id: '28:b', name: 'Bot' },
    people: [],
    conversations: [],
    messages: [],
    personalViews: [],
    notices: [],
    dialogs: [],
    deliveries: [],
    ...more,
  });

const idsOf = (items: { id: string }[]): string[] => items.map(({ id }) => id);

describe('What a person sees of Teams', () => {
  const post = message('1', { card: { everybody: true } });
  const view = viewOf({
    conversations: [
      conversation('chat', 'personal', ['ana']),
      conversation('soc', 'channel', ['ana', 'lea']),
      conversation('other', 'channel', ['lea']),
    ],
    messages: [message('4', { root: '1' }), post, message('3', { conversation: 'other' }), message('2', { root: '1' })],
    personalViews: [{ message: '1', person: 'lea', card: { lea: true } }],
    notices: [
      { person: 'lea', message: '1', text: 'old', error: false, at: 1 },
      { person: 'lea', message: '1', text: 'new', error: true, at: 2 },
    ],
  });

  it('is their channels, then their chats, and none of others', () => {
    assert.deepEqual(idsOf(conversationsOf(view, 'ana')), ['soc', 'chat']);
    assert.deepEqual(idsOf(conversationsOf(view, 'lea')), ['soc', 'other']);
  });

  it('is posts, and below each its replies in order of time', () => {
    assert.deepEqual(idsOf(postsIn(view, 'soc')), ['1']);
    assert.deepEqual(idsOf(repliesTo(view, post)), ['2', '4']);
  });

  it('is their own card where they have one, else everybody’s', () => {
    assert.deepEqual(cardFor(view, post, 'lea'), { lea: true });
    assert.deepEqual(cardFor(view, post, 'ana'), { everybody: true });
    assert.equal(cardFor(view, message('9'), 'ana'), null);
  });

  it('is the newest of what Teams told them alone', () => {
    assert.equal(noticeFor(view, post, 'lea')?.text, 'new');
    assert.equal(noticeFor(view, post, 'ana'), null);
  });

  it('is new where the newest message is, replies included', () => {
    assert.deepEqual(
      [...latestIn(view, conversationsOf(view, 'lea'))],
      [
        ['soc', '4'],
        ['other', '3'],
      ],
    );
  });

  it('asks for an own view of cards that have some', () => {
    assert.equal(asksForRefresh(message('1', { card: { refresh: { userIds: [] } } })), true);
    assert.equal(asksForRefresh(post), false);
    assert.equal(asksForRefresh(message('1')), false);
  });

  it('reads aloud the summary, else the words without tags', () => {
    assert.equal(wordsOf(message('1', { summary: 'all of it', text: 'x' })), 'all of it');
    assert.equal(wordsOf(message('1', { text: '<at>Bot</at> run x' })), 'Bot run x');
    assert.equal(wordsOf(message('1', { text: null })), 'sent a card');
  });
});
