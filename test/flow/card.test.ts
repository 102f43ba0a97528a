import assert from 'node:assert/strict';
import { plain } from '../../src/model/notice.ts';
import type { Request, Run } from '../../src/model/request.ts';
import { buttons, card, FILE, facts, MINUTE, note, type Scene, scene, state, WAITING } from '../support/card-scene.ts';
import { machine } from '../support/fake-defender.ts';
import { ANA, aCommand, aDecision, LEA, LEO, NOW, terms } from '../support/records.ts';

describe('the card while it waits', () => {
  it('says who wants what, where and why, which rule applies, and who may approve', () => {
    const shown = card(WAITING);
    assert.equal(shown.title, 'Live response LR-8K3F2Q');
    assert.equal(
      plain(shown.headline),
      'Ana Analyst wants to run on ws-042.contoso.com  Windows 11 · Workstations · Defender risk: Medium · tags: finance',
    );
    assert.deepEqual(
      shown.commands.map(({ symbol, label, code }) => [symbol, label, code]),
      [['1', 'Run script', 'minidump.ps1 OfficeClickToRun']],
    );
    assert.match(
      note(WAITING),
      /^“Dumps a process” · added by Dan, changed 2026-11-03 09:00 UTC · sha256 aaaaaaaaaaaa…$/,
    );
    assert.deepEqual(facts(WAITING), [
      'Why: INC-1234',
      'Rule “Default”: 1 approval by leads, 0 so far · expires 17:00 UTC',
      'Rule “Default” counts.',
      'ws-042 in Defender ↗',
    ]);
    assert.equal(plain(shown.footer[0] ?? []), 'For Lea Lead, Leo Lead');
    assert.ok(shown.footer.flat().every((span) => span.kind !== 'person' || span.mention));
    assert.equal(state(WAITING), '⏳ Waiting for approval');
  });

  it('names approvers without mentioning them where the policy wants no mention, and nobody where there is nobody', () => {
    const quiet = card(scene(WAITING, { around: { mention: false } })).footer;
    assert.equal(plain(quiet[0] ?? []), 'May approve: Lea Lead, Leo Lead');
    assert.ok(quiet.flat().every((span) => span.kind !== 'person' || !span.mention));
    assert.deepEqual(card(scene(WAITING, { around: { approvers: [] } })).footer, []);
  });

  it('offers Approve and Deny for this round, and Withdraw; each button carries an identifier and nothing else', () => {
    const [approve, deny, withdraw] = card(scene(WAITING, { request: { round: 2 } })).buttons;
    assert.deepEqual([approve?.action, approve?.id], ['approve', 'LR-8K3F2Q:2']);
    assert.deepEqual([deny?.action, deny?.id], ['deny', 'LR-8K3F2Q:2']);
    assert.deepEqual([withdraw?.action, withdraw?.id], ['withdraw', 'LR-8K3F2Q']);
  });

  it('asks before an approval with machine and every command, or for the card where they don’t fit', () => {
    const [approve] = card(WAITING).buttons;
    assert.equal(approve?.confirm?.text, 'On ws-042.contoso.com:\nrun minidump.ps1 OfficeClickToRun');
    assert.equal(approve?.confirm?.title, 'Run this on ws-042?');
    const args = ['x'.repeat(400)];
    const commands: Request['commands'] = [{ kind: 'run', script: 'minidump.ps1', args }];
    const long = card(scene(WAITING, { request: { commands } }));
    assert.match(long.buttons[0]?.confirm?.text ?? '', /^On ws-042: 1 commands\. They don’t fit here: see the card/);
    assert.ok(long.commands[0]?.code.endsWith(args[0] ?? ''), 'the card has them whole');
  });

  it('is told in many ways about a machine and a file that say little of themselves', () => {
    const bare = machine({ name: '', risk: '', group: '', tags: [], osPlatform: 'Linux' });
    assert.match(plain(card(scene(WAITING, { run: { machine: bare } })).headline), /wants to run on aa0+42 {2}Linux$/);
    const silent = machine({ risk: '', group: '', tags: [], osPlatform: '' });
    assert.match(plain(card(scene(WAITING, { run: { machine: silent } })).headline), /ws-042\.contoso\.com$/);
    const file = { ...FILE, description: '', addedBy: '', updatedAt: '' };
    assert.match(note(scene(WAITING, { request: { files: [file] } })), /^added by somebody unnamed · sha256/);
    assert.equal(note(scene(WAITING, { request: { files: [] } })), '');
    const [approve] = card(scene(WAITING, { run: { machine: bare } })).buttons;
    assert.match(approve?.confirm?.text ?? '', /^On aa0+42:/);
  });

  it('shows warnings until the end, and says what an earlier approval lost its worth by', () => {
    const warned = scene(WAITING, { request: { warnings: ['It may be off.'] } });
    assert.deepEqual(card(warned).warnings.map(plain), ['⚠ It may be off.']);
    assert.deepEqual(card(scene(warned, { request: { endedAt: NOW } })).warnings, []);
    const again = scene(WAITING, { request: { round: 2, note: 'minidump.ps1 changed after it was approved.' } });
    assert.equal(state(again), '↺ Waiting for approval again: minidump.ps1 changed after it was approved.');
    const two = scene(WAITING, {
      request: { terms: terms({ approvals: 2 }), expiresAt: null },
      around: { approvals: 1 },
    });
    assert.ok(facts(two).includes('Rule “Default”: 2 approvals by leads, 1 so far'));
    assert.deepEqual(facts(scene(WAITING, { request: { terms: null, reason: null } })), ['ws-042 in Defender ↗']);
  });
});

