import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Command } from '../../src/model/command.ts';
import type { Machine } from '../../src/model/machine.ts';
import { evaluate, matchAll, reasonTrouble, strictest, type Verdict } from '../../src/policy/index.ts';
import { get, HASH_A, HASH_B, machineWith, policyWith, put, run, subjectOf } from './fixtures.ts';

/** Whether a rule with this match counts for the command. */
function matched(match: string, command: Command, machine: Partial<Machine> = {}): boolean {
  const policy = policyWith(`rules: [{ name: Hit, match: ${match}, refuse: "No." }]`);
  return evaluate(policy, subjectOf([command], machine)).refuse !== null;
}

describe('What a rule matches', () => {
  it('is everything where it asks for nothing', () => {
    for (const command of [run('a.ps1'), get('C:\\x'), put('a')]) assert.ok(matched('{}', command));
  });

  it('is the kind of command', () => {
    assert.ok(matched('{ commands: [get, put] }', put('a')));
    assert.ok(!matched('{ commands: [get, put] }', run('a')));
  });

  it('is the script of run, the file of put, the path of get, and no other kind of command', () => {
    assert.ok(matched('{ scripts: ["MINI*.ps1"] }', run('minidump.ps1')));
    assert.ok(!matched('{ scripts: ["*"] }', put('minidump.ps1')));
    assert.ok(!matched('{ scripts: ["*"] }', get('C:\\x')));
    assert.ok(matched('{ files: ["*.exe"] }', put('a.EXE')));
    assert.ok(!matched('{ files: ["*"] }', run('a.exe')));
    assert.ok(matched('{ paths: ["c:/windows/**"] }', get('C:\\Windows\\a\\b')));
    assert.ok(!matched('{ paths: ["**"] }', run('a')));
  });

  it('is the machine by name, first label or id, by tag, device group and system', () => {
    assert.ok(matched('{ machines: [WS-042] }', run('a')));
    assert.ok(matched('{ machines: ["*.contoso.com"] }', run('a')));
    assert.ok(matched(`{ machines: ["${machineWith().id.toUpperCase()}"] }`, run('a')));
    assert.ok(!matched('{ machines: ["ws-04"] }', run('a')));
    assert.ok(matched('{ machineTags: [x, Tier0] }', run('a'), { tags: ['a', 'TIER0'] }));
    assert.ok(!matched('{ machineTags: ["*"] }', run('a'), { tags: [] }));
    assert.ok(matched('{ machineGroups: [work*] }', run('a')));
    assert.ok(matched('{ osPlatforms: [Windows*] }', run('a')));
    assert.ok(!matched('{ osPlatforms: [macOS] }', run('a')));
  });

  it('needs every key, and of each key one entry', () => {
    assert.ok(matched('{ scripts: [b, a], machineTags: [finance, x] }', run('a')));
    assert.ok(!matched('{ scripts: [b, a], machineTags: [x] }', run('a')));
  });
});

