import assert from 'node:assert/strict';
import { evaluate, evaluateDeletion } from '../../src/policy/index.ts';
import { HASH_A, policyWith, put, subjectOf } from './fixtures.ts';

describe('The verdict on deleting a library file', () => {
  const rules = (...lines: string[]) =>
    policyWith(
      `rules: [${lines.join(', ')}]\ndefault: { approvals: 1, expireAfter: 8h, breakGlass: true }\nbreakGlass: { allowed: [leads] }`,
    );

  it('is the default where no rule names delete, whatever else fits the file', () => {
    const verdict = evaluateDeletion(
      rules(
        '{ name: All, match: {}, approvals: 3 }',
        '{ name: Placed, match: { files: ["*"] }, approvals: 4 }',
        `{ name: Free, match: { scripts: ["*"] }, approvals: 0, sha256: { a.ps1: ${HASH_A} } }`,
      ),
      'a.ps1',
    );
    assert.deepEqual([verdict.terms.rule, verdict.terms.approvals, verdict.terms.breakGlass], ['Default', 1, false]);
    assert.match(verdict.terms.because, /no other rule matches/);
  });

  it('is the first rule that names delete and fits the file, with all that it asks for', () => {
    const policy = rules(
      '{ name: Tools, match: { commands: [delete], files: ["*.exe"] }, approvals: 2, expireAfter: 1h, reason: "^CHG-" }',
      '{ name: Rest, match: { commands: [put, delete] }, approvals: 3 }',
    );
    const tool = evaluateDeletion(policy, 'A.EXE');
    assert.deepEqual([tool.terms.rule, tool.terms.approvals, tool.terms.expireAfter], ['Tools', 2, 3_600_000]);
    assert.deepEqual(
      tool.reasons.map(({ rule }) => rule),
      ['Tools'],
    );
    assert.match(tool.terms.because, /“Tools” counts for deleting A\.EXE/);
    assert.equal(evaluateDeletion(policy, 'a.ps1').terms.approvals, 3);
  });

  it('a rule about deleting says nothing about placing the same file', () => {
    const policy = rules('{ name: Tools, match: { commands: [delete], files: ["*"] }, refuse: "Never." }');
    assert.equal(evaluateDeletion(policy, 'a.exe').refuse, 'Never.');
    assert.equal(evaluate(policy, subjectOf([put('a.exe')])).refuse, null);
  });
});
