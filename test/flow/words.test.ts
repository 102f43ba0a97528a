import assert from 'node:assert/strict';
import { UsageError } from '../../src/errors.ts';
import { splitWords, undisfigure } from '../../src/flow/words.ts';

const texts = (line: string) => splitWords(line).map((word) => word.text);
const clean = (raw: string) => undisfigure(raw).text;

function refusedAt(line: string): number {
  try {
    splitWords(line);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.position;
  }
  return assert.fail(`“${line}” was not refused`);
}

describe('Text from a chat platform', () => {
  it('loses the entities and links that Slack made of it', () => {
    assert.equal(clean('a &amp; b &lt;c&gt; &quot;'), 'a & b <c> &quot;');
    assert.equal(clean('&amp;lt;'), '&lt;');
    assert.equal(clean('<http://ws.contoso.com|ws.contoso.com>'), 'ws.contoso.com');
    assert.equal(clean('<https://WS.contoso.com/|ws.contoso.com>'), 'ws.contoso.com');
    assert.equal(clean('<https://a.b/c?d|a.b/c?d>'), 'a.b/c?d');
    assert.equal(clean('<https://a.b/c?d&amp;e>'), 'https://a.b/c?d&e');
    assert.equal(clean('<https://a.b|https://a.b>'), 'https://a.b');
    assert.equal(clean('<mailto:a@b.c|a@b.c>'), 'a@b.c');
  });

  it('keeps what only looks like a link', () => {
    for (const text of ['<ws-042>', '<@U1>', '<#C1|soc>', 'a<b', '<http://a b>']) assert.equal(clean(text), text);
  });

  it('is refused where a link says one thing and leads to another', () => {
    assert.equal(refusedAt('run <http://evil.com|ws-042> x'), 4);
    assert.equal(refusedAt('<http://ws-042@evil.com|ws-042>'), 0);
  });

  it('loses invisible characters, and blanks that may not break become plain ones', () => {
    assert.equal(clean('w\u200bs\u00ad-\ufeff0\u200e42\ufe0f'), 'ws-042');
    assert.equal(clean('a\u00a0b\u202fc\td\r\ne'), 'a b c d  e');
  });

  it('is refused with the place of a control character or half a character', () => {
    for (const char of ['\u0000', '\u0007', '\u001b', '\u0085', '\u202e', '\u2066', '\u2028', '\ud800']) {
      assert.equal(refusedAt(`ab${char}c`), 2, JSON.stringify(char));
    }
  });

  it('is composed, and still knows where each character stood', () => {
    const { text, at } = undisfigure('\u200bu\u0308x&amp;y');
    assert.equal(text, 'üx&y');
    assert.deepEqual(at, [1, 3, 4, 9, 10]);
    assert.equal(splitWords('a\u0308 \u{1f600} b')[2]?.position, 6);
  });
});

describe('The words of a line', () => {
  it('are parted by blanks, with their places', () => {
    assert.deepEqual(
      splitWords('  run  ws-042').map(({ text, position }) => [text, position]),
      [
        ['run', 2],
        ['ws-042', 7],
      ],
    );
    assert.deepEqual(texts(' '), []);
  });

  it('are grouped by quotes of every form, backslashes being literal', () => {
    for (const line of [
      '"a b\\"',
      "'a b\\'",
      '“a b\\”',
      '„a b\\“',
      '„a b\\”',
      '”a b\\”',
      '‘a b\\’',
      '‚a b\\‘',
      '’a b\\’',
    ]) {
      assert.deepEqual(texts(`x ${line} y`), ['x', 'a b\\', 'y'], line);
    }
    assert.deepEqual(texts('""'), ['']);
  });

  it('keep other quotes inside quotes, doubled ones of the same form, and apostrophes', () => {
    assert.deepEqual(texts('"a “b” \'c\'"'), ["a “b” 'c'"]);
    assert.deepEqual(texts('"a ""b""" \'c\'\'d\''), ['a "b"', "c'd"]);
    assert.deepEqual(texts("it's ‘it’s ok’ 'it's ok'"), ["it's", 'it’s ok', "it's ok"]);
  });

  it('are refused where a quote stays open or closes inside a word', () => {
    assert.equal(refusedAt('a "b c'), 2);
    assert.equal(refusedAt('a “b c"'), 2);
    assert.equal(refusedAt('a "b"c'), 4);
  });

  it('begin with two hyphens where a phone made one dash of them, and keep dashes elsewhere', () => {
    assert.deepEqual(texts('—reason –x a—b "—c"'), ['--reason', '--x', 'a—b', '—c']);
  });

  it('carry the value of an option written with =, quoted or not', () => {
    const [bare, quoted, after] = splitWords('--reason=x —reason="a b" -- --reason=y');
    assert.equal(bare?.value?.text, 'x');
    assert.deepEqual([quoted?.text, quoted?.value?.text, quoted?.value?.position], ['--reason=a b', 'a b', 19]);
    assert.equal(after?.value, null);
    assert.equal(splitWords('-- --x=y')[1]?.value, null);
  });
});
