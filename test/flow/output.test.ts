import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cleanOutput } from '../../src/flow/output.ts';

const HARMFUL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/;

describe('output of a machine', () => {
  it('keeps lines, tabs and letters of every script', () => {
    assert.equal(cleanOutput('a\tb\r\nc\rd\n\nПривет 日本 é\u{1f600}'), 'a\tb\nc\nd\n\nПривет 日本 é\u{1f600}');
  });

  it('loses terminal codes whole: colours, cursor moves, titles, links', () => {
    assert.equal(cleanOutput('\u001b[1;31mred\u001b[0m \u001b[2J\u001b[?25lx\u009b31my'), 'red xy');
    assert.equal(cleanOutput('\u001b]0;title\u0007a \u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\'), 'a link');
    assert.equal(cleanOutput('\u001b]0;never ended\nnext'), '\nnext');
  });

  it('loses NULs, bells and what turns the direction of text', () => {
    assert.equal(cleanOutput('a\u0000b\u0007c\ufeff'), 'abc');
    assert.equal(cleanOutput('safe\u202eexe.txt\u2066\u061c\u200f'), 'safeexe.txt');
  });

  it('is harmless whatever came in, and cleaning it twice changes nothing', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u001b[', '\u001b]', '\u202e', '\r', '\u0000', 'm'),
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((parts) => parts.join('')),
        (text) => {
          const once = cleanOutput(text);
          assert.doesNotMatch(once, HARMFUL);
          assert.equal(cleanOutput(once), once);
        },
      ),
    );
  });
});
