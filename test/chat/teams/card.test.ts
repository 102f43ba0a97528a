import assert from 'node:assert/strict';
import { checkCard, checkOutgoing } from '../../../src/chat/teams/check.ts';
import { LIMITS, sizeOf } from '../../../src/chat/teams/limits.ts';
import { renderCard, renderPersonal } from '../../../src/chat/teams/render.ts';
import { link, strong, text, time } from '../../../src/model/notice.ts';
import { blocks, contentOf, monospaced, ofType, rendererProblems } from './reading.ts';
import { ANA, APPROVE, CANCEL, card, LEA, LEO, NINE, RESULTS, WITHDRAW, who } from './samples.ts';

/** Teams has named everybody to the bot. */
const mriOf = (id: string) => `29:${id}`;
const KNOWN = { mriOf };

/** The titles of the buttons in the open. */
const titles = (content: { actions?: { title: string }[] }) => (content.actions ?? []).map(({ title }) => title);

describe('a card in Teams', () => {
  it('begins with its state on a coloured ground, then says who wants what, and what runs in boxes', () => {
    const content = contentOf(renderCard(card()));
    assert.deepEqual(blocks(content), [
      'Live response LR-8K3F2Q',
      '⏳ Waiting for approval',
      'Ana Analyst wants to run on ws-042.contoso.com · Windows 11',
      '1  Run script',
      'minidump.ps1 OfficeClickToRun',
      'Why: INC-1234',
      'expires {{TIME(2026-11-24T09:42:00Z)}}',
      '⚠ minidump.ps1 changed since its last approved run.',
      'For <at>Lea Lead</at> <at>Leo Lead</at>',
    ]);
    assert.deepEqual(monospaced(content), ['minidump.ps1 OfficeClickToRun']);
    assert.deepEqual(checkCard(content), []);
    assert.deepEqual(rendererProblems(content), []);
  });

  it('gives each state a colour besides its words, and one that it does not know none of a meaning', () => {
    const style = (symbol: string) => {
      const [header] = contentOf(renderCard(card({ state: { symbol, words: [text('So it is')] } }))).body;
      return header?.type === 'Container' ? header.style : undefined;
    };
    assert.deepEqual(['⏳', '▶', '✔', '✘', '?', '⚠', '–'].map(style), [
      'accent',
      'accent',
      'good',
      'attention',
      'warning',
      'warning',
      'emphasis',
    ]);
  });

  it('puts no second sign before a warning that has one', () => {
    const loud = renderCard(card({ warnings: [[text('‼ Started without approval')]] }));
    assert.ok(blocks(contentOf(loud)).includes('‼ Started without approval'));
  });

  it('says the same in plain words: the whole story for notifications, and aloud', () => {
    const outgoing = renderCard(card());
    const words = [
      '⏳ Waiting for approval',
      'Live response LR-8K3F2Q: Ana Analyst wants to run on ws-042.contoso.com · Windows 11',
      '1 Run script minidump.ps1 OfficeClickToRun',
      'Why: INC-1234',
      'expires 09:42 UTC',
      '⚠ minidump.ps1 changed since its last approved run.',
      'For Lea Lead Leo Lead',
    ].join('\n');
    assert.equal(outgoing.summary, words);
    assert.equal(contentOf(outgoing).speak, words);
    assert.match(contentOf(outgoing).fallbackText, /LR-8K3F2Q.*update it/);
  });

  it('calls those who may approve by their Entra object ids, two of one name by two', () => {
    const footer = [
      [who(LEA, 'Lea Lead', true), text(' '), who(LEO, 'Lea Lead', true), text(' '), who(LEA, 'Lea Lead', true)],
    ];
    const { body, msteams } = contentOf(renderCard(card({ footer })));
    assert.equal(blocks(body).at(-1), '<at>Lea Lead</at> <at>Lea Lead (2)</at> <at>Lea Lead</at>');
    assert.deepEqual(msteams.entities, [
      { type: 'mention', text: '<at>Lea Lead</at>', mentioned: { id: LEA, name: 'Lea Lead' } },
      { type: 'mention', text: '<at>Lea Lead (2)</at>', mentioned: { id: LEO, name: 'Lea Lead (2)' } },
    ]);
  });

  it('names without calling whom nobody asked to call, and whose id is no object id', () => {
    const footer = [[who(LEA, 'Lea Lead'), text(', '), who('29:abc', 'Leo Lead', true)]];
    const content = contentOf(renderCard(card({ footer })));
    assert.equal(content.msteams.entities, undefined);
    assert.ok(blocks(content).includes('Lea Lead, Leo Lead'));
  });

  it('keeps output in type of one width with its blanks, and tells how much more there is', () => {
    const output = ['Name     Id', '  csrss  4'];
    const commands = [
      {
        ...card().commands[0],
        symbol: '✔',
        label: 'Run script',
        code: 'a.ps1',
        note: [text('exit 0')],
        output,
        moreLines: 7,
      },
    ];
    const content = contentOf(renderCard(card({ commands })));
    assert.deepEqual(monospaced(content), ['a.ps1', 'Name     Id\n  csrss  4']);
    assert.ok(blocks(content).includes('✔  Run script · exit 0'));
    assert.ok(blocks(content).includes('7 more lines in the results'));
    const [, shown] = ofType(content, 'TextRun').filter(({ fontType }) => fontType === 'Monospace');
    assert.doesNotMatch(String(shown?.text), / {2}|^ /m, 'a browser would swallow these blanks');
  });

  it('links to the web and to this machine only', () => {
    const urls = [
      'https://a.example/x(1)',
      'http://127.0.0.1:3000/',
      'http://a.example/',
      'javascript:alert(1)',
      'https://u:p@a.example/',
    ];
    const content = contentOf(renderCard(card({ facts: urls.map((url) => [link(url, 'here')]) })));
    assert.deepEqual(
      blocks(content).filter((words) => words.includes('here')),
      ['[here](https://a.example/x%281%29)', '[here](http://127.0.0.1:3000/)', 'here', 'here', 'here'],
    );
  });

  it('makes what hides or reorders visible', () => {
    const commands = [
      { symbol: '1', label: 'Run', code: 'a\u202Eb\u200Bc\u001B[0m\nd', note: [], output: [], moreLines: 0 },
    ];
    assert.deepEqual(monospaced(contentOf(renderCard(card({ commands })))), ['a[U+202E]b[U+200B]c␛[0m␊d']);
  });
});

