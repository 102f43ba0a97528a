import assert from 'node:assert/strict';
import { CONVERSATIONS, PEOPLE } from '../../../src/playground/teams-channel/index.ts';
import { attachment, type Caller, card, execute, line, type Reply, startCaller } from './caller.ts';

const why = {
  type: 'Input.Text',
  id: 'why',
  label: 'Why',
  isRequired: true,
  errorMessage: 'Say why',
  maxLength: 200,
};
const cell = (text: string) => ({ type: 'TableCell', items: [line(text)] });

describe('Cards in the simulated Teams', () => {
  let caller: Caller;
  before(async () => {
    caller = await startCaller();
  });
  after(() => caller.close());

  const post = (content: unknown): Promise<Reply> =>
    caller.post(CONVERSATIONS.soc, { type: 'message', attachments: [attachment(content)] });
  const takes = async (content: unknown): Promise<void> => {
    const reply = await post(content);
    assert.equal(reply.status, 201, reply.text);
  };
  /** Refused for exactly these reasons. */
  const refuses = async (content: unknown, ...reasons: RegExp[]): Promise<void> => {
    assert.equal((await post(content)).status, 400);
    const problems = caller.channel.state().calls.at(-1)?.problems ?? [];
    assert.equal(problems.length, reasons.length, problems.join('\n'));
    for (const reason of reasons)
      assert.ok(
        problems.some((problem) => reason.test(problem)),
        problems.join('\n'),
      );
  };

  it('may have everything that Teams draws of version 1.5', async () => {
    const body = [
      { ...line('Live response'), style: 'heading', size: 'Large', weight: 'Bolder' },
      { type: 'RichTextBlock', inlines: ['C:\\', { type: 'TextRun', text: 'temp', fontType: 'Monospace' }] },
      { type: 'ColumnSet', columns: [{ type: 'Column', width: 'stretch', items: [line('a')] }] },
      { type: 'FactSet', facts: [{ title: 'Machine', value: 'ws-042' }] },
      {
        type: 'Table',
        columns: [{ width: 1 }, { width: 3 }],
        rows: [{ type: 'TableRow', cells: [cell('1'), cell('minidump.ps1')] }],
      },
      { type: 'Container', style: 'warning', items: [line('careful')] },
      {
        type: 'ActionSet',
        actions: [
          execute('Approve', 'approve', { style: 'positive', data: { id: 'LR-8K3F2Q' } }),
          { type: 'Action.OpenUrl', title: 'Machine', url: 'https://security.microsoft.com/machines/1' },
          {
            type: 'Action.ShowCard',
            title: 'Deny',
            card: { type: 'AdaptiveCard', body: [why], actions: [execute('Deny', 'deny', { style: 'destructive' })] },
          },
        ],
      },
    ];
    const $schema = 'http://adaptivecards.io/schemas/adaptive-card.json';
    await takes(card(body, { $schema, fallbackText: 'words', speak: 'words', lang: 'en', msteams: { width: 'Full' } }));
  });

  it('are of version 1.0 to 1.5, and have a body', async () => {
    await refuses(card([line('x')], { version: '1.6' }), /Version “1.6”/);
    await refuses({ ...card([line('x')]), type: 'Card' }, /type is “Card”/, /doesn't draw Card/);
    await refuses(card([line('x')], { $schema: 'https://example.com/card.json' }), /Unknown \$schema/);
    await refuses(card([]), /no body/);
    await refuses('text', /no JSON object/);
  });

  it('give a fallback for whatever Teams lacks', async () => {
    const bar = { type: 'ProgressBar', value: 65 };
    await refuses(card([line('x'), bar]), /doesn't draw ProgressBar, and it has no fallback/);
    await takes(card([line('x'), { ...bar, fallback: 'drop' }]));
    await takes(card([{ ...bar, fallback: line('65 %') }]));
    await refuses(card([{ ...bar, fallback: { type: 'Badge', text: '65 %' } }]), /doesn't draw Badge/);
    await refuses(card([{ ...bar, fallback: { ...line('65 %'), tint: 'red' } }]), /no property “tint”/);
    await refuses(card([line('x')], { actions: [{ type: 'Action.Popover', title: 'x' }] }), /Action.Popover/);
  });

  it('have no property and no value that nothing reads', async () => {
    await refuses(card([{ ...line('x'), colour: 'good' }]), /TextBlock has no property “colour”/);
    await refuses(card([{ ...line('x'), color: 'red' }]), /Invalid value "red"/);
    await refuses(card([line('x')], { buttons: [] }), /AdaptiveCard has no property “buttons”/);
  });

  it('name a verb on each Action.Execute, and an address on each link', async () => {
    await refuses(card([line('x')], { actions: [{ type: 'Action.Execute', title: 'Approve' }] }), /no verb/);
    await refuses(card([line('x')], { actions: [{ type: 'Action.OpenUrl', title: 'x', url: 'nowhere' }] }), /address/);
    const submit = { type: 'Action.Submit', title: 'x', isEnabled: false };
    await refuses(card([line('x')], { actions: [submit] }), /disabled/);
  });

  it('have at most six buttons side by side', async () => {
    const actions = (count: number) => Array.from({ length: count }, (_, index) => execute(`B${index}`, 'b'));
    await takes(card([line('x')], { actions: actions(6) }));
    await refuses(card([line('x')], { actions: actions(7) }), /Maximum number of actions/);
  });

  it('label their inputs and never name two alike', async () => {
    const { label: _label, errorMessage: _errorMessage, ...bare } = why;
    await refuses(card([bare]), /should have a label/, /should have an error message/);
    await refuses(card([why, why]), /Duplicate Id "why"/);
    const none = { type: 'Input.ChoiceSet', id: 'm', label: 'Machine', choices: [] };
    await refuses(card([none]), /at least one choice/);
  });

  it('search with a dataset in a filtered list', async () => {
    const query = (type: string) => ({ 'choices.data': { type, dataset: 'machines' } });
    const list = { type: 'Input.ChoiceSet', id: 'm', label: 'Machine', choices: [] };
    await takes(card([{ ...list, style: 'filtered', ...query('Data.Query') }]));
    await refuses(card([{ ...list, style: 'compact', ...query('Data.Query') }]), /search of input “m”/);
    await refuses(card([{ ...list, style: 'filtered', ...query('Query') }]), /search of input “m”/);
  });

  it('refresh by a verb, for at most sixty people', async () => {
    const refreshed = (refresh: unknown) => card([line('x')], { refresh });
    const action = execute('', 'refresh');
    await takes(refreshed({ action, userIds: Array.from({ length: 60 }, (_, index) => `29:${index}`) }));
    await takes(refreshed({ action, userIds: [] }));
    const tooMany = Array.from({ length: 61 }, (_, index) => `29:${index}`);
    await refuses(refreshed({ action, userIds: tooMany }), /more than 60/);
    await refuses(refreshed({ action, userIds: [PEOPLE.ana] }), /begin with 29:/);
    await refuses(refreshed({ action: { type: 'Action.Execute' }, userIds: [] }), /verb/);
  });

  it('mention people in texts and facts, with an entity each', async () => {
    const entity = { type: 'mention', text: '<at>Lea Lead</at>', mentioned: { id: PEOPLE.lea, name: 'Lea Lead' } };
    const msteams = { entities: [entity] };
    await takes(card([line('<at>Lea Lead</at> may approve')], { msteams }));
    await takes(card([{ type: 'FactSet', facts: [{ title: 'Who', value: '<at>Lea Lead</at>' }] }], { msteams }));
    await refuses(card([line('<at>Lea Lead</at> may approve')]), /has no mention entity/);
    await refuses(card([line('nobody')], { msteams }), /named in no text/);
    const run = { type: 'TextRun', text: '<at>Lea Lead</at>' };
    const elsewhere = [line('<at>Lea Lead</at>'), { type: 'RichTextBlock', inlines: [run] }];
    await refuses(card(elsewhere, { msteams }), /can be mentioned/);
  });
});
