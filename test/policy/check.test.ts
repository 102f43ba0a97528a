import assert from 'node:assert/strict';
import { checkPolicy, loadPolicy } from '../../src/policy/index.ts';
import { HASH_A, policyText, policyWith } from './fixtures.ts';

/** Slack only, and nobody in two roles: without warnings. */
const CLEAN = `version: 1
channels: { slack: [C0SOC] }
groups:
  analysts: { slack: { users: [UANA] } }
  leads: { slack: { users: [ULEA, ULEO] } }
requesters: [analysts]
approvers: [leads]
`;

function warnings(rest = '', change: (text: string) => string = (text) => text): string[] {
  return checkPolicy(loadPolicy(change(CLEAN + rest), { platforms: ['slack'] }));
}

const rules = (...list: string[]) =>
  `rules: [${list.map((rule, index) => `{ name: R${index + 1}, ${rule} }`).join(', ')}]`;

describe('Checking a policy', () => {
  it('warns of nothing where nothing is odd', () => {
    assert.deepEqual(warnings(), []);
    assert.deepEqual(
      warnings(rules('match: { scripts: [a] }', 'match: { scripts: [b] }', 'match: { paths: ["C:/**"] }')),
      [],
    );
  });

  it('warns of an audit trail that is forgotten soon', () => {
    assert.deepEqual(warnings('retention: { audit: 90d }\n'), []);
    assert.match(warnings('retention: { audit: 89d }\n').join(), /^retention\.audit is less than 90d: who did what/);
  });

  it('warns of groups without users and of groups that are ignored', () => {
    assert.deepEqual(
      warnings('', (text) =>
        text.replace(
          'users: [UANA] }',
          'users: [UANA], userGroups: [S1] }, teams: { entraGroups: [0f0f0f0f-0000-4000-8000-00000000000a] }',
        ),
      ),
      ['Group “analysts”: its Slack user groups are ignored, because trustUserGroups is false.'],
    );
    assert.deepEqual(
      warnings('trustUserGroups: true', (text) => text.replace('users: [UANA] }', 'userGroups: [S1] }')),
      [],
      'trusted, they may bring enough people',
    );
    assert.deepEqual(checkPolicy(policyWith()).slice(0, 1), [
      'Group “nobody” lists no users, so nobody has a right through it.',
    ]);
  });

  it('warns where a platform has nobody to ask or to approve', () => {
    const said = warnings('', (text) => text.replace('users: [UANA]', 'users: []'));
    assert.ok(said.includes('Nobody on Slack is in requesters (analysts).'));
    const nobody = warnings('', (text) => text.replace('users: [ULEA, ULEO]', 'users: []'));
    assert.ok(nobody.includes('Nobody on Slack is in approvers (leads).'));
    assert.ok(
      nobody.includes('Rule “Default” needs 1 approval, but on Slack 0 people may approve: it can never run there.'),
    );
  });

  it('warns where a quorum can’t be reached, at all or by who asks', () => {
    assert.deepEqual(warnings(rules('match: { scripts: [a] }, approvals: 3')), [
      'Rule “R1” needs 3 approvals, but on Slack 2 people may approve: it can never run there.',
    ]);
    assert.deepEqual(warnings(rules('match: { scripts: [a] }, approvals: 2')), []);
    assert.deepEqual(
      warnings(rules('match: { scripts: [a] }, approvals: 2'), (text) =>
        text.replace('requesters: [analysts]', 'requesters: [analysts, leads]'),
      ),
      [
        'Rule “R1” needs 2 approvals, and on Slack only so many people may approve: when one of them asks, the others are too few.',
      ],
    );
    assert.deepEqual(
      warnings(rules('match: { scripts: [a] }, approvals: 2, requesters: [analysts], approvers: [leads]'), (text) =>
        text.replace('requesters: [analysts]', 'requesters: [analysts, leads]'),
      ),
      [],
    );
    assert.match(policyText(), /teams/);
    assert.ok(checkPolicy(policyWith()).some((line) => line.includes('on Teams only so many')));
  });

  it('warns of rules behind one that matches all of theirs', () => {
    const shadow = ['Rule “R2” can never match: “R1” before it matches all of that.'];
    const shadowed: [string, string][] = [
      ['match: {}', 'match: { scripts: [a] }'],
      ['match: { commands: [run] }', 'match: { scripts: [a] }'],
      ['match: { scripts: ["Get-*"] }', 'match: { scripts: [get-a, GET-b], machineGroups: [x] }'],
      ['match: { scripts: ["Get-*", b] }', 'match: { scripts: ["get-*"] }'],
      ['match: { paths: ["**"] }', 'match: { paths: ["C:/x/*"] }'],
      ['match: { paths: ["C:/x/**"] }', 'match: { paths: ["c:\\\\x\\\\y"] }'],
      ['match: { machineTags: ["*"] }', 'match: { machineTags: [a] }'],
      ['match: { commands: [get] }, refuse: "No."', 'match: { paths: ["/a"] }'],
      ['match: { paths: ["C:/**"] }', 'match: { paths: ["C:/Windows/NTDS/**"] }, refuse: "No."'],
      ['match: { paths: ["C:/W*/**"] }', 'match: { paths: ["c:/win?ows/*/x"] }'],
      ['match: { scripts: ["Get-*"] }', 'match: { scripts: ["Get-Proc*", "get-?*.ps1"] }'],
      ['match: { scripts: ["*"] }', 'match: { commands: [run] }'],
      ['match: { machines: ["ws-*"] }', 'match: { machines: ["WS-0?"], scripts: [a] }'],
    ];
    for (const [first, second] of shadowed) {
      assert.deepEqual(warnings(rules(first, second).replaceAll('"c:\\\\x\\\\y"', "'c:\\x\\y'")), shadow, second);
    }
    const free: [string, string][] = [
      ['match: { scripts: [a] }', 'match: {}'],
      ['match: { scripts: [a] }', 'match: { scripts: ["a*"] }'],
      ['match: { scripts: ["*"] }', 'match: { commands: [run, get] }'],
      ['match: { machineGroups: ["*"] }', 'match: { scripts: [a] }'],
      ['match: { scripts: ["Get-?*"] }', 'match: { scripts: ["Get-*"] }'],
      ['match: { scripts: ["Get-??"] }', 'match: { scripts: ["Get-*"] }'],
      ['match: { paths: ["C:/*"] }', 'match: { paths: ["C:/**"] }'],
      ['match: { paths: ["?:/*"] }', 'match: { paths: ["C:/x/y"] }'],
      [`match: {}, approvals: 0, maxMachines: 5, sha256: { a: ${HASH_A} }`, 'match: { scripts: [a] }'],
    ];
    for (const [first, second] of free) assert.deepEqual(warnings(rules(first, second)), [], second);
  });

  it('warns of rules behind several that match all of theirs together', () => {
    const said = (...list: string[]) => warnings(rules(...list));
    assert.deepEqual(
      said(
        'match: { commands: [run] }',
        'match: { commands: [get, put] }',
        'match: { machineTags: [a] }, refuse: "No."',
      ),
      ['Rule “R3” can never match: “R1” and “R2” before it together match all of that.'],
    );
    assert.deepEqual(
      said(
        'match: { scripts: ["a*"] }',
        'match: { scripts: [x] }',
        'match: { scripts: ["*b"] }',
        'match: { scripts: ["ab*", b] }',
      ),
      ['Rule “R4” can never match: “R1” and “R3” before it together match all of that.'],
    );
    assert.deepEqual(
      said('match: { commands: [run] }', 'match: { commands: [get] }', 'match: { machineTags: [a] }'),
      [],
    );
  });

  it('warns of paths that no path let through can fit', () => {
    const said = (glob: string) => warnings(rules(`match: { paths: ["${glob}"] }, refuse: "No."`)).join();
    const impossible: [string, RegExp][] = [
      ['C:/x/../Windows/**', /“\.\.”/],
      ['%SystemRoot%/NTDS/**', /variable/],
      ['Windows/NTDS/**', /drive/],
      ['*.dit', /drive/],
      ['C:/PROGRA~1/*', /8\.3/],
      ['//server/**', /another machine/],
      ['C:/Documents and Settings/**', /Write C:.Users.x instead/],
    ];
    for (const [glob, why] of impossible) {
      assert.match(said(glob), /Rule “R1” names .*, which no path can fit\. The path/, glob);
      assert.match(said(glob), why);
    }
    for (const glob of ['**', '**/ntds.dit', '?:/x', '*/x', '/etc/**', 'C:/Users/*/Desk*', '*:/Windows/**', 'C:/*']) {
      assert.equal(said(glob), '', glob);
    }
  });

  it('warns where a machine could choose a lighter rule before a stricter one', () => {
    const said = (first: string) => warnings(rules(first, 'match: { scripts: [a] }, approvals: 2'));
    assert.deepEqual(said('match: { machineTags: [lab] }'), [
      'Rule “R1” rests on what a machine says of itself and stands before “R2”, which is stricter in something: put that one first.',
    ]);
    assert.deepEqual(said('match: { machineTags: [lab] }, approvals: 2'), []);
    assert.deepEqual(said('match: { machineTags: [lab] }, refuse: "No."'), []);
    assert.deepEqual(said('match: { machineGroups: [lab] }'), []);
    assert.match(
      warnings(rules('match: { machines: [lab] }', 'match: { scripts: [a] }, refuse: "No."')).join(),
      /“R2”, which is stricter/,
    );
    assert.match(
      warnings(rules('match: { machines: [lab] }', 'match: { scripts: [a] }, approvers: [leads]')).join(),
      /stricter/,
    );
  });

  it('warns of pins that no pattern of the rule fits', () => {
    const pinned = (match: string) =>
      warnings(rules(`match: ${match}, approvals: 0, maxMachines: 5, sha256: { A.ps1: ${HASH_A} }`));
    assert.deepEqual(pinned('{ scripts: [b.ps1] }'), ['Rule “R1” pins a.ps1, which none of its patterns fits.']);
    assert.deepEqual(pinned('{ files: ["*.ps1"] }'), []);
    assert.deepEqual(pinned('{ commands: [run] }'), []);
  });

  it('warns where one line may reach a whole fleet without anybody', () => {
    const rule = (more: string) => warnings(rules(`match: { scripts: [A.ps1] }, sha256: { A.ps1: ${HASH_A} }${more}`));
    assert.deepEqual(rule(', approvals: 0'), [
      'Rule “R1” asks for no approval and has no maxMachines: one line may run it on 100 machines without anybody.',
    ]);
    assert.deepEqual([...rule(', approvals: 0, maxMachines: 3'), ...rule(', approvals: 1')], []);
  });

  it('warns where break-glass is half said', () => {
    assert.deepEqual(warnings('default: { breakGlass: true }'), [
      'Rule “Default” says breakGlass: true, but no breakGlass section says who may.',
    ]);
    assert.deepEqual(warnings('breakGlass: { allowed: [leads] }'), [
      'breakGlass says who may use it, but no rule allows it.',
    ]);
    assert.deepEqual(warnings('default: { breakGlass: true }\nbreakGlass: { allowed: [leads] }'), []);
  });
});
