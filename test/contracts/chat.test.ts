import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  answer,
  type Button,
  type Card,
  link,
  person,
  type Reply,
  strong,
  text,
  time,
} from '../../src/model/notice.ts';
import type { Platform } from '../../src/model/person.ts';
import { slackSubject } from './chat/slack.ts';
import type { Subject, Who } from './chat/subject.ts';
import { teamsSubject } from './chat/teams.ts';

const SUBJECTS: { name: string; platform: Platform; start: () => Promise<Subject> }[] = [
  { name: 'slack', platform: 'slack', start: () => slackSubject() },
  { name: 'slack in Socket Mode', platform: 'slack', start: () => slackSubject(true) },
  { name: 'teams', platform: 'teams', start: teamsSubject },
];
const APPROVE: Button = { action: 'approve', id: 'LR-8K3F2Q:1', label: 'Approve', tone: 'primary' };
const DENY: Button = { action: 'deny', id: 'LR-8K3F2Q:1', label: 'Deny', tone: 'danger' };

for (const { name, platform, start } of SUBJECTS) {
  describe(`a chat platform: ${name}`, () => {
    let subject: Subject;

    beforeEach(async () => {
      subject = await start();
    });
    afterEach(() => subject.stop());

    const who = (one: Who, mention = true) =>
      person({ platform, id: subject.id(one), name: `${one} of ${platform}` }, mention);

    function card(changes: Partial<Card> = {}): Card {
      return {
        requestId: 'LR-8K3F2Q',
        title: 'Live response LR-8K3F2Q',
        state: { symbol: '⏳', words: [text('Waiting for approval')] },
        headline: [who('ana', false), text(' wants to run on '), strong('ws-042.contoso.com')],
        commands: [
          {
            symbol: '1',
            label: 'Run script',
            code: 'minidump.ps1 OfficeClickToRun',
            note: [],
            output: [],
            moreLines: 0,
          },
        ],
        facts: [[text('Why: INC-1234')], [text('expires '), time(Date.UTC(2026, 10, 24, 17, 40))]],
        warnings: [[text('⚠ It may be off.')]],
        footer: [[text('For '), who('lea')]],
        buttons: [APPROVE, DENY],
        audience: null,
        ...changes,
      };
    }
    const say = (...words: Reply['text']): Reply => ({ text: words, output: [], moreLines: 0, buttons: [] });

    /** A card where a command asked for it. */
    async function posted(changes: Partial<Card> = {}) {
      const line = await subject.type('ana', 'run ws-042 minidump.ps1');
      return { line, ...(await subject.chat.post(line.place ?? '', card(changes))) };
    }
    const coded = (code: string) => (error: { code?: string }) => error.code === code;

    it('reaches one person in their private chat, with a card that is edited and clicked like the one in the channel', async () => {
      const { message } = await posted();
      const before = subject.seen().length;
      // Nobody is known to a platform before they have been seen in a channel of the policy.
      await subject.type('lea', 'pending');
      const { channel, place } = subject.chat.direct(subject.id('lea'));
      assert.notEqual(channel, subject.channel);
      const copy = await subject.chat.post(place, card());
      assert.match(subject.privately('lea'), /Waiting for approval/);
      assert.equal(subject.seen().length, before, 'nobody else sees it');
      assert.doesNotMatch(subject.privately('ana'), /Waiting for approval/);
      await subject.chat.edit(copy.message, card({ state: { symbol: '✔', words: [text('Approved just now')] } }));
      assert.match(subject.privately('lea'), /Approved just now/);
      await subject.click('lea', copy.message, 'Approve');
      const [click] = subject.clicks.slice(-1);
      assert.deepEqual([click?.person.id, click?.id], [subject.id('lea'), 'LR-8K3F2Q:1']);
      assert.notEqual(click?.channel, subject.channel);
      assert.equal(subject.chat.standsIn(copy.message, click?.channel ?? null), true);
      assert.equal(subject.chat.standsIn(message, click?.channel ?? null), false);
      assert.equal(subject.chat.standsIn(copy.message, subject.channel), false);
    });

    it('hears what was typed, by whom and where, once for each delivery', async () => {
      const first = await subject.type('ana', 'run ws-042 minidump.ps1 “a b”');
      const second = await subject.type('lea', 'pending');
      assert.deepEqual(
        [first.text, first.person.platform, first.person.id, first.channel],
        ['run ws-042 minidump.ps1 “a b”', platform, subject.id('ana'), subject.channel],
      );
      assert.equal(second.person.id, subject.id('lea'));
      assert.notEqual(first.delivery, second.delivery);
      assert.ok(first.person.tenant !== '');
    });

    it('shows a card to everybody, whole and in plain words too, and calls whom it is for', async () => {
      await posted();
      const [shown, ...more] = subject.seen();
      assert.deepEqual(more, []);
      for (const words of [
        'Waiting for approval',
        'LR-8K3F2Q',
        'ws-042.contoso.com',
        'minidump.ps1 OfficeClickToRun',
        'INC-1234',
        '17:40 UTC',
        'It may be off',
      ])
        assert.ok(shown?.words.includes(words), words);
      assert.ok(shown?.raw.includes('minidump.ps1 OfficeClickToRun'));
      assert.deepEqual(subject.mentions(shown?.raw ?? ''), [subject.id('lea')]);
    });

    it('edits the card in its place, also without its buttons', async () => {
      const { message } = await posted();
      await subject.chat.edit(message, card({ buttons: [], state: { symbol: '✔', words: [text('Approved')] } }));
      const [shown, ...more] = subject.seen();
      assert.deepEqual([shown?.edits, more.length], [1, 0]);
      assert.match(shown?.words ?? '', /✔ Approved/);
      assert.doesNotMatch(shown?.raw ?? '', /"Approve"/);
    });

    it('says replies in the card’s thread, and hears what is typed there as typed there', async () => {
      const { thread } = await posted();
      await subject.chat.reply(thread, say(strong('Lea Lead'), text(' approved. '), who('ana')));
      await subject.chat.reply(thread, {
        ...say(text('Ended with exit 0.')),
        output: ['one', '<two> & *three*'],
        moreLines: 142,
      });
      const [shown, first, second] = subject.seen();
      assert.equal(shown?.thread, thread);
      assert.deepEqual([first?.thread, second?.thread], [thread, thread]);
      assert.match(first?.words ?? '', /Lea Lead approved/);
      assert.deepEqual(subject.mentions(first?.raw ?? ''), [subject.id('ana')]);
      assert.match(second?.words ?? '', /142 more lines/);
      assert.equal((await subject.type('lea', 'status', thread)).thread, thread);
    });

    it('tells one person privately, and nobody else', async () => {
      const { line } = await posted();
      await subject.chat.answer(
        line.replyTo,
        answer('For your eyes only.', [text('Try '), link('https://bot.example.com/results/x', 'this')]),
      );
      assert.match(subject.privately('ana'), /For your eyes only/);
      assert.match(subject.privately('ana'), /https:\/\/bot\.example\.com\/results\/x/);
      assert.doesNotMatch(subject.privately('lea'), /For your eyes only/);
      assert.doesNotMatch(JSON.stringify(subject.seen()), /For your eyes only/);
    });

    it('hears a click with what the button carries, and tells a refusal to the clicker alone', async () => {
      const { message } = await posted();
      subject.answerClicks(answer('You may not approve LR-8K3F2Q.'));
      assert.match(await subject.click('gus', message, 'Approve'), /You may not approve LR-8K3F2Q/);
      subject.answerClicks(null);
      await subject.click('lea', message, 'Deny');
      assert.deepEqual(
        subject.clicks.map(({ action, id, words, person: by, channel }) => [action, id, words, by.id, channel]),
        [
          ['approve', 'LR-8K3F2Q:1', null, subject.id('gus'), subject.channel],
          ['deny', 'LR-8K3F2Q:1', null, subject.id('lea'), subject.channel],
        ],
      );
      assert.equal(subject.seen().length, 1, 'nothing for everybody');
    });

    it('knows who somebody is: members, and those who are none', async () => {
      const look = async (one: Who) =>
        (await subject.chat.lookUp({ id: subject.id(one), tenant: '' }, { fresh: true })).standing;
      assert.deepEqual([await look('ana'), await look('gus'), await look('eve')], ['member', 'guest', 'external']);
    });

    it('cuts what is too long, never what would run', async () => {
      const code = `minidump.ps1 ${'x'.repeat(1_500)}`;
      const long = Array.from({ length: 300 }, (_, i) => `line ${i} ${'y'.repeat(200)}`);
      const { thread, message } = await posted({
        commands: [{ symbol: '✘', label: 'Run script', code, note: [], output: long, moreLines: 9 }],
        facts: [[text(`Why: ${'z'.repeat(20_000)}`)]],
      });
      assert.ok(subject.seen()[0]?.raw.includes(code));
      await subject.chat.reply(thread, { ...say(text('Failed.')), output: long, moreLines: 9 });
      await subject.chat.edit(message, card());
      assert.equal(subject.seen().length, 2);
    });

    it('lets no words of machines and people do anything', async () => {
      const { thread, message } = await posted();
      const nasty = fc.oneof(
        fc.constantFrom(
          '<!channel>',
          '<@U0LEA>',
          '<at>Lea Lead</at>',
          '*a* _b_ `c` ~d~',
          '[x](https://evil.example.net)',
          '</at>',
          '&lt;b&gt;',
          '<b>x</b>',
          '{{TIME(2026-01-01T00:00:00Z)}}',
          '\u202Eabc',
          '\u0000\u001b[31m',
          '```',
          '|',
          '- a\n- b',
          '# h',
          'https://evil.example.net',
        ),
        fc.string({ unit: 'binary', maxLength: 40 }),
      );
      await fc.assert(
        fc.asyncProperty(nasty, nasty, nasty, async (a, b, c) => {
          await subject.chat.edit(
            message,
            card({
              headline: [text(a), strong(b)],
              commands: [
                { symbol: '1', label: 'Run script', code: c || 'x', note: [text(a)], output: [b], moreLines: 0 },
              ],
              facts: [[text(c)]],
              warnings: [[text(`⚠ ${a}`)]],
              footer: [],
            }),
          );
          await subject.chat.reply(thread, { ...say(text(a), strong(b), text(c)), output: [a, b, c], moreLines: 0 });
          const all = subject.seen().map(({ raw }) => raw);
          for (const raw of [all[0] ?? '', all.at(-1) ?? '']) assert.deepEqual(subject.mentions(raw), []);
        }),
        { numRuns: 40 },
      );
    });

    it('is up, where it can be asked, and tells nothing of a post where it may not look', async () => {
      await posted();
      const { isUp, lookFor } = subject.chat;
      assert.equal(platform === 'teams', isUp === undefined && lookFor === undefined, 'Teams has no call for it');
      const sought = { place: subject.channel, thread: null, mark: 'a mark', since: 0 };
      assert.deepEqual([(await isUp?.()) ?? true, (await lookFor?.(sought)) ?? 'not_told'], [true, 'not_told']);
    });

    describe('in trouble', () => {
      it('says how long to wait, and that nothing was posted', async () => {
        const { thread } = await posted();
        subject.trouble('post', { kind: 'wait', milliseconds: 7_000 });
        await assert.rejects(subject.chat.reply(thread, say(text('x'))), { code: 'chat_throttled', retryAfter: 7_000 });
        assert.equal(subject.seen().length, 1);
      });

      for (const done of [true, false]) {
        it(`doesn’t know whether a post ${done ? 'that arrived' : 'that didn’t arrive'} did, and repeats it not by itself`, async () => {
          const { thread } = await posted();
          for (const kind of ['stumbles', 'cut off'] as const) {
            subject.trouble('post', { kind, done });
            await assert.rejects(subject.chat.reply(thread, say(text('x'))), coded('chat_unclear'));
          }
          assert.equal(subject.seen().length, done ? 3 : 1);
        });

        it(`may repeat an edit that ${done ? 'was' : 'wasn’t'} made`, async () => {
          const { message } = await posted();
          for (const kind of ['stumbles', 'cut off'] as const) {
            subject.trouble('edit', { kind, done });
            await assert.rejects(subject.chat.edit(message, card({ buttons: [] })), coded('chat_unreachable'));
          }
          await subject.chat.edit(message, card({ buttons: [] }));
          assert.equal(subject.seen().length, 1);
        });
      }

      it('says that a card is gone', async () => {
        const { message } = await posted();
        subject.trouble('edit', { kind: 'gone' });
        await assert.rejects(subject.chat.edit(message, card()), coded('chat_gone'));
      });

      it('says that it was taken out of the channel', async () => {
        const { thread } = await posted();
        subject.trouble('post', { kind: 'taken out' });
        const code = platform === 'slack' ? 'chat_not_in_channel' : 'chat_blocked';
        await assert.rejects(subject.chat.reply(thread, say(text('x'))), coded(code));
      });

      it('knows none of another’s handles', async () => {
        for (const handle of ['', 'nonsense nonsense', '{"a":1}']) {
          await assert.rejects(subject.chat.edit(handle, card()), TypeError);
          await assert.rejects(subject.chat.answer(handle, answer('x')), TypeError);
        }
      });
    });
  });
}