describe('the size of a card in Teams', () => {
  const long = (code: string) => ({ symbol: '1', label: 'Run script', code, note: [], output: [], moreLines: 0 });

  it('is kept by cutting output first, then facts, and never a command', () => {
    const output = Array.from({ length: 300 }, (_, i) => `line ${i} ${'o'.repeat(200)}`);
    const commands = Array.from({ length: 4 }, (_, i) => ({ ...long(`${i}${'c'.repeat(900)}`), output, moreLines: 7 }));
    const content = contentOf(renderCard(card({ commands, facts: Array(30).fill([text('f'.repeat(900))]) })));
    assert.deepEqual(checkCard(content), []);
    assert.ok(sizeOf(content) <= 25_000);
    for (const { code } of commands) assert.ok(monospaced(content).includes(code));
    assert.ok(blocks(content).some((words) => /^30[0-7] (more )?lines in the results$/.test(words)));
  });

  it('counts bytes as Teams does, whatever the alphabet', () => {
    const commands = [{ ...long('x.ps1'), output: Array(40).fill('日本語'.repeat(60)) }];
    assert.deepEqual(checkOutgoing(renderCard(card({ commands }))), []);
  });

  it('holds the longest request there is, for the most people, with room to spare', () => {
    const commands = Array.from({ length: 10 }, () => long('\\'.repeat(190)));
    const approvers = Array.from({ length: 59 }, (_, i) => LEA.replace(/22$/, String(i + 10)));
    const footer = [approvers.slice(0, 20).map((id, i) => who(id, `Somebody With A Long Name ${i}`, true))];
    const content = contentOf(renderCard(card({ commands, footer, audience: { approvers, requester: ANA } }), KNOWN));
    assert.equal(content.refresh?.userIds.length, 60);
    assert.deepEqual(checkCard(content, LIMITS.message.hard), []);
  });

  it('gives way to a command that is longer still: better refused than half shown', () => {
    const code = 'c'.repeat(20_000);
    const content = contentOf(renderCard(card({ commands: [long(code)] })));
    assert.deepEqual(monospaced(content), [code]);
    assert.notDeepEqual(checkCard(content, LIMITS.message.hard), []);
  });
});

describe('local times in a card in Teams', () => {
  const state = (...words: Parameters<typeof renderCard>[0]['state']['words']) =>
    blocks(contentOf(renderCard(card({ state: { symbol: '▶', words } }))))[1];

  it('are functions in markdown, which desktop clients read; the rest of the line has no markup', () => {
    assert.equal(
      state(strong('Running'), text(' since '), time(NINE), text(' · command 1 of 2')),
      '▶ Running since {{TIME(2026-11-24T09:42:00Z)}} · command 1 of 2',
    );
    assert.equal(
      state(text('changed '), time(NINE, 'date')),
      '▶ changed {{DATE(2026-11-24T09:42:00Z,SHORT)}} {{TIME(2026-11-24T09:42:00Z)}}',
    );
  });

  it('are in UTC beside words that markdown could misread', () => {
    const words = [text('Denied by Lea Lead '), time(NINE), text(': “*not* this_”.')];
    const content = contentOf(renderCard(card({ state: { symbol: '✘', words } })));
    assert.equal(blocks(content)[1], '✘ Denied by Lea Lead 09:42 UTC: “*not* this_”.');
    assert.equal(
      ofType(content, 'TextBlock').some((block) => String(block.text).includes('Denied')),
      false,
    );
  });

  it('are unknown where they are none', () => {
    assert.equal(state(text('since '), time(Number.NaN)), '▶ since an unknown time');
  });
});

