import assert from 'node:assert/strict';
import { type HomeEntry, homeSaying } from '../../../../src/model/home.ts';
import { text } from '../../../../src/model/notice.ts';
import { APP } from '../../../../src/playground/slack-workspace/people.ts';
import type { FormBot } from '../form-bot.ts';
import { ANA, called, deliver, type Story } from './story.ts';

const event = (bot: FormBot, id: string, inner: object | null, outer: object = {}): Promise<unknown> => {
  const head = {
    team_id: 'T0CONTOSO',
    api_app_id: APP.id,
    type: 'event_callback',
    event_id: id,
    event_time: 1_700_000_000,
  };
  return deliver(
    bot,
    JSON.stringify({ ...head, ...(inner === null ? {} : { event: inner }), ...outer }),
    'application/json',
  );
};

const home = (offset: number) => {
  const entry: HomeEntry = {
    ...{ requestId: 'LR-8K3F2Q', asker: 'Ana Analyst', askedAt: 0, machine: 'ws-042', commands: 'run minidump.ps1' },
    ...{ state: { symbol: '✔', words: [text('Finished')] }, todo: null, message: null, results: false },
  };
  const sections = [{ title: `Recent, from ${offset}`, entries: [entry], none: '' }];
  return { ...homeSaying(Date.UTC(2026, 10, 24, 9), ''), notices: [], sections, offset, older: offset + 12 };
};

/** Events: the Home tab, mentions, and what else Slack tells an app. */
export const EVENTS: Story[] = [
  {
    name: 'the Home tab is shown to who opens it, and turns pages',
    async play(bot) {
      bot.answers.home = async ({ offset }) => home(offset);
      await bot.workspace.openHome({ user: 'U0LEA', tab: 'messages' });
      await bot.workspace.openHome({ user: 'U0LEA' });
      await bot.workspace.waitFor(({ homes }) => JSON.stringify(homes).includes('Recent, from 0'));
      await bot.workspace.pressAtHome({ user: 'U0LEA', actionId: 'lrhome:older' });
      await bot.workspace.waitFor(({ homes }) => JSON.stringify(homes).includes('Recent, from 12'));
    },
    comesTo({ deliveries, calls, homes }) {
      assert.deepEqual(deliveries, [
        ['event', 200, ''],
        ['event', 200, ''],
        ['click', 200, ''],
      ]);
      assert.deepEqual(calls, called('views.publish', 'views.publish'));
      assert.deepEqual(
        homes.map(({ user }) => user),
        ['U0LEA'],
      );
    },
  },
  {
    name: 'a mention is taken where it was written, in a channel and in a thread, and answered there in private',
    async play(bot) {
      const said = { ...ANA, text: `<@${APP.userId}> status` };
      await bot.workspace.say(said);
      const root = bot.workspace.state().messages[0]?.ts ?? '';
      await bot.workspace.waitFor(({ ephemerals }) => ephemerals.length === 1);
      await bot.workspace.say({ ...said, threadTs: root });
      await bot.workspace.waitFor(({ ephemerals }) => ephemerals.length === 2);
    },
    comesTo({ deliveries, lines, ephemerals, calls }) {
      assert.deepEqual(deliveries, [
        ['mention', 200, ''],
        ['mention', 200, ''],
      ]);
      assert.deepEqual(
        lines.map(({ text: words, thread }) => [words, thread !== null]),
        [
          ['status', false],
          ['status', true],
        ],
      );
      assert.equal(ephemerals.length, 2);
      assert.deepEqual(calls, called('chat.postEphemeral', 'chat.postEphemeral'));
    },
  },
  {
    name: 'events that nobody here waits for are acknowledged, and change nothing',
    async play(bot) {
      const members = {
        type: 'subteam_members_changed',
        subteam_id: 'S0LEADS',
        team_id: 'T0CONTOSO',
        added_users: ['U0MAX'],
      };
      await event(bot, 'Ev01', members);
      await event(bot, 'Ev02', { type: 'app_uninstalled' });
      await event(bot, 'Ev03', { type: 'tokens_revoked', tokens: { oauth: [], bot: [APP.userId] } });
      await event(bot, 'Ev04', {
        type: 'app_mention',
        user: 'U0OTHERBOT',
        bot_id: 'B0OTHER',
        text: 'x',
        channel: 'C0SOC',
        ts: '1.2',
      });
      await event(bot, 'Ev05', null, { type: 'app_rate_limited', minute_rate_limited: 1_700_000_000 });
    },
    comesTo({ deliveries, ...rest }) {
      assert.deepEqual(deliveries, Array(5).fill(['raw', 200, '']));
      assert.ok(
        Object.values(rest).every((list) => list.length === 0),
        JSON.stringify(rest),
      );
    },
  },
];
