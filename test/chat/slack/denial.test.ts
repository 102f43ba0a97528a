import assert from 'node:assert/strict';
import { answer } from '../../../src/model/notice.ts';
import { type FormBot, startFormBot } from './form-bot.ts';

describe('Deny in Slack', () => {
  let bot: FormBot;

  beforeEach(async () => {
    bot = await startFormBot();
    const button = { action: 'deny', id: 'LR-8K3F2Q:2', label: 'Deny', tone: 'danger' } as const;
    bot.answers.typed = async () => ({ ...answer('A card with a button.'), buttons: [button] });
    await bot.workspace.command({ user: 'U0LEA', channel: 'C0SOC', text: 'show LR-8K3F2Q' });
  });
  afterEach(() => bot.stop());

  const modals = () => bot.workspace.state().modals;
  const where = () => ({ channel: 'C0SOC', ts: bot.workspace.state().ephemerals[0]?.ts ?? '' });
  const click = (more: object = {}) => bot.workspace.click({ user: 'U0LEA', actionId: 'lr:deny', ...where(), ...more });
  const submit = (reason: string) => bot.workspace.submitModal({ user: 'U0LEA', filled: { reason } });
  const denials = () =>
    bot.clicks.map(({ action, id, words, person, channel }) => [action, id, words, person.id, channel]);

  it('asks why first, and comes as a click of who says it, for the round that the button names', async () => {
    await click();
    assert.deepEqual(bot.clicks, [], 'nothing is denied by opening it');
    assert.match(JSON.stringify(modals()[0]?.view), /Why do you deny LR-8K3F2Q\?/);
    await submit(' ask the owner first ');
    assert.deepEqual(modals(), []);
    assert.deepEqual(denials(), [['deny', 'LR-8K3F2Q:2', 'ask the owner first', 'U0LEA', 'C0SOC']]);
  });

  it('asks until there is a reason, and denies nothing when it is closed', async () => {
    await click();
    assert.equal(await bot.workspace.submitModal({ user: 'U0LEA' }), null);
    await submit('   ');
    assert.match(modals()[0]?.errors.reason ?? '', /Say why/);
    bot.workspace.closeModal('U0LEA');
    assert.deepEqual(bot.clicks, []);
  });

  it('tells who may not deny so in private', async () => {
    bot.answers.clicked = async () => answer('You may not deny LR-8K3F2Q.');
    await click();
    await submit('because');
    await bot.workspace.waitFor(({ ephemerals }) => ephemerals.some(({ text }) => /may not deny/.test(text)));
  });

  for (const [what, fault] of Object.entries({
    'is too late': { kind: 'error', error: 'expired_trigger_id' },
    fails: { kind: 'status', status: 503 },
    hangs: { kind: 'hang' },
  } as const)) {
    it(`counts without a reason where opening the modal ${what}`, async () => {
      bot.workspace.fault({ method: 'views.open', ...fault });
      const { status } = await click();
      assert.equal(status, 200);
      assert.deepEqual(denials(), [['deny', 'LR-8K3F2Q:2', null, 'U0LEA', 'C0SOC']]);
    });
  }

  it('is no denial when Slack delivers the click again whose modal is open', async () => {
    bot.workspace.fault({ method: 'views.open', kind: 'error', error: 'exchanged_trigger_id' });
    await click();
    assert.deepEqual(bot.clicks, []);
  });
});