describe('the buttons of a card in Teams', () => {
  it('carry their identifier and nothing else, in old clients too', () => {
    const content = renderPersonal(card({ buttons: [APPROVE] }));
    const look = { title: 'Approve', style: 'positive', associatedInputs: 'none' };
    const data = { id: 'LR-8K3F2Q:1' };
    const fallback = { type: 'Action.Submit', ...look, data: { verb: 'approve', ...data } };
    assert.deepEqual(content.actions, [{ type: 'Action.Execute', verb: 'approve', data, ...look, fallback }]);
  });

  it('take the reason of a denial along, and of nothing else', () => {
    const content = renderPersonal(card());
    const [why] = ofType(content, 'Input.Text');
    assert.deepEqual([why?.id, why?.maxLength, why?.isRequired], ['why', 300, undefined]);
    assert.deepEqual(
      ofType(content.actions, 'Action.Execute').map(({ verb, associatedInputs }) => [verb, associatedInputs]),
      [
        ['approve', 'none'],
        ['deny', undefined],
        ['withdraw', 'none'],
      ],
    );
    assert.deepEqual(ofType(renderPersonal(card({ buttons: [WITHDRAW] })), 'Input.Text'), []);
  });

  it('are folded for everybody where those concerned get a view of their own', () => {
    const content = contentOf(renderCard(card(), KNOWN));
    assert.deepEqual(titles(content), ['Decide…']);
    const [inside] = ofType(content, 'Action.ShowCard').map((action) => action.card as typeof content);
    assert.deepEqual(titles(inside ?? {}), ['Approve', 'Deny', 'Withdraw']);
    assert.deepEqual(titles(renderPersonal(card())), ['Approve', 'Deny', 'Withdraw']);
  });

  it('are in the open where nobody knows for whom they are', () => {
    const content = contentOf(renderCard(card({ audience: null })));
    assert.equal(content.refresh, undefined);
    assert.deepEqual(titles(content), ['Approve', 'Deny', 'Withdraw']);
  });

  it('ask a second time before what can’t be undone, with the question unfolded', () => {
    const content = contentOf(renderCard(card({ buttons: [CANCEL, RESULTS], audience: null })));
    assert.deepEqual(titles(content), ['Cancel…', 'Open results']);
    const [step] = ofType(content, 'Action.ShowCard').map((action) => action.card as typeof content);
    assert.deepEqual(blocks(step?.body), ['Cancel LR-8K3F2Q?', 'What the machine has done already stays done.']);
    assert.deepEqual(titles(step ?? {}), ['Cancel it']);
    assert.deepEqual(ofType(step, 'Action.Execute')[0]?.data, { id: 'LR-8K3F2Q' });
  });

  it('are none where there are none', () => {
    assert.equal('actions' in contentOf(renderCard(card({ buttons: [] }))), false);
  });
});

describe('views of their own in Teams', () => {
  const idsOf = (...args: Parameters<typeof renderCard>) => contentOf(renderCard(...args)).refresh?.userIds;
  const many = (count: number) => Array.from({ length: count }, (_, i) => LEA.replace(/22$/, String(i + 10)));

  it('are for those who may approve and the requester, each once, and ask for the request', () => {
    const audience = { approvers: [LEA, LEO, LEA.toUpperCase()], requester: ANA };
    assert.deepEqual(contentOf(renderCard(card({ audience }), KNOWN)).refresh, {
      action: { type: 'Action.Execute', title: 'Refresh', verb: 'refresh', data: { id: 'LR-8K3F2Q' } },
      userIds: [LEA, LEO, ANA].map(mriOf),
    });
    assert.deepEqual(renderPersonal(card({ audience }), KNOWN).refresh?.userIds, [LEA, LEO, ANA].map(mriOf));
  });

  it('are for those whom Teams named to the bot; others find the buttons folded', () => {
    const content = contentOf(renderCard(card(), { mriOf: (id) => (id === LEA ? '29:lea' : null) }));
    assert.deepEqual([content.refresh?.userIds, titles(content)], [['29:lea'], ['Decide…']]);
  });

  it('are for nobody where Teams named nobody: then everybody sees the buttons', () => {
    const content = contentOf(renderCard(card()));
    assert.deepEqual([content.refresh, titles(content)[0]], [undefined, 'Approve']);
  });

  it('are for at most 60; beyond that everybody sees the buttons', () => {
    assert.equal(idsOf(card({ audience: { approvers: many(59), requester: ANA } }), KNOWN)?.length, 60);
    const content = contentOf(renderCard(card({ audience: { approvers: many(60), requester: ANA } }), KNOWN));
    assert.deepEqual([content.refresh, titles(content)[0]], [undefined, 'Approve']);
  });
});
