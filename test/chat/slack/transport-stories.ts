import assert from 'node:assert/strict';
import { type HomeEntry, homeSaying } from '../../../src/model/home.ts';
import { answer, text } from '../../../src/model/notice.ts';
import { commandBody } from '../../../src/playground/slack-workspace/payloads.ts';
import { APP, seedChannels, seedMembers } from '../../../src/playground/slack-workspace/people.ts';
import { signedHeaders } from '../../../src/playground/slack-workspace/sign.ts';
import type { FormBot } from './form-bot.ts';
import { FORM_OFFERED, SIGNING_SECRET } from './form-bot.ts';
import type { Trace } from './transport-trace.ts';

/** What people do, or Slack by itself, and what must come of it whichever way it is delivered. */
export interface Story {
  name: string;
  play(bot: FormBot): Promise<unknown>;
  comesTo(trace: Trace): void;
}

const ANA = { user: 'U0ANA', channel: 'C0SOC' };
const LEA = { user: 'U0LEA', channel: 'C0SOC' };
const MACHINE = '0a'.repeat(20);
const LINE = 'run ws-042 minidump.ps1 OfficeClickToRun';
const called = (...methods: string[]) => methods.map((method) => [method, null]);

/** How a bot offers machines and files. */
function offers({ answers }: FormBot): void {
  answers.suggest = async ({ subject, query }) => {
    if (subject === 'library') return [{ name: 'minidump.ps1', facts: 'Dumps a process', value: 'minidump.ps1' }];
    const found = [{ name: 'ws-042', facts: 'Active', value: MACHINE }];
    return query === '' ? [{ name: 'dc-01', facts: 'Active', value: 'b'.repeat(40) }, ...found] : found;
  };
}

/** Chooses a machine and a script in the form that is open, and sends it with these words. */
async function fillIn({ workspace }: FormBot, query: string, words1: string): Promise<void> {
  await workspace.suggest({ user: 'U0ANA', block: 'machine', query });
  await workspace.suggest({ user: 'U0ANA', block: 'script1', query: '' });
  const filled = { machine: MACHINE, script1: 'minidump.ps1', words1 };
  await workspace.submitModal({ user: 'U0ANA', filled });
}

/** A private answer with these buttons, for Lea; its ts. */
async function showsLea(bot: FormBot, buttons: ReturnType<typeof answer>['buttons']): Promise<string> {
  bot.answers.typed = async () => ({ ...answer('A card with buttons.'), buttons });
  await bot.workspace.command({ ...LEA, text: 'show LR-8K3F2Q' });
  return bot.workspace.state().ephemerals[0]?.ts ?? assert.fail('nothing was shown');
}

/** Anything else that Slack sends, signed. */
function deliver({ workspace }: FormBot, body: string, type: string): Promise<unknown> {
  const headers = { 'content-type': type, ...signedHeaders(body, { secret: SIGNING_SECRET, now: Date.now() }) };
  return workspace.deliverRaw({ body, headers });
}

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

