import assert from 'node:assert/strict';
import fc from 'fast-check';
import { durationWords, parseDuration } from '../../src/policy/duration.ts';

describe('Durations of a policy', () => {
  it('are a whole number and s, m, h or d', () => {
    assert.equal(parseDuration('5s'), 5_000);
    assert.equal(parseDuration('15m'), 900_000);
    assert.equal(parseDuration('8h'), 28_800_000);
    assert.equal(parseDuration('2555d'), 220_752_000_000);
  });

  it('are refused from nothing, in fractions, without a unit or with another one', () => {
    for (const text of ['0s', '-1s', '1.5h', '15', 'm', '', '5ms', '3w', '1h30m', '9999999s', '5M']) {
      assert.equal(parseDuration(text), null, text);
    }
  });

  it('are told in the largest unit that divides them', () => {
    assert.equal(durationWords(90_000), '90 s');
    assert.equal(durationWords(900_000), '15 min');
    assert.equal(durationWords(7_200_000), '2 h');
    assert.equal(durationWords(86_400_000), '1 day');
    assert.equal(durationWords(172_800_000), '2 days');
    assert.equal(durationWords(1_500), '1.5 s');
  });

  it('never throw, and grow with their number', () => {
    fc.assert(fc.property(fc.string(), (text) => parseDuration(text) !== 0));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), fc.constantFrom('s', 'm', 'h', 'd'), (count, unit) => {
        return Number(parseDuration(`${count}${unit}`)) < Number(parseDuration(`${count + 1}${unit}`));
      }),
    );
  });
});