describe('the card of what ended early', () => {
  const ended = (status: Request['status'], more: Partial<Request> = {}): Scene => ({
    request: { status, endedAt: NOW, ...more },
    run: { status: 'cancelled', endedAt: NOW },
  });

  it('is one line with who, when and why, and no button', () => {
    const lines: [Scene, string][] = [
      [
        ended('denied', { endedBy: LEA, note: 'not now' }),
        '✘ Denied by Lea Lead 09:00 UTC: “not now”. Nothing was sent to the machine.',
      ],
      [ended('denied'), '✘ Denied by an approver 09:00 UTC, no reason given. Nothing was sent to the machine.'],
      [ended('withdrawn', { endedBy: ANA }), '– Withdrawn by Ana Analyst 09:00 UTC. Nothing was sent to the machine.'],
      [ended('withdrawn', { endedAt: null }), '– Withdrawn by the requester . Nothing was sent to the machine.'],
      [ended('expired'), '– Expired 09:00 UTC: not enough approvals in time. Nothing was sent to the machine.'],
      [ended('refused', { note: 'No such script.' }), '✘ Refused: No such script.'],
      [ended('refused'), '✘ Refused: '],
      [ended('received', { endedAt: null }), '⏳ Looking at it'],
    ];
    for (const [one, words] of lines) {
      assert.equal(state(one), words);
      assert.deepEqual(buttons(one), []);
    }
  });
});