describe('The verdict of a policy', () => {
  const rules = `rules:
  - { name: Tier 0, match: { machineTags: [tier0] }, approvals: 2, expireAfter: 2h, startWithin: 1h, reason: "^INC-", approvers: [seniors], requesters: [analysts], maxMachines: 1 }
  - { name: Credentials, match: { paths: ["C:/Windows/NTDS/**"] }, refuse: "Ask forensics." }
  - { name: Harmless, match: { scripts: ["Get-*"] }, approvals: 0, expireAfter: 20h, sha256: { Get-A.ps1: ${HASH_A} } }
  - { name: Collect, match: { commands: [get] }, approvals: 3, expireAfter: 1h, startWithin: 3h, reason: "x", breakGlass: true, maxMachines: 3 }
  - { name: Pinned, match: { scripts: [fix.ps1] }, sha256: { fix.ps1: ${HASH_A} } }
default: { breakGlass: true }
breakGlass: { allowed: [leads] }`;
  const policy = policyWith(rules);
  const verdictOn = (commands: Command[], machine: Partial<Machine> = {}, digest: string | null = HASH_A) =>
    evaluate(policy, subjectOf(commands, machine, digest));

  it('is the default where no rule matches', () => {
    const verdict = verdictOn([run('minidump.ps1')]);
    assert.deepEqual(verdict.terms, {
      rule: 'Default',
      approvals: 1,
      expireAfter: 28_800_000,
      startWithin: 28_800_000,
      breakGlass: true,
      approverGroups: [['leads']],
      because: 'Rule “Default” counts, as no other rule matches.',
      policyHash: policy.hash,
    });
    assert.deepEqual([verdict.refuse, verdict.reasons, verdict.maxMachines], [null, [], null]);
    assert.deepEqual(verdict.requesterGroups, [['analysts', 'leads']]);
    assert.equal(strictest(policy, []).terms.rule, 'Default');
  });

  it('is the first rule that matches, and says why', () => {
    const { terms, ...verdict } = verdictOn([run('minidump.ps1')], { tags: ['Tier0'] });
    assert.equal(terms.rule, 'Tier 0');
    assert.equal(terms.because, 'Rule “Tier 0” counts on ws-042: tag Tier0.');
    assert.equal(terms.breakGlass, false);
    assert.deepEqual(terms.approverGroups, [['leads'], ['seniors']]);
    assert.deepEqual(verdict.requesterGroups, [['analysts']]);
    assert.equal(verdict.maxMachines, 1);
  });

  it('is the strictest of all its commands', () => {
    const { terms, ...verdict } = verdictOn([run('minidump.ps1'), get('C:\\x')]);
    assert.equal(terms.rule, 'Default, Collect');
    assert.equal(terms.because, 'Rules “Default”, “Collect” count; the strictest of them holds for all of it.');
    assert.deepEqual([terms.approvals, terms.expireAfter, terms.startWithin], [3, 3_600_000, 10_800_000]);
    assert.equal(terms.breakGlass, true);
    assert.equal(verdict.maxMachines, 3);
    assert.deepEqual(
      verdict.reasons.map(({ rule }) => rule),
      ['Collect'],
    );
  });

  it('is the strictest over machines, where their matches are joined', () => {
    const on = (tags: string[]) => matchAll(policy, subjectOf([get('C:\\x')], { tags }));
    const { terms, reasons, maxMachines } = strictest(policy, [...on(['tier0']), ...on([])]);
    assert.deepEqual([terms.approvals, terms.expireAfter, terms.startWithin], [3, 3_600_000, 3_600_000]);
    assert.equal(terms.breakGlass, false);
    assert.deepEqual(
      reasons.map(({ pattern }) => pattern.source),
      ['^INC-', 'x'],
    );
    assert.equal(maxMachines, 1);
  });

  it('is a refusal when one command is refused, whatever the others are', () => {
    assert.equal(verdictOn([run('Get-A.ps1'), get('c:\\WINDOWS\\ntds\\ntds.dit')]).refuse, 'Ask forensics.');
    const twice = verdictOn([get('c:\\WINDOWS\\ntds\\ntds.dit'), get('c:\\WINDOWS\\ntds\\x')]);
    assert.equal(twice.refuse, 'Ask forensics.');
  });

  it('is a refusal for a path with a second meaning', () => {
    assert.match(verdictOn([get('C:\\Temp\\..\\Windows\\NTDS\\ntds.dit')]).refuse ?? '', /“\.\.”/);
    assert.match(evaluate(policyWith(), subjectOf([get('\\\\?\\C:\\x')])).refuse ?? '', /device path/);
  });

  it('asks for no approval only where the file is the one pinned', () => {
    assert.equal(verdictOn([run('get-a.PS1')]).terms.approvals, 0);
    assert.equal(verdictOn([run('Get-A.ps1')], {}, HASH_A.toUpperCase()).terms.approvals, 0);
    for (const digest of [HASH_B, null]) {
      const verdict = verdictOn([run('Get-A.ps1')], {}, digest);
      assert.equal(verdict.terms.rule, 'Default');
      assert.deepEqual(
        verdict.matched[0]?.unpinned.map(({ name }) => name),
        ['Harmless'],
      );
    }
    assert.equal(verdictOn([run('Get-B.ps1')]).terms.approvals, 1);
  });

  it('never lets a file be collected without approval', () => {
    const loose = policyWith(`rules: [{ name: All, match: {}, approvals: 0, sha256: { a: ${HASH_A} } }]`);
    assert.equal(evaluate(loose, subjectOf([get('C:\\a')])).terms.approvals, 1);
    assert.equal(evaluate(loose, subjectOf([put('a')])).terms.approvals, 0);
    assert.equal(evaluate(loose, subjectOf([put('a'), get('C:\\a')])).terms.approvals, 1);
  });

  it('refuses another version of a file that a rule with approvals pins', () => {
    assert.equal(verdictOn([run('fix.ps1')]).refuse, null);
    assert.match(
      verdictOn([run('FIX.ps1')], {}, HASH_B).refuse ?? '',
      /isn’t the version that rule “Pinned” pins\. Put the pinned version back .* put its sha256 into the rule\.$/,
    );
    assert.match(verdictOn([run('fix.ps1')], {}, null).refuse ?? '', /Pinned/);
  });

  it('lets nobody break the glass where no section says who may', () => {
    assert.equal(evaluate(policyWith('default: { breakGlass: true }'), subjectOf([run('a')])).terms.breakGlass, false);
  });

  it('never gets lighter by a command more', () => {
    const commands = fc.array(
      fc.constantFrom(
        run('Get-A.ps1'),
        run('x.ps1'),
        run('fix.ps1'),
        put('a'),
        get('C:\\x'),
        get('C:\\Windows\\NTDS\\x'),
      ),
      { minLength: 1, maxLength: 4 },
    );
    const tags = fc.constantFrom<string[]>([], ['tier0']);
    fc.assert(
      fc.property(commands, commands, tags, fc.constantFrom(HASH_A, HASH_B), (some, more, machineTags, digest) => {
        const few = verdictOn(some, { tags: machineTags }, digest);
        const all = verdictOn([...some, ...more], { tags: machineTags }, digest);
        assert.ok(isAsStrict(all, few));
      }),
    );
  });
});

