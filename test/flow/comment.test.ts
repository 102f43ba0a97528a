import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cancelComment, commentFor } from '../../src/flow/comment.ts';
import { ANA, aRequest, aRun, LEA, LEO } from '../support/records.ts';

describe('the comment of a submission', () => {
  it('begins with the run id, then names requester, approvers (name and id) and reason', () => {
    assert.equal(
      commentFor(aRun(), aRequest({ reason: 'INC-1234 memory' }), [LEA, LEO], 'approved'),
      '[LR-8K3F2Q.1] asked by Ana Analyst (slack:U0ANA), approved by Lea Lead (slack:U0LEA), Leo Lead (slack:U0LEO): INC-1234 memory',
    );
  });

  it('says when nobody had to approve, and when the glass was broken', () => {
    assert.match(commentFor(aRun(), aRequest(), [], 'approved'), /, no approval needed$/);
    assert.match(commentFor(aRun(), aRequest(), [LEA], 'break-glass'), /, break-glass by Lea Lead \(slack:U0LEA\)$/);
  });

  it('lets no name and no reason forge another run id, a new line or a hidden direction', () => {
    const requester = { ...ANA, name: '[LR-AAAAAA.1]\nx' };
    const comment = commentFor(aRun(), aRequest({ requester, reason: '[LR-BBBBBB.1]\u202e\u0000 y' }), [], 'approved');
    assert.equal(comment.indexOf('['), 0);
    assert.equal(comment.lastIndexOf('['), 0);
    assert.doesNotMatch(comment, /[\n\u202e\u0000]/);
  });

  it('holds one run id, ours, at its beginning, whatever people call themselves and write', () => {
    const lookalikes = [
      '[',
      ']',
      '［',
      '］',
      '【',
      '】',
      '〔',
      '⟦',
      '⟧',
      '❲',
      '⁅',
      '⁆',
      '﹝',
      '⎡',
      '⎤',
      '\u{1f130}',
      '\u{1f12a}',
      '\u{1f240}',
      '\ud83d',
    ];
    const hidden = [
      '\n',
      '\r\n',
      '\u2028',
      '\u0000',
      '\u202e',
      '\u2066',
      '\u200b',
      '\u061c',
      '\ufeff',
      '\u00ad',
      '\u{e0001}',
    ];
    const piece = fc.oneof(
      fc.constantFrom(
        ...lookalikes,
        ...hidden,
        'LR-AAAAAA.1',
        '[LR-AAAAAA.1]',
        '］[LR-8K3F2Q.1]',
        ')',
        ', approved by ',
      ),
      fc.string({ unit: 'binary' }),
    );
    const words = fc.array(piece, { maxLength: 200 }).map((parts) => parts.join(''));
    const people = fc.array(fc.record({ name: words, id: fc.oneof(fc.constant('U0LEA'), words) }), { maxLength: 30 });
    fc.assert(
      fc.property(words, words, people, fc.constantFrom('approved', 'break-glass'), (name, reason, others, how) => {
        const approvers = others.map((one) => ({ ...LEA, ...one }));
        const comment = commentFor(aRun(), aRequest({ requester: { ...ANA, name }, reason }), approvers, how);
        const prefix = '[LR-8K3F2Q.1] asked by ';
        assert.ok(comment.startsWith(prefix));
        const rest = comment.slice(prefix.length);
        // No other bracket, in any script, may stand around what looks like an id; nothing hides or turns the text.
        assert.doesNotMatch(rest.normalize('NFKC'), /[[\]【】〔〕⟦⟧⁅⁆❲❳⎡-⎦]/);
        assert.doesNotMatch(rest, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        assert.ok(comment.length <= 1_000 && Buffer.from(comment).toString() === comment);
      }),
    );
  });

  it('of a cancel names who wished it and why, by the same rules', () => {
    assert.equal(
      cancelComment(aRun(), ANA, 'wrong\n[LR-AAAAAA.1] machine'),
      '[LR-8K3F2Q.1] cancelled by Ana Analyst (slack:U0ANA): wrong (LR-AAAAAA.1) machine',
    );
    assert.ok(cancelComment(aRun(), ANA, 'x'.repeat(5_000)).length <= 1_000);
  });

  it('keeps the words of people as they are where nothing in them could be taken for an id', () => {
    const requester = { ...ANA, name: 'Zoë „Zo“ O’Neil-李 (SOC) {L2}' };
    assert.match(
      commentFor(aRun(), aRequest({ requester }), [], 'approved'),
      /asked by Zoë „Zo“ O’Neil-李 \(SOC\) \{L2\} \(slack:/,
    );
  });

  it('stays within what Defender takes, however long name and reason are', () => {
    const requester = { ...ANA, name: 'n'.repeat(500) };
    const comment = commentFor(
      aRun(),
      aRequest({ requester, reason: 'r'.repeat(5_000) }),
      Array(20).fill(LEA),
      'approved',
    );
    assert.ok(comment.length <= 1_000);
    assert.ok(comment.startsWith('[LR-8K3F2Q.1] asked by n'));
  });
});
