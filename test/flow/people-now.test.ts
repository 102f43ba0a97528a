import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Deps } from '../../src/flow/deps.ts';
import { peopleNow } from '../../src/flow/people-now.ts';
import type { Store } from '../../src/flow/ports.ts';
import type { Decision } from '../../src/model/request.ts';
import { decisionBy, requestWith } from '../policy/fixtures.ts';
import { type FakeChat, fakeChat } from '../support/fake-chat.ts';

describe('looking people up once more', () => {
  const request = requestWith({ platform: 'slack' });
  let chat: FakeChat;
  let deps: Pick<Deps, 'chats' | 'clock' | 'store'>;
  let decisions: Decision[];
  let time = 0;

  beforeEach(() => {
    chat = fakeChat();
    decisions = [decisionBy('ULEA')];
    const store = { transaction: async () => decisions } as unknown as Store;
    deps = { chats: new Map([['slack', chat]]), clock: { now: () => time }, store };
  });
  afterEach(() => sinon.restore());

  it('ends after eight seconds of silence, and asks the platform about nobody else for five', async () => {
    const timers = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let asked = 0;
    const { lookUp } = chat;
    chat.lookUp = () => {
      asked += 1;
      return new Promise(() => undefined);
    };
    const gaveUp = assert.rejects(peopleNow(deps, request), { code: 'chat_unreachable', message: /gives no answer/ });
    await timers.tickAsync(8_000);
    await gaveUp;
    const before = asked;
    time += 4_999;
    await assert.rejects(peopleNow(deps, request), /gives no answer/);
    assert.equal(asked, before);
    time += 1;
    chat.lookUp = lookUp;
    assert.equal((await peopleNow(deps, request)).decisions.length, 1);
  });

  it('asks about each person once, and about nobody whose word is no yes of this round', async () => {
    decisions = [
      decisionBy('ULEA'),
      decisionBy('ULEO', { round: request.round + 1 }),
      decisionBy('UOLD', { verdict: 'deny' }),
      decisionBy(request.requester.id, { verdict: 'break_glass' }),
    ];
    const found = await peopleNow(deps, request);
    assert.deepEqual(chat.looks.map(({ id }) => id).toSorted(), [request.requester.id, 'ULEA'].toSorted());
    assert.ok(chat.looks.every(({ fresh }) => fresh));
    assert.deepEqual(
      found.decisions.map(({ verdict }) => verdict),
      ['approve', 'break_glass'],
    );
  });
});
