import assert from 'node:assert/strict';
import { answer } from '../../../../src/model/notice.ts';
import { commandBody } from '../../../../src/playground/slack-workspace/payloads.ts';
import { seedChannels, seedMembers } from '../../../../src/playground/slack-workspace/people.ts';
import type { FormBot } from '../form-bot.ts';
import { ANA, called, deliver, type Story } from './story.ts';

const LEA = { user: 'U0LEA', channel: 'C0SOC' };
const LINE = 'run ws-042 minidump.ps1 OfficeClickToRun';

/** A private answer with these buttons, for Lea; its ts. */
async function showsLea(bot: FormBot, buttons: ReturnType<typeof answer>['buttons']): Promise<string> {
  bot.answers.typed = async () => ({ ...answer('A card with buttons.'), buttons });
  await bot.workspace.command({ ...LEA, text: 'show LR-8K3F2Q' });
  return bot.workspace.state().ephemerals[0]?.ts ?? assert.fail('nothing was shown');
}

/** Commands and buttons. */
export const TYPED: Story[] = [
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
];
