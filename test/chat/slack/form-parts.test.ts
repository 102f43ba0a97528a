import assert from 'node:assert/strict';
import fc from 'fast-check';
import { choiceValue, enteredInView, inputsOf } from '../../../src/chat/slack/form/entered.ts';
import { namesIn } from '../../../src/chat/slack/form/names.ts';
import { optionsFor } from '../../../src/chat/slack/form/options.ts';
import { NOWHERE, readOrigin, writeOrigin } from '../../../src/chat/slack/form/origin.ts';
import { formView } from '../../../src/chat/slack/form/view.ts';
import { endless } from '../../support/hostile/texts.ts';

const RUNS = Number(process.env.RUNS ?? 100);

describe('the modal of the form in Slack', () => {
  it('has no field for the channel where there is none to choose', () => {
    const { blocks } = formView({ entered: { words: {}, choices: {} }, origin: NOWHERE, channels: [] });
    assert.ok(!blocks.some(({ block_id }) => block_id === 'channel'));
  });

  it('carries where it was asked for, and what can’t be read of that counts as nothing', () => {
    const origin = {
      channel: 'C0SOC',
      thread: '1700000001.123456',
      commands: 3,
      names: ['ws-042'],
      request: 'LR-8K3F2Q',
    };
    assert.deepEqual(readOrigin(writeOrigin(origin)), origin);
    for (const odd of [null, '', '{', '[]', '"x"', '{"c":"https://evil.example","n":99,"m":[7],"t":"x","r":{}}']) {
      assert.deepEqual(readOrigin(odd), NOWHERE);
    }
  });

  it('says of an input what it is named like, and nothing else', () => {
    const values = {
      machine: { a: { selected_option: { text: { text: 'ws-042' }, value: 'id' } } },
      words1: { a: { value: 'x' } },
      reason: { a: { value: null } },
    };
    assert.deepEqual(inputsOf(enteredInView(values)), { words1: 'x', machine: 'id' });
  });
});

describe('what a typeahead in Slack offers', () => {
  const person = { platform: 'slack', id: 'U0ANA', tenant: 'T0', name: 'Ana' } as const;
  it('is a hundred at most, since of one more Slack shows none', async () => {
    const many = Array.from({ length: 250 }, (_, i) => ({ name: `ws-${i}`, facts: '', value: `${i}` }));
    const asked = { person, subject: 'machines', query: '', names: ['ws-7'] } as const;
    const options = await optionsFor(async ({ query }) => (query === '' ? many : many.slice(7, 8)), asked);
    assert.equal(options.length, 100);
    assert.equal(options[0]?.text.text, 'ws-7');
  });

  it('begins with the machines that a message names, by their whole names only', async () => {
    const machine = (name: string) => ({ name, facts: '', value: `id of ${name}` });
    const all = [machine('dc-01'), machine('ws-04'), machine('ws-042')];
    const suggest = async ({ query }: { query: string }) =>
      all.filter(({ name }) => name.startsWith(query.split('.')[0] ?? ''));
    const names = ['ws-04.contoso.com', 'nothing'];
    const offered = async (query: string) =>
      (await optionsFor(suggest, { person, subject: 'machines', query, names })).map(({ text }) => text.text);
    assert.deepEqual(await offered(''), ['ws-04', 'dc-01', 'ws-042']);
    assert.deepEqual(await offered('dc'), ['dc-01']);
  });

  it('is there without what couldn’t be looked up of a message', async () => {
    const suggest = async ({ query }: { query: string }) =>
      query === '' ? [{ name: 'dc-01', facts: '', value: 'x' }] : Promise.reject(new Error('away'));
    const options = await optionsFor(suggest, { person, subject: 'machines', query: '', names: ['ws-042'] });
    assert.deepEqual(
      options.map(({ text }) => text.text),
      ['dc-01'],
    );
  });

  it('stands for names that are too long, each in a way of its own', () => {
    const [a, b] = [`${'x'.repeat(80)}a.ps1`, `${'x'.repeat(80)}b.ps1`];
    assert.equal(choiceValue('minidump.ps1'), 'minidump.ps1');
    assert.notEqual(choiceValue(a), choiceValue(b));
    assert.ok(choiceValue(a).length <= 75);
    assert.notEqual(choiceValue(choiceValue(a)), choiceValue(a), 'a file called like that is not taken for another');
  });
});

describe('machines that a message names', () => {
  it('are found in text, blocks and attachments, the labelled ones first', () => {
    const message = {
      text: 'Alert INC-77 on ws-042.contoso.com, see <https://portal.example/m-1|the page>',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Device name:* FILESERVER\nUser: ana' } }],
      attachments: [{ fields: [{ title: 'Host', value: 'dc-01' }] }],
    };
    assert.deepEqual(namesIn(message), ['fileserver', 'dc-01', 'inc-77', 'ws-042.contoso.com']);
  });

  it('are names only: no people, paths, addresses of mail, nor markup', () => {
    for (const text of [
      '<@U0ANA> hello there',
      'C:\\temp-1\\a-1',
      'ana-1@contoso.com',
      '/etc/a-b/c-1',
      '2024',
      'a'.repeat(300),
    ]) {
      assert.deepEqual(namesIn({ text }), [], text);
    }
  });

  it('are few and found quickly, whatever the message is', () => {
    fc.assert(
      fc.property(fc.anything(), endless, (value, text) => {
        const names = namesIn({ text, blocks: value });
        assert.ok(names.length <= 5 && names.every((name) => /^[a-z0-9.-]{2,100}$/.test(name)));
      }),
      { numRuns: RUNS },
    );
    const began = performance.now();
    for (const text of ['a-'.repeat(50_000), 'a1.'.repeat(50_000), 'host: '.repeat(20_000), 'a1 '.repeat(50_000)]) {
      assert.ok(namesIn({ text, attachments: [{ text }] }).length <= 5);
    }
    assert.ok(performance.now() - began < 1_000);
  });
});
