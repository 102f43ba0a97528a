import assert from 'node:assert/strict';
import { answer } from '../../../../src/model/notice.ts';
import { FORM_OFFERED, type FormBot } from '../form-bot.ts';
import { ANA, called, type Story } from './story.ts';

const MACHINE = '0a'.repeat(20);

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

/** The form: a modal, its typeahead, and what opens it. */
export const FORMS: Story[] = [
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
];
