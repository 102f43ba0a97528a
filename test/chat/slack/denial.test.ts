import assert from 'node:assert/strict';
import { answer } from '../../../src/model/notice.ts';
import { type FormBot, startFormBot } from './form-bot.ts';

describe('Deny in Slack', () => {
  let bot: FormBot;

  beforeEach(async () => {
    bot = await startFormBot();
    bot.answers.typed = async () => ({
      ...answer('A card with buttons.'),
      buttons: [
        { action: 'deny', id: 'LR-8K3F2Q:2', label: 'Deny', tone: 'danger' },
        { action: 'deny_reason', id: 'LR-8K3F2Q', label: 'Say why', tone: 'plain' },
      ],
    });
    await bot.workspace.command({ user: 'U0LEA', channel: 'C0SOC', text: 'show LR-8K3F2Q' });
  });
  afterEach(() => bot.stop());

  const modals = () => bot.workspace.state().modals;
  const press = (action: string) => {
    const ts = bot.workspace.state().ephemerals[0]?.ts ?? '';
    return bot.workspace.click({ user: 'U0LEA', channel: 'C0SOC', ts, actionId: `lr:${action}` });
  };
  const submit = (reason: string) => bot.workspace.submitModal({ user: 'U0LEA', filled: { reason } });
  const clicks = () => bot.clicks.map(({ action, id, words, person }) => [action, id, words, person.id]);

  it('counts at once, and opens nothing in the way', async () => {
    await press('deny');
    assert.deepEqual(modals(), []);
    assert.deepEqual(clicks(), [['deny', 'LR-8K3F2Q:2', null, 'U0LEA']]);
  });

  it('is followed by its reason, out of a modal that asks until there is one', async () => {
    await press('deny_reason');
    assert.deepEqual(bot.clicks, []);
    assert.match(JSON.stringify(modals()[0]?.view), /Why did you deny LR-8K3F2Q\?/);
    await submit('   ');
    assert.match(modals()[0]?.errors.reason ?? '', /Say why/);
    await submit(' ask the owner first ');
    assert.deepEqual(modals(), []);
    assert.deepEqual(clicks(), [['deny_reason', 'LR-8K3F2Q', 'ask the owner first', 'U0LEA']]);
  });

  it('hears in private how else to say it where no modal opens', async () => {
    bot.workspace.fault({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    await press('deny_reason');
    assert.deepEqual(clicks(), [['deny_reason', 'LR-8K3F2Q', null, 'U0LEA']]);
  });
});
