import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newRequestId, newToken, parseRequestId, runId } from '../../src/model/ids.ts';

describe('ids', () => {
  it('are LR- and six characters that survive being read aloud', () => {
    for (let i = 0; i < 200; i++) assert.match(newRequestId(), /^LR-[0-9A-HJKMNP-TV-Z]{6}$/);
    assert.ok(new Set(Array.from({ length: 200 }, newRequestId)).size > 190);
  });

  it('of runs count from the request', () => {
    assert.equal(runId('LR-8K3F2Q', 1), 'LR-8K3F2Q.1');
  });

  it('are read however they are typed', () => {
    for (const typed of ['LR-8K3F2Q', ' lr-8k3f2q ', '8K3F2Q', 'lr-8k3f2q.1', '8k3f2q.12'])
      assert.equal(parseRequestId(typed), 'LR-8K3F2Q', typed);
    assert.equal(parseRequestId('LR-OIL000'), 'LR-011000');
  });

  it('are nothing else', () => {
    for (const typed of ['', 'LR-', 'LR-8K3F2', 'LR-8K3F2QX', 'LR-8K3F2U', 'ws-042', 'LR-8K3F2Q.', 'LR 8K3F2Q'])
      assert.equal(parseRequestId(typed), null, typed);
  });

  it('come back from any spelling of their own', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.nat(99), (lower, bare, number) => {
        const id = newRequestId();
        const typed = `${bare ? id.slice(3) : id}${number === 0 ? '' : `.${number}`}`;
        assert.equal(parseRequestId(lower ? typed.toLowerCase() : typed), id);
      }),
    );
  });

  it('of links can be put into an address and are never the same', () => {
    const tokens = Array.from({ length: 50 }, newToken);
    for (const token of tokens) assert.match(token, /^[\w-]{43}$/);
    assert.equal(new Set(tokens).size, 50);
  });
});
