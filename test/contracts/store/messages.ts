import assert from 'node:assert/strict';
import { answer, text } from '../../../src/model/notice.ts';
import type { Request } from '../../../src/model/request.ts';
import { aRequest, aRun, BOB, type Subject, stored, T0 } from './fixtures.ts';

/** Cards, replies and answers: what the sender of a channel gets to do. */
export function messagesContract(subject: () => Subject): void {
  const store = () => subject().one.store;
  const sender = () => store().sender;
  const reply = { text: [text('done')], output: [], moreLines: 0, buttons: [] };

  async function withCard(changes: Partial<Request> = {}): Promise<{ request: Request; cardId: string }> {
    const { request } = await stored(subject(), aRequest(changes), (one) => aRun(one, 1));
    await store().transaction((tx) =>
      tx.insertCard({ requestId: request.id, platform: 'slack', channel: request.channel, place: 'here' }),
    );
    const [card] = await store().cardsOf(request.id);
    return { request, cardId: card?.id ?? '' };
  }
  const post = (cardId: string, shown: number, thread = 't', message = 'm') =>
    sender().saveCard(cardId, { state: 'posted', posted: { thread, message }, shown, digest: 'd' });

  describe('a card', () => {
    it('is to be posted first, and is due again after each change of its request, run, decision or output', async () => {
      const { request, cardId } = await withCard();
      const next = async () => (await sender().nextCards(request.channel, T0, 9))[0];
      const card = await next();
      assert.ok(card);
      assert.deepEqual(
        [card.state, card.posted, card.place, card.shown, card.doubts, card.digest],
        ['pending', null, 'here', 0, 0, null],
      );
      const show = async () => post(cardId, (await store().cardsOf(request.id))[0]?.touched ?? 0);
      await show();
      assert.equal(await next(), undefined);
      const output = { index: 0, output: '', errors: '', exitCode: 0, size: 0, sha256: null, truncated: false };
      const changes = [
        () => store().transaction((tx) => tx.saveRequest(request, { ...request, note: 'n' })),
        () =>
          store().transaction(async (tx) => {
            const [run] = await tx.runsOf(request.id);
            if (run) await tx.saveRun(run, { ...run, note: 'n' });
          }),
        () =>
          store().transaction((tx) =>
            tx.insertDecision({ requestId: request.id, round: 1, person: BOB, verdict: 'deny', why: null, at: T0 }),
          ),
        () => store().transaction((tx) => tx.putOutput({ ...output, runId: `${request.id}.1` })),
        () => store().transaction((tx) => tx.touch(request.id)),
      ];
      for (const change of changes) {
        await change();
        const due = await next();
        assert.deepEqual(due?.posted, { thread: 't', message: 'm' });
        assert.ok((due?.touched ?? 0) > (due?.shown ?? 0));
        await show();
        assert.equal(await next(), undefined);
      }
    });

    it('is copied once a round for each private chat, also by two instances and after the copy was lost', async () => {
      const { request } = await withCard();
      const copy = (who: Subject['one'], channel: string, round: number) =>
        who.store.transaction((tx) =>
          tx.insertCopy({ requestId: request.id, round, since: T0, platform: 'slack', channel, place: 'there' }),
        );
      const { one, two } = subject();
      const both = await Promise.all([copy(one, '@U0LEA', 1), copy(two, '@U0LEA', 1)]);
      assert.deepEqual(both.toSorted(), [false, true]);
      const rows = async () => (await store().cardsOf(request.id)).filter(({ channel }) => channel !== request.channel);
      const [{ id = '' } = {}] = await rows();
      await sender().saveCard(id, { state: 'gone' });
      const touched = async () => (await rows())[0]?.touched;
      const before = await touched();
      assert.equal(await copy(one, '@U0LEA', 1), false);
      assert.equal(await touched(), before, 'nothing changed, so no card is due');
      assert.deepEqual([await copy(one, '@U0LEO', 1), await copy(two, '@U0LEA', 2)], [true, true]);
      assert.deepEqual((await rows()).map(({ channel, place, state }) => [channel, place, state]).toSorted(), [
        ['@U0LEA', 'there', 'gone'],
        ['@U0LEA', 'there', 'pending'],
        ['@U0LEO', 'there', 'pending'],
      ]);
    });

    it('isn’t copied to where a card of this round stands, whose id doesn’t tell that it is a copy', async () => {
      const { clock, one } = subject();
      clock.set(T0);
      const { request } = await withCard();
      const card = { requestId: request.id, platform: 'slack' as const, channel: '@U0LEA', place: 'there' };
      await one.store.transaction((tx) => tx.insertCard(card));
      const copy = (round: number, since: number) =>
        one.store.transaction((tx) => tx.insertCopy({ ...card, round, since }));
      assert.equal(await copy(1, T0 - 1), false, 'it was posted since the round began');
      assert.equal(await copy(2, T0 + 1), true, 'a card of the round before doesn’t count');
      const old = (await store().cardsOf(request.id)).find(
        ({ channel, id }) => channel === '@U0LEA' && !id.includes(':'),
      );
      await sender().saveCard(old?.id ?? '', { state: 'gone' });
      assert.equal(await copy(1, T0 - 1), true, 'nor one that is gone');
    });

    it('waits for its time, and is left alone once it is gone', async () => {
      const { request, cardId } = await withCard();
      await sender().saveCard(cardId, { notBefore: T0 + 10, doubts: 1 });
      assert.deepEqual(await sender().nextCards(request.channel, T0 + 9, 9), []);
      assert.equal((await sender().nextCards(request.channel, T0 + 10, 9))[0]?.doubts, 1);
      await sender().saveCard(cardId, { state: 'gone' });
      assert.deepEqual(await sender().nextCards(request.channel, T0 + 10, 9), []);
    });

    it('that is being posted comes back after 15 seconds, as a doubt', async () => {
      const { clock } = subject();
      clock.set(T0);
      const { request, cardId } = await withCard();
      await sender().saveCard(cardId, { state: 'posting' });
      assert.deepEqual(await sender().nextCards(request.channel, T0 + 14_999, 9), []);
      assert.equal((await sender().nextCards(request.channel, T0 + 15_000, 9))[0]?.state, 'posting');
    });

    it('that was claimed takes what became of its post only from whoever claimed it last', async () => {
      const { request, cardId } = await withCard();
      const [row] = await sender().nextCards(request.channel, T0, 1);
      assert.ok(row !== undefined);
      const first = { doubts: 0, notBefore: T0 + 10 };
      const second = { doubts: 1, notBefore: T0 + 20 };
      assert.ok(await sender().claimCard(row, first));
      assert.ok(await sender().claimCard({ ...row, ...first, state: 'posting' }, second));
      const posted = { thread: `t ${cardId}`, message: `m ${cardId}` };
      const save = (claim: typeof first) =>
        sender().saveCard(cardId, { state: 'posted', posted }, { ...claim, state: 'posting' });
      assert.deepEqual([await save(first), await save(second), await save(second)], [false, true, false]);
      await store().transaction((tx) =>
        tx.insertReply({ requestId: request.id, key: 'k', channel: request.channel, reply }),
      );
      const [said] = await sender().nextReplies(request.channel, T0, 1);
      assert.ok(said !== undefined && (await sender().claimReply(said, first)));
      assert.equal(await sender().saveReply(said.id, { state: 'posted' }, said), false);
      assert.equal(await sender().saveReply(said.id, { state: 'posted' }, { ...first, state: 'posting' }), true);
    });

    it('comes before edits of others in its channel, the oldest first', async () => {
      const { clock } = subject();
      clock.set(T0);
      const edited = await withCard({ channel: 'C-ORDER' });
      await post(edited.cardId, 0);
      clock.advance(1);
      const first = await withCard({ channel: 'C-ORDER' });
      clock.advance(1);
      const second = await withCard({ channel: 'C-ORDER' });
      const order = (await sender().nextCards('C-ORDER', T0 + 10, 9)).map((card) => card.id);
      assert.deepEqual(order, [first.cardId, second.cardId, edited.cardId]);
      assert.equal((await sender().nextCards('C-ORDER', T0 + 10, 1)).length, 1);
      const edits = (await sender().nextEdits('C-ORDER', T0 + 10, 9)).map((card) => card.id);
      assert.deepEqual(edits, [edited.cardId]);
    });

    it('whose decision or end isn’t shown yet comes before others that stand, though these wait longer', async () => {
      const { clock } = subject();
      clock.set(T0);
      const channel = 'C-AWAITED';
      const tick = await withCard({ channel });
      await sender().saveCard(tick.cardId, {
        state: 'posted',
        posted: { thread: 't', message: 'm' },
        digest: `${tick.request.status} x`,
      });
      clock.advance(1);
      const decided = await withCard({ channel });
      await sender().saveCard(decided.cardId, {
        state: 'posted',
        posted: { thread: 't', message: 'm' },
        digest: 'done x',
      });
      const order = async () => (await sender().nextCards(channel, T0 + 10, 9)).map((card) => card.id);
      assert.deepEqual(await order(), [decided.cardId, tick.cardId]);
    });

    it('stands already where a message of the bot is taken in, once', async () => {
      const { request } = await withCard({ channel: 'C-ADOPT' });
      const { id: requestId, channel } = request;
      const posted = { thread: `thread of ${requestId}`, message: `message of ${requestId}` };
      const adopt = () =>
        store().transaction((tx) => tx.adoptCard({ requestId, platform: 'slack', channel, place: 'here' }, posted));
      assert.deepEqual([await adopt(), await adopt()], [true, false]);
      const taken = (await store().cardsOf(requestId)).filter((card) => card.state === 'posted');
      assert.deepEqual(
        taken.map((card) => [card.posted, card.shown, card.digest]),
        [[posted, 0, null]],
      );
      assert.ok((await sender().nextCards(channel, T0, 9)).some((card) => card.id === taken[0]?.id));
      await sender().saveCard(taken[0]?.id ?? '', { state: 'gone' });
      assert.deepEqual([await adopt(), await adopt()], [true, false], 'again, where it was let go unedited');
      await sender().saveCard(taken[0]?.id ?? '', { state: 'gone', digest: 'waiting x' });
      assert.equal(await adopt(), false);
    });

    it('that has lost its thread is edited still, and holds replies back until another has one', async () => {
      const { request, cardId } = await withCard({ channel: 'C-THREADLESS' });
      await post(cardId, 0);
      const reply = { text: [], output: [], moreLines: 0, buttons: [] };
      const { id: requestId, channel } = request;
      await store().transaction((tx) => tx.insertReply({ requestId, key: 'x', channel, reply }));
      assert.equal((await sender().nextReplies(channel, T0, 9)).length, 1);
      await sender().saveCard(cardId, { posted: { thread: null, message: 'm' } });
      assert.deepEqual((await sender().nextCards(channel, T0, 9))[0]?.posted, { thread: null, message: 'm' });
      assert.deepEqual(await sender().nextReplies(channel, T0, 9), []);
    });

    it('that was put off is due when its channel takes messages again, unless its post is in doubt', async () => {
      const { clock } = subject();
      clock.set(T0);
      const channel = 'C-FRESH';
      const [waiting, standing, doubtful] = [
        await withCard({ channel }),
        await withCard({ channel }),
        await withCard({ channel }),
      ];
      const elsewhere = await withCard({ channel: 'C-ELSEWHERE' });
      const say = { requestId: standing.request.id, key: 'k', channel, reply };
      await store().transaction((tx) => tx.insertReply(say));
      await post(standing.cardId, 0);
      for (const { cardId } of [waiting, standing, elsewhere])
        await sender().saveCard(cardId, { notBefore: T0 + 9_000 });
      for (const { cardId } of [doubtful, standing])
        await sender().saveCard(cardId, { notBefore: T0 + 9_000, doubts: 1 });
      const [said] = await sender().nextReplies(channel, T0, 1);
      await sender().saveReply(said?.id ?? '', { notBefore: T0 + 9_000 });
      const due = async () => (await sender().nextCards(channel, T0, 9)).map((card) => card.id);
      assert.deepEqual([await due(), await sender().nextReplies(channel, T0, 1)], [[], []]);
      await sender().freshStart(channel);
      assert.deepEqual((await due()).sort(), [waiting.cardId, standing.cardId].sort());
      assert.equal((await sender().nextReplies(channel, T0, 1))[0]?.createdAt, T0);
      assert.deepEqual(await sender().nextCards('C-ELSEWHERE', T0, 9), []);
    });

    it('leads from its thread or message to its request, on its platform', async () => {
      const { request, cardId } = await withCard();
      await post(cardId, 1, `thread ${request.id}`, `message ${request.id}`);
      assert.deepEqual(await store().requestsByThread('slack', `thread ${request.id}`), [request.id]);
      assert.deepEqual(await store().requestsByThread('slack', `message ${request.id}`), [request.id]);
      assert.deepEqual(await store().requestsByThread('teams', `thread ${request.id}`), []);
      assert.deepEqual(await store().requestsByThread('slack', 'nowhere'), []);
    });
  });

  describe('a reply', () => {
    it('is said once per key, in order, and not before its card is posted', async () => {
      const { request, cardId } = await withCard();
      const say = (key: string) =>
        store().transaction((tx) => tx.insertReply({ requestId: request.id, key, channel: request.channel, reply }));
      for (const key of ['b', 'a', 'b', 'c']) await say(key);
      const next = async (now = T0) => (await sender().nextReplies(request.channel, now, 9)).map((one) => one.key);
      assert.deepEqual(await next(), []);
      await post(cardId, 1);
      assert.deepEqual(await next(), ['b', 'a', 'c']);
      const [first] = await sender().nextReplies(request.channel, T0, 1);
      assert.deepEqual(first?.reply, reply);
      await sender().saveReply(first?.id ?? '', { state: 'posted' });
      await say('b');
      assert.deepEqual(await next(), ['a', 'c']);
      const [second] = await sender().nextReplies(request.channel, T0, 1);
      await sender().saveReply(second?.id ?? '', { notBefore: T0 + 5 });
      assert.deepEqual(await next(), ['c']);
      assert.deepEqual(await next(T0 + 5), ['a', 'c']);
    });
  });

  describe('a private answer', () => {
    it('is kept until delivered, with its tries', async () => {
      const words = answer('Got it, LR-000001.');
      const id = await store().transaction((tx) => tx.insertAnswer({ platform: 'teams', to: 'handle', answer: words }));
      await sender().answerTried(id);
      const found = await sender().answer(id);
      assert.deepEqual([found?.to, found?.platform, found?.tries, found?.answer], ['handle', 'teams', 1, words]);
      await sender().answerDone(id);
      assert.equal(await sender().answer(id), null);
    });
  });
}
