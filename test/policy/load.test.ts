import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { AppError } from '../../src/errors.ts';
import type { Platform } from '../../src/model/person.ts';
import { checkPolicy, loadPolicy, type Problem } from '../../src/policy/index.ts';
import { HASH_A, policyText, policyWith } from './fixtures.ts';

function problemsOf(text: string, platforms: Platform[] = ['slack']): Problem[] {
  try {
    loadPolicy(text, { platforms });
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === 'policy');
    return error.cause as Problem[];
  }
  return [];
}

const messages = (rest: string) => problemsOf(policyText(rest)).map(({ message }) => message);

function complains(rest: string, about: RegExp): void {
  const said = messages(rest);
  assert.equal(said.length, 1, `${rest}: ${said.join('; ')}`);
  assert.match(said[0] ?? '', about);
}

describe('Reading a policy', () => {
  it('fills in what the contract says where the file is silent', () => {
    const policy = policyWith();
    assert.deepEqual(policy.limits, {
      callsPerMinute: 10,
      concurrentSessions: 25,
      offlineQueue: 7_200_000,
      pollEvery: 5_000,
      commandsPerPerson: 20,
    });
    assert.deepEqual(policy.notify, { approvers: 'mention', remindAfter: 900_000 });
    assert.deepEqual(policy.results, { linkFor: 1_800_000, inlineLines: 20, links: 'personal' });
    assert.deepEqual(policy.retention, { results: 2_592_000_000, audit: 220_752_000_000 });
    assert.equal(policy.trustUserGroups, false);
    assert.equal(policy.breakGlass, null);
    assert.deepEqual(policy.rules, []);
    const { approvals, expireAfter, startWithin, breakGlass } = policy.default;
    assert.deepEqual([approvals, expireAfter, startWithin, breakGlass], [1, 28_800_000, 28_800_000, false]);
    assert.equal(policyWith('breakGlass: { allowed: [leads] }').breakGlass?.reviewWithin, 86_400_000);
  });

  it('hashes the text as it is', () => {
    assert.equal(policyWith().hash, createHash('sha256').update(policyText()).digest('hex'));
    assert.notEqual(policyWith('# a comment').hash, policyWith().hash);
  });

  it('takes from the default what a rule leaves out, except breakGlass', () => {
    const { rules } = policyWith(`rules: [{ name: A, match: {} }]
breakGlass: { allowed: [leads] }
default: { approvals: 2, expireAfter: 3h, startWithin: 2h, reason: x, approvers: [seniors], requesters: [leads], maxMachines: 4, breakGlass: true }`);
    const { name, match, reason, sha256, ...rest } = rules[0] ?? assert.fail();
    assert.deepEqual(rest, {
      approvals: 2,
      expireAfter: 10_800_000,
      startWithin: 7_200_000,
      approvers: ['seniors'],
      requesters: ['leads'],
      maxMachines: 4,
      breakGlass: false,
      refuse: null,
    });
    assert.equal(reason?.source, 'x');
  });

  it('reads the example that the repository ships, without a warning', () => {
    const policy = loadPolicy(readFileSync('policy.example.yaml', 'utf8'), { platforms: ['slack'] });
    assert.equal(policy.rules.length, 3);
    assert.deepEqual(checkPolicy(policy), []);
  });

  it('lists every problem at once, with line and column, in the order of the file', () => {
    const text = `version: 2
chanels: { slack: [C1] }
groups: { a: { slack: { users: [bob] } } }
requesters: [a, c]
rules:
  - { name: x, match: {}, approvals: 11 }
  - { name: y, match: {}, approvals: 0 }`;
    assert.deepEqual(
      problemsOf(text).map(({ line, column, message }) => `${line}:${column} ${message}`),
      [
        '1:1 channels: is missing',
        '1:1 approvers: is missing',
        '1:10 version: must be 1',
        '2:1 “chanels” is not a setting that exists here',
        '3:33 groups → a → slack → users → entry 1: must be a Slack user id like U012AB3CD',
        '4:17 requesters → entry 2: “c” is not one of the groups',
        '6:38 rules → x → approvals: must be at most 10',
        '7:5 rules → y: must pin with sha256 what may run without approval; a file collected always needs one',
      ],
    );
  });

  it('says in its message how many problems there are, and where', () => {
    assert.throws(() => loadPolicy(policyText('nonsense: 1'), { platforms: ['slack'] }), {
      code: 'policy',
      message: 'The policy has one problem:\nline 10, column 1: “nonsense” is not a setting that exists here',
    });
  });

  it('refuses what is not YAML, has a key twice, an unknown tag or a bomb of aliases', () => {
    assert.match(problemsOf('a: [')[0]?.message ?? '', /Flow sequence/);
    assert.match(problemsOf('a: 1\na: 2')[0]?.message ?? '', /unique/);
    assert.equal(problemsOf('a: 1\na: 2')[0]?.line, 2);
    assert.equal(problemsOf('a: !secret x').length, 1);
    const bomb = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`)}]`),
    ];
    assert.match(problemsOf(bomb.join('\n'))[0]?.message ?? '', /aliases/);
    assert.throws(() => loadPolicy('#'.repeat(2_000_001), { platforms: [] }), /2 MB/);
    assert.match(problemsOf('? [a]\n: 1')[0]?.message ?? '', /plain word/);
    for (const text of ['', '- a', 'hello'])
      assert.match(problemsOf(text)[0]?.message ?? '', /begins with “version: 1”/);
  });

  it('tells a hundred problems of many, how many more there are, and no endless words', () => {
    const wrong = Array.from({ length: 5_000 }, (_, n) => `  g${n}: 5\n`).join('');
    const text = policyText(`"${'x'.repeat(1_000)}": 1`).replace('groups:\n', `groups:\n${wrong}`);
    assert.throws(
      () => loadPolicy(text, { platforms: ['slack'] }),
      (error) =>
        error instanceof AppError &&
        error.message.startsWith('The policy has 5001 problems:\n') &&
        error.message.endsWith('\nand 4901 more') &&
        error.message.length < 10_000 &&
        (error.cause as Problem[]).length === 100,
    );
  });

  it('takes no group by the name that JavaScript keeps for itself, and the others of its kind as any', () => {
    const named = (name: string) => policyText().replace('nobody: {}', `${name}: { slack: { users: [U1] } }`);
    assert.match(problemsOf(named('__proto__'))[0]?.message ?? '', /“__proto__” can’t be a name/);
    assert.equal(problemsOf(named('__proto__')).length, 1);
    for (const name of ['constructor', 'toString']) {
      const { groups } = loadPolicy(named(name), { platforms: ['slack'] });
      assert.deepEqual([...(groups.get(name)?.users.slack ?? [])], ['U1']);
    }
  });

  it('wants channels for each platform that is on', () => {
    const text = policyText().replace(/channels:.*/, 'channels: { slack: [C0SOC] }');
    assert.deepEqual(problemsOf(text, ['slack']), []);
    assert.match(problemsOf(text, ['slack', 'teams'])[0]?.message ?? '', /channel for teams/);
    assert.match(
      problemsOf(policyText().replace(/channels:.*/, 'channels: { slack: ["#soc"] }'))[0]?.message ?? '',
      /channel id/,
    );
  });

  it('needs channels only of platforms that are on', () => {
    const text = policyText().replace(/channels:.*/, 'channels: { teams: ["19:abc@thread.tacv2"] }');
    assert.deepEqual(loadPolicy(text, { platforms: ['teams'] }).channels, {
      slack: [],
      teams: ['19:abc@thread.tacv2'],
    });
  });

  it('points at the nearest place for what stands behind an alias or is nothing', () => {
    const text = policyText('rules: [&a { name: a, match: {} }, *a, null, { name: b, match: { scripts: [*x] } }]');
    assert.equal(problemsOf(text.replace('[*x]', '[x]')).length, 2);
    assert.match(problemsOf(text)[0]?.message ?? '', /alias/i);
    assert.match(
      problemsOf(policyText().replace('requesters: [analysts, leads]', 'requesters:'))[0]?.message ?? '',
      /must be a list/,
    );
    assert.match(problemsOf(policyText().replace(/channels:.*/, '? channels'))[0]?.message ?? '', /must be a map/);
  });

  it('checks rules also where the default has trouble', () => {
    const said = messages(
      'default: 5\nrules: [{ name: a, match: { machineTags: [x] } }, { name: b, match: {}, approvals: 0 }]',
    );
    assert.equal(said.length, 2);
  });

  it('refuses unknown keys at every depth', () => {
    complains('toString: 1', /“toString”/);
    complains('limits: { callPerMinute: 1 }', /limits: “callPerMinute”/);
    complains('rules: [{ name: a, match: { script: [x] } }]', /rules → a → match: “script”/);
    complains('default: { sha256: {} }', /“sha256”/);
  });

  it('checks every value', () => {
    complains('limits: { callsPerMinute: 601 }', /callsPerMinute: must be at most 600/);
    complains('limits: { callsPerMinute: 0 }', /at least 1/);
    complains('limits: { callsPerMinute: 1.5 }', /whole number/);
    complains('limits: { commandsPerPerson: 0/m }', /at least 1/);
    complains('limits: { commandsPerPerson: 20/h }', /rate like 20\/m/);
    complains('limits: { commandsPerPerson: 20 }', /rate like 20\/m/);
    complains('limits: { pollEvery: 5 }', /duration like/);
    complains('limits: { pollEvery: 0s }', /duration like/);
    complains('limits: 5', /map of settings/);
    complains('notify: { approvers: shout }', /mention, direct, none/);
    complains('trustUserGroups: maybe', /true or false/);
    complains('default: { approvals: 0 }', /at least 1/);
    complains('default: { reason: "(a+)+" }', /too long on a hostile text/);
    complains('default: { reason: 7 }', /must be text/);
    complains('rules: {}', /must be a list/);
    complains('rules: [{ match: {} }]', /rules → entry 1 → name: is missing/);
    complains('rules: [{ name: a }]', /match: is missing/);
    complains('rules: [{ name: a, match: { scripts: [] } }]', /at least one entry/);
    complains('rules: [{ name: a, match: { commands: [execute] } }]', /run, get, put/);
    complains('rules: [{ name: a, match: { paths: ["*a*a*a*a*a"] } }]', /stars/);
    complains(`rules: [${Array(1_001).fill('{}')}]`, /at most 1000 entries/);
    complains('breakGlass: {}', /allowed: is missing/);
  });

  it('checks pinned digests', () => {
    const pinned = (pins: string) => `rules: [{ name: a, match: {}, sha256: ${pins} }]`;
    complains(pinned('{ a.ps1: abc }'), /64 hex digits/);
    complains(pinned(`{ a.ps1: ${'1'.repeat(64)} }`), /in quotes/);
    complains(pinned('{}'), /at least one file/);
    complains(pinned(`{ a.ps1: ${HASH_A}, A.PS1: ${HASH_A} }`), /twice/);
    assert.equal(policyWith(pinned(`{ A.ps1: ${HASH_A.toUpperCase()} }`)).rules[0]?.sha256.get('a.ps1'), HASH_A);
  });

  it('wants every group named to exist, also where groups have trouble of their own', () => {
    complains('breakGlass: { allowed: [cats] }', /breakGlass → allowed → entry 1: “cats”/);
    complains('default: { approvers: [cats] }', /“cats”/);
    complains('default: { requesters: [leads, cats] }', /entry 2: “cats”/);
    complains('rules: [{ name: a, match: {}, approvers: [cats] }]', /“cats”/);
    complains('rules: [{ name: a, match: {}, requesters: [cats] }]', /“cats”/);
    const groups = policyText().replace('nobody: {}', 'nobody: { slak: {} }');
    assert.equal(problemsOf(groups).length, 1);
    assert.match(problemsOf(policyText().replace('nobody: {}', '"a/b": {}'))[0]?.message ?? '', /name of a group/);
    assert.match(
      problemsOf(policyText().replace(/groups:[\s\S]*requesters:/, 'groups: 5\nrequesters:'))[0]?.message ?? '',
      /map/,
    );
  });

  it('refuses rules that contradict themselves', () => {
    complains('rules: [{ name: a, match: { scripts: [x], paths: [y] } }]', /never match/);
    complains('rules: [{ name: a, match: { commands: [run], files: [y] } }]', /never match/);
    complains('rules: [{ name: a, match: {}, refuse: "No.", approvals: 2 }]', /other terms/);
    complains(`rules: [{ name: a, match: { paths: [x] }, sha256: { a: ${HASH_A} } }]`, /nothing that runs or places/);
    complains('rules: [{ name: a, match: { commands: [delete], machines: [x] } }]', /delete has no machine/);
    complains(
      `rules: [{ name: a, match: { commands: [delete] }, approvals: 0, sha256: { a: ${HASH_A} } }]`,
      /pins files/,
    );
    complains(
      `rules: [{ name: a, match: { commands: [put, delete] }, approvals: 0, sha256: { a: ${HASH_A} } }]`,
      /always needs an approval/,
    );
    complains('rules: [{ name: a, match: {}, approvals: 0 }]', /must pin with sha256/);
    complains('rules: [{ name: a, match: {} }, { name: A, match: {} }]', /another rule/);
    complains('rules: [{ name: default, match: {} }]', /another rule/);
  });

  it('lets no rule be lighter than the default for what a machine says of itself', () => {
    const lighter = [
      'approvals: 1',
      'expireAfter: 9h',
      'startWithin: 9h',
      'maxMachines: 6',
      'breakGlass: true',
      'reason: y',
      'approvers: [leads, seniors]',
      'requesters: [analysts, leads]',
    ];
    const base = `default: { approvals: 2, reason: x, maxMachines: 5, approvers: [seniors], requesters: [leads] }
breakGlass: { allowed: [leads] }`;
    const rule = (match: string, term: string) => `${base}\nrules: [{ name: a, match: ${match}, ${term} }]`;
    for (const term of lighter) {
      complains(rule('{ machineTags: [lab] }', term), /lighter than the default/);
      complains(rule('{ machines: ["lab-*"], commands: [run], osPlatforms: [Linux] }', term), /lighter/);
      complains(rule('{ machines: ["lab-*"], scripts: ["*"] }', term), /lighter/);
      assert.deepEqual(messages(rule('{ machineTags: [lab], machineGroups: [Lab] }', term)), [], term);
      assert.deepEqual(messages(rule('{ machineTags: [lab], scripts: ["Get-*"] }', term)), [], term);
      assert.deepEqual(messages(rule('{}', term)), [], term);
    }
    for (const term of ['approvals: 3', 'expireAfter: 1h', 'approvers: [seniors]', 'maxMachines: 1', 'refuse: "No."']) {
      assert.deepEqual(messages(rule('{ machineTags: [lab] }', term)), [], term);
    }
    complains('rules: [{ name: a, match: { machineTags: [x] }, approvals: 0, sha256: { a: x } }]', /64 hex/);
    assert.deepEqual(messages('rules: [{ name: a, match: { machineTags: [x] }, approvers: [seniors] }]'), []);
  });

  it('lets no rule hide behind patterns that fit nearly everything', () => {
    const rule = (match: string) =>
      `default: { approvals: 2 }\nrules: [{ name: a, match: { machineTags: [lab], ${match} }, approvals: 1 }]`;
    for (const wide of [
      'scripts: ["?*"]',
      'scripts: ["*.*"]',
      'scripts: ["*.ps1"]',
      'scripts: [minidump.ps1, "*.sh"]',
      'scripts: ["?*", "*"], machineGroups: ["**"]',
      'files: ["*?.*"]',
      'paths: ["C:/**"]',
      'paths: ["?:/**"]',
      'paths: ["*:/**"]',
      'paths: ["/**"]',
      'paths: ["C:/Users/**", "C:/Windows/**", "C:/Program*/**", "C:/*"]',
      'machineGroups: ["?*"]',
    ]) {
      complains(rule(wide), /don’t fit nearly everything/);
    }
    for (const narrow of [
      'scripts: ["Get-*"]',
      'scripts: [minidump.ps1]',
      'files: ["*.exe"]',
      'paths: ["C:/Windows/Temp/**"]',
      'paths: ["**/*.zip"]',
      'machineGroups: ["Lab*"]',
      'machineGroups: [Workstations, UnassignedGroup, Lab, VIP, kiosk-7, Servers (EU)]',
    ]) {
      assert.deepEqual(messages(rule(narrow)), [], narrow);
    }
  });

  it('fails with a policy error on any text, never otherwise', () => {
    const lines = policyText(
      'rules: [{ name: a, match: { scripts: ["x*"] }, approvals: 2 }]\nlimits: { pollEvery: 5s }',
    ).split('\n');
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.string(), fc.boolean(), (index, noise, replace) => {
        problemsOf(lines.toSpliced(index, replace ? 1 : 0, noise).join('\n'));
      }),
    );
  });
});