export const STORIES: Story[] = [
  {
    name: 'a command is answered in its acknowledgement',
    play: (bot) => bot.workspace.command({ ...ANA, text: LINE }),
    comesTo({ deliveries, lines, ephemerals, calls }) {
      assert.match(
        JSON.stringify(deliveries),
        /^\[\["command",200,\{"response_type":"ephemeral","text":"Got it, LR-8K3F2Q\."/,
      );
      assert.deepEqual(
        lines.map((line) => [line.text, line.channel, line.thread]),
        [[LINE, 'C0SOC', null]],
      );
      assert.deepEqual([ephemerals, calls], [[['U0ANA', 'Got it, LR-8K3F2Q.']], []]);
    },
  },
  {
    name: 'a command that takes long to store is answered twice: at once that it does, then with what came of it',
    async play(bot) {
      let finish: () => void = () => {};
      bot.answers.typed = () => new Promise((resolve) => (finish = () => resolve(answer('Got it, LR-8K3F2Q.'))));
      await bot.workspace.command({ ...ANA, text: LINE });
      finish();
      bot.answers.typed = async () => null;
      await bot.workspace.waitFor(({ ephemerals }) => ephemerals.length === 2);
    },
    comesTo({ ephemerals, calls }) {
      assert.match(ephemerals[0]?.[1] ?? '', /slow right now/);
      assert.deepEqual([ephemerals[1], calls], [['U0ANA', 'Got it, LR-8K3F2Q.'], called('response_url')]);
    },
  },
  {
    name: 'a command that can’t be stored says so',
    async play(bot) {
      bot.answers.typed = () => Promise.reject(new Error('the database is away'));
      await bot.workspace.command({ ...ANA, text: LINE });
    },
    comesTo: ({ ephemerals }) => assert.match(ephemerals[0]?.[1] ?? '', /Nothing was stored\.$/),
  },
  {
    name: 'a command from another workspace reaches nobody',
    play(bot) {
      const [member, channel] = [seedMembers()[0], seedChannels()[0]];
      if (!member || !channel) throw new Error('The workspace is empty.');
      const responseUrl = `${bot.workspace.url}/commands/x`;
      const typed = { member, channel, command: '/liveresponse', text: LINE, responseUrl, triggerId: '1.2.0' };
      const body = commandBody(typed).replaceAll('T0CONTOSO', 'T0FABRIKAM');
      return deliver(bot, body, 'application/x-www-form-urlencoded');
    },
    comesTo({ deliveries, lines }) {
      assert.match(JSON.stringify(deliveries), /"raw",200,.*another Slack workspace/);
      assert.deepEqual(lines, []);
    },
  },
  {
    name: 'a button is acknowledged with nothing, and answered to who clicked',
    async play(bot) {
      const ts = await showsLea(bot, [{ action: 'approve', id: 'LR-8K3F2Q:2', label: 'Approve', tone: 'primary' }]);
      bot.answers.clicked = async () => answer('You may not approve LR-8K3F2Q.');
      await bot.workspace.click({ ...LEA, ts, actionId: 'lr:approve' });
      await bot.workspace.waitFor(({ ephemerals }) => ephemerals.length === 2);
    },
    comesTo({ deliveries, clicks, ephemerals, calls }) {
      assert.deepEqual(deliveries[1], ['click', 200, '']);
      const said = clicks.map(({ action, id, words, person, channel }) => [action, id, words, person.id, channel]);
      assert.deepEqual(said, [['approve', 'LR-8K3F2Q:2', null, 'U0LEA', 'C0SOC']]);
      assert.deepEqual([ephemerals[1]?.[1], calls], ['You may not approve LR-8K3F2Q.', called('response_url')]);
    },
  },
  {
    name: 'a denial counts at once, and its reason comes from a modal that asks until there is one',
    async play(bot) {
      const ts = await showsLea(bot, [
        { action: 'deny', id: 'LR-8K3F2Q:2', label: 'Deny', tone: 'danger' },
        { action: 'deny_reason', id: 'LR-8K3F2Q', label: 'Say why', tone: 'plain' },
      ]);
      await bot.workspace.click({ ...LEA, ts, actionId: 'lr:deny' });
      await bot.workspace.click({ ...LEA, ts, actionId: 'lr:deny_reason' });
      await bot.workspace.submitModal({ user: 'U0LEA', filled: { reason: '   ' } });
      await bot.workspace.submitModal({ user: 'U0LEA', filled: { reason: 'ask the owner first' } });
    },
    comesTo({ deliveries, clicks, calls, modals }) {
      const errors = { response_action: 'errors', errors: { reason: 'Say why, in a few words.' } };
      assert.deepEqual(deliveries.slice(3), [
        ['form', 200, errors],
        ['form', 200, ''],
      ]);
      const said = clicks.map(({ action, id, words }) => [action, id, words]);
      assert.deepEqual(said, [
        ['deny', 'LR-8K3F2Q:2', null],
        ['deny_reason', 'LR-8K3F2Q', 'ask the owner first'],
      ]);
      assert.deepEqual([calls, modals], [called('views.open'), []]);
    },
  },
  {
    name: 'the form opens for a command without words, offers, grows, says at the field what is wrong, and is taken',
    async play(bot) {
      offers(bot);
      await bot.workspace.command({ ...ANA, text: '' });
      await fillIn(bot, 'ws', 'say "un');
      await bot.workspace.pressInModal({ user: 'U0ANA', actionId: 'lrform:another', filled: { words1: 'say' } });
      await bot.workspace.waitFor(({ modals }) => JSON.stringify(modals[0]?.view).includes('"words2"'));
      await bot.workspace.submitModal({ user: 'U0ANA', filled: { kind2: 'get', words2: 'C:\\a.log' } });
    },
    comesTo({ deliveries, lines, told, calls, modals }) {
      assert.deepEqual(
        deliveries.map(([kind, status]) => [kind, status]),
        [
          ...[
            ['command', 200],
            ['typing', 200],
            ['typing', 200],
            ['form', 200],
            ['click', 200],
            ['form', 200],
          ],
        ],
      );
      assert.match(JSON.stringify(deliveries[1]?.[2]), /^\{"options":\[\{"text":\{[^}]*"ws-042"/);
      assert.match(
        JSON.stringify(deliveries[3]?.[2]),
        /^\{"response_action":"errors","errors":\{"words1":"[^}]*never closed/,
      );
      assert.equal(lines.at(-1)?.text, `run ${MACHINE} minidump.ps1 say then get C:\\a.log`);
      assert.deepEqual([told.length, calls, modals], [1, called('views.open', 'views.update'), []]);
    },
  },
  {
    name: 'the shortcut of the workspace opens the form for those who may, and says why to those who may not',
    async play(bot) {
      bot.answers.typed = async ({ person }) =>
        person.id === 'U0ANA' ? FORM_OFFERED : answer('You aren’t among them.');
      await bot.workspace.shortcut({ user: 'U0ANA', callbackId: 'liveresponse_form' });
      await bot.workspace.shortcut({ user: 'U0MAX', callbackId: 'liveresponse_form' });
    },
    comesTo({ deliveries, calls, modals }) {
      assert.deepEqual(deliveries, [
        ['shortcut', 200, ''],
        ['shortcut', 200, ''],
      ]);
      assert.deepEqual(calls, called('views.open', 'views.open'));
      assert.deepEqual(
        modals.map(({ user }) => user),
        ['U0ANA', 'U0MAX'],
      );
      assert.match(JSON.stringify(modals[1]?.view), /You aren’t among them\./);
    },
  },
  {
    name: 'the shortcut of a message offers the machines that it names first',
    async play(bot) {
      offers(bot);
      await bot.workspace.say({ user: 'U0LEA', channel: 'C0GENERAL', text: 'Alert on ws-042.contoso.com' });
      const ts = bot.workspace.state().messages.at(-1)?.ts ?? '';
      const message = { channel: 'C0GENERAL', ts };
      await bot.workspace.shortcut({ user: 'U0ANA', callbackId: 'liveresponse_message', message });
      await fillIn(bot, '', '');
    },
    comesTo({ deliveries, lines }) {
      assert.match(JSON.stringify(deliveries[1]?.[2]), /"ws-042".*"dc-01"/);
      assert.deepEqual(
        lines.map((line) => [line.text, line.channel]),
        [
          ['', null],
          [`run ${MACHINE} minidump.ps1`, 'C0SOC'],
        ],
      );
    },
  },
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