function isAsStrict(all: Verdict, few: Verdict): boolean {
  const within = (narrow: readonly (readonly string[])[], wide: readonly (readonly string[])[]) =>
    wide.every((list) => narrow.some((other) => other.every((name) => list.includes(name))));
  return (
    all.terms.approvals >= few.terms.approvals &&
    all.terms.expireAfter <= few.terms.expireAfter &&
    all.terms.startWithin <= few.terms.startWithin &&
    (few.terms.breakGlass || !all.terms.breakGlass) &&
    (few.refuse === null || all.refuse !== null) &&
    (all.maxMachines ?? 1e9) <= (few.maxMachines ?? 1e9) &&
    few.reasons.every(({ pattern }) => all.reasons.some((other) => other.pattern.source === pattern.source)) &&
    within(all.terms.approverGroups, few.terms.approverGroups) &&
    within(all.requesterGroups, few.requesterGroups)
  );
}

describe('The reason that a verdict demands', () => {
  const policy = policyWith(`rules:
  - { name: A, match: { scripts: [a] }, reason: "^INC-[0-9]+" }
  - { name: B, match: { scripts: [b] }, reason: urgent }
  - { name: C, match: { scripts: [c] }, reason: urgent }`);
  const verdict = evaluate(policy, subjectOf([run('a'), run('b'), run('c')]));

  it('must meet the demand of each rule', () => {
    assert.equal(reasonTrouble(verdict, 'INC-1 urgent'), null);
    assert.match(
      reasonTrouble(verdict, null) ?? '',
      /“A” needs a reason like “INC-1234” \(it has to fit \^INC-\[0-9\]\+\)\. Add one with --reason/,
    );
    assert.match(reasonTrouble(verdict, 'urgent') ?? '', /“A” needs .* Yours doesn’t fit/);
    assert.match(reasonTrouble(verdict, 'INC-1') ?? '', /“B”/);
  });

  it('is none where no rule asks for one', () => {
    assert.equal(reasonTrouble(evaluate(policyWith(), subjectOf([run('a')])), null), null);
  });
});