describe('the card in line', () => {
  const line = (more: Scene): string => state(scene({ decisions: [aDecision()] }, more));

  it('tells the place and about how long it takes', () => {
    assert.equal(line({}), '✔ Approved · next in line; Defender usually needs 2 to 4 min');
    const places: [number, string][] = [
      [1, '2nd in line, sent in about 6 s'],
      [2, '3rd in line, sent in about 12 s'],
      [3, '4th in line'],
      [10, '11th in line'],
      [11, '12th in line'],
      [12, '13th in line'],
      [20, '21st in line, sent in about 2 min;'],
      [110, '111th in line'],
    ];
    for (const [place, words] of places) assert.ok(line({ around: { place } }).includes(` · ${words}`), words);
  });

  it('tells what it waits for', () => {
    const waits: [Scene, string][] = [
      [{ around: { paused: { by: 'Lea Lead', why: null } } }, 'paused by Lea Lead'],
      [{ around: { paused: { by: 'Lea Lead', why: 'outage' } } }, 'paused by Lea Lead: outage'],
      [{ around: { blockedBy: 'LR-7C2M9X' } }, 'waits: LR-7C2M9X runs on this machine'],
      [
        { run: { waits: { for: 'machine', runId: null }, notBefore: NOW + 15_000 } },
        'waits: the machine is busy with a session that is not mine',
      ],
      [
        { run: { waits: { for: 'defender', why: 'Defender asked us to slow down' }, notBefore: NOW + 5_000 } },
        'waits: Defender asked us to slow down',
      ],
      ...['Try again in a minute.', 'Try again soon.'].map((advice): [Scene, string] => [
        { run: { waits: { for: 'defender', why: `I can't reach Defender. ${advice}` }, notBefore: NOW + 5_000 } },
        "waits: I can't reach Defender. It is tried again by itself.",
      ]),
      [
        { around: { slowUntil: NOW + 5 * MINUTE, freeSessions: 0 } },
        'waits: Defender asked us to slow down until 09:05 UTC',
      ],
      [{ around: { freeSessions: 0 } }, 'next in line, waits for a free session; Defender usually needs 2 to 4 min'],
      [
        { around: { freeSessions: 1, place: 1 } },
        '2nd in line, waits for a free session; Defender usually needs 2 to 4 min',
      ],
      [
        { run: { waits: { for: 'people', why: 'Who asked has to be looked up.' }, notBefore: NOW + 5_000 } },
        'waits: Who asked has to be looked up.',
      ],
      [
        { run: { waits: { for: 'defender', why: 'a trouble that is over' }, notBefore: NOW - 60_000 } },
        'next in line; Defender usually needs 2 to 4 min',
      ],
    ];
    for (const [one, words] of waits) assert.equal(line(one), `✔ Approved · ${words}`);
  });

  it('names those who approved, or that nobody had to', () => {
    assert.equal(
      facts({ decisions: [aDecision(), aDecision({ person: LEO })] })[0],
      '✔ Approved by Lea Lead 09:00 UTC, Leo Lead 09:00 UTC',
    );
    assert.equal(
      facts({ request: { terms: terms({ approvals: 0, rule: 'Harmless' }) } })[0],
      'Rule “Harmless”: no approval needed',
    );
    assert.equal(
      facts({ request: { terms: null }, decisions: [aDecision({ round: 7 })] })[0],
      'Rule “”: no approval needed',
    );
    assert.deepEqual(buttons({}), ['cancel']);
  });

  it('does not call it free of approval when somebody denied it', () => {
    const denied: Scene = {
      request: { status: 'denied', terms: terms({ approvals: 2 }) },
      decisions: [aDecision({ verdict: 'deny' })],
    };
    assert.equal(facts(denied)[0], 'Rule “Default”: 2 approvals by leads');
  });

  it('says for the rest of its life that the glass was broken, and who reviewed it', () => {
    const broke = aDecision({ verdict: 'break_glass', why: 'ransomware' });
    assert.equal(
      line({ decisions: [broke] }),
      '✔ Break-glass, without approval · next in line; Defender usually needs 2 to 4 min',
    );
    assert.equal(facts({ decisions: [broke] })[0], '‼ Break-glass by Lea Lead 09:00 UTC: “ransomware”');
    assert.equal(
      facts({ decisions: [aDecision({ verdict: 'break_glass' })] })[0],
      '‼ Break-glass by Lea Lead 09:00 UTC: “”',
    );
    assert.deepEqual(buttons({ decisions: [broke] }), ['cancel'], 'nothing was sent, so there is nothing to review');
    const sent: Scene = { run: { status: 'running', actionId: 'action', sentAt: NOW }, decisions: [broke] };
    assert.equal(facts(sent)[0], '‼ Started without approval by Lea Lead 09:00 UTC: “ransomware”');
    assert.ok(buttons(sent).includes('reviewed'));
    const done: Scene = {
      request: { status: 'done' },
      run: { status: 'succeeded', endedAt: NOW, actionId: 'action', sentAt: NOW },
      decisions: [broke],
    };
    assert.deepEqual(buttons(done), ['reviewed']);
    const reviewed = { ...done, decisions: [broke, aDecision({ round: 0, person: LEO })] };
    assert.deepEqual(buttons(reviewed), []);
    assert.equal(plain(card(reviewed).footer[0] ?? []), 'Reviewed by Leo Lead 09:00 UTC');
  });
});

