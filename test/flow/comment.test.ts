import assert from 'node:assert/strict';
import { commentFor } from '../../src/flow/comment.ts';
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