describe('the card on its way and running', () => {
  const cancel = { by: LEA, why: null, at: NOW, sent: false, note: null };

  it('says when nobody knows yet, until when it looks, and not to start it again', () => {
    assert.equal(state({ run: { status: 'submitting' } }), '▶ Sending it to Defender');
    assert.equal(
      state({ run: { status: 'submitting', cancel } }),
      '▶ Sending it to Defender · cancel requested by Lea Lead 09:00 UTC',
    );
    const looking: Partial<Run> = { status: 'reconciling', lookUntil: NOW + 46 * MINUTE, doubt: 'no_answer' };
    assert.equal(
      state({ run: looking }),
      '? Defender didn’t answer whether it started. Looking until 09:46 UTC. Don’t start it again.',
    );
    assert.match(
      state({ run: { ...looking, doubt: 'busy', lookUntil: null } }),
      /^\? Defender says that the machine is busy, maybe with this very request\. Looking until 09:00/,
    );
    assert.equal(state({ run: { status: 'unclear' } }), '? Still unclear whether it ran. Approvers: did it run?');
    assert.deepEqual(buttons({ run: { status: 'unclear' } }), ['it_ran', 'it_did_not_run']);
    assert.equal(card({ run: { status: 'unclear' } }).buttons[0]?.id, 'LR-8K3F2Q.1:0');
  });

  it('says that the machine hasn’t picked it up, and when we give up', () => {
    const run: Partial<Run> = { status: 'running', sentAt: NOW - 20 * MINUTE };
    assert.equal(
      state({ run }),
      '◌ Sent, ws-042 hasn’t picked it up yet · since 08:40 UTC · Defender gives up at about 10:40 UTC, we cancel at 17:00 UTC',
    );
    assert.match(
      state({ run, request: { startBy: null } }),
      / · since 08:40 UTC · Defender gives up at about 10:40 UTC$/,
    );
    const untold = state({ run: { ...run, sentAt: null }, request: { startBy: null } });
    assert.equal(untold, '◌ Sent, ws-042 hasn’t picked it up yet', 'nothing is promised that nobody knows');
    const soon = state({ run, request: { startBy: NOW + MINUTE } });
    assert.match(soon, / · we cancel at 09:01 UTC, Defender gives up at about 10:40 UTC$/);
    const asked = state({ run: { ...run, cancel }, request: { startBy: NOW - MINUTE } });
    assert.match(asked, / · Defender gives up at about 10:40 UTC · cancel requested by Lea Lead 09:00 UTC$/);
    const told = { ...cancel, note: 'Defender says that it is too late to cancel.' };
    assert.match(
      state({ run: { ...run, cancel: told } }),
      / · cancel requested by Lea Lead 09:00 UTC\. Defender says that it is too late to cancel\.$/,
    );
    assert.deepEqual(buttons({ run: { ...run, cancel } }), [], 'asked once, not again');
  });

  it('says which command runs, and that scripts take their time', () => {
    const commands: Request['commands'] = [
      { kind: 'run', script: 'minidump.ps1', args: [] },
      { kind: 'get', path: 'C:\\x.zip' },
    ];
    const at = (first: string, second: string): Scene => ({
      request: { commands },
      run: {
        status: 'running',
        pickedUpAt: NOW,
        commands: [aCommand({ state: first as 'waiting' }), aCommand({ state: second as 'waiting' })],
      },
    });
    assert.equal(
      state(at('running', 'waiting')),
      '▶ Running since 09:00 UTC · command 1 of 2 · a script may take 10 min',
    );
    assert.equal(state(at('completed', 'running')), '▶ Running since 09:00 UTC · command 2 of 2');
    assert.equal(
      state(at('completed', 'completed')),
      '▶ Running since 09:00 UTC · all commands done, Defender is finishing',
    );
    assert.deepEqual(
      card(at('running', 'waiting')).commands.map((one) => one.symbol),
      ['▶', '◌'],
    );
    assert.equal(note(at('running', 'waiting')), 'running');
  });

  it('warns of what changed on its way', () => {
    const run: Partial<Run> = { status: 'running', note: 'minidump.ps1 changed while this was on its way' };
    assert.ok(facts({ run }).includes('⚠ minidump.ps1 changed while this was on its way'));
    assert.ok(!facts({ run: { ...run, status: 'succeeded', endedAt: NOW } }).some((fact) => fact.startsWith('⚠')));
  });
});
