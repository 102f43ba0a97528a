import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readMarkdown } from '../../../../src/playground/page/teams/markdown.ts';
import { type Piece, safeAddress, toHtml, toWords } from '../../../../src/playground/page/teams/markup.ts';
import { readXml } from '../../../../src/playground/page/teams/xml.ts';

const markdown = (text: string): string => toHtml(readMarkdown(text));
const xml = (text: string): string => toHtml(readXml(text));

/** Everything that may stand in HTML of ours; what is left over when it is taken away must hold no markup. */
const OURS =
  /<\/?(?:strong|em|code|pre|p|ul|ol|li|a|span)>|<br>|<span class="mention">|<a href="(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/"])[^"<>]*" target="_blank" rel="noopener noreferrer">/g;
const isHarmless = (html: string): boolean => !/[<>"]/.test(html.replaceAll(OURS, ''));

/** Text that could be mistaken for markup. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '</',
        '/>',
        '&',
        '&lt;',
        '&#60;',
        '&#x3c;',
        '"',
        "'",
        '**',
        '_',
        '[',
        '](',
        ')',
        '\\',
        '\n',
      ),
      fc.constantFrom(
        '<b>',
        '</b>',
        '<a href="',
        '<a href=',
        'javascript:',
        'https://x.y/',
        '<img src=x onerror=',
        '<at>',
      ),
      fc.constantFrom(
        '<script>',
        '<svg/onload=',
        ' onclick=',
        '- ',
        '1. ',
        '</at>',
        '<pre>',
        '<br/>',
        'data:text/html,',
      ),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

describe('Markdown of cards', () => {
  it('knows bold, italic and links', () => {
    assert.equal(
      markdown('**bold *both* bold** and _it_, [a **b**](https://x.y/?a=1&b=2)'),
      '<p><strong>bold <em>both</em> bold</strong> and <em>it</em>, <a href="https://x.y/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">a <strong>b</strong></a></p>',
    );
  });

  it('begins a paragraph at an empty line only; a line break alone is a space', () => {
    assert.equal(markdown('one\ntwo\n\nthree'), '<p>one two</p><p>three</p>');
  });

  it('makes lists, one item a line', () => {
    assert.equal(markdown('- a\r- b\r1. x\n2. y'), '<ul><li>a</li><li>b</li></ul><ol><li>x</li><li>y</li></ol>');
  });

  it('leaves alone what is neither: names with underscores, sums, and what Teams has no Markdown for', () => {
    for (const words of ['snake_case_name', '2 * 3 * 4', '# no heading', '`no code`', '**open', 'C:\\Temp\\x']) {
      assert.equal(markdown(words), `<p>${words}</p>`);
    }
  });

  it('takes an escaped letter for the letter', () => {
    assert.equal(markdown('\\*not bold\\* &lt;b&gt; &amp;amp;'), '<p>*not bold* &lt;b&gt; &amp;amp;</p>');
  });

  it('shows mentions', () => {
    assert.equal(markdown('<at>Lea &amp; Lead</at>!'), '<p><span class="mention">Lea &amp; Lead</span>!</p>');
  });

  it('makes no link of an address that leads anywhere else', () => {
    assert.equal(markdown('[x](javascript:alert)'), '<p>[x](javascript:alert)</p>');
  });

  it('never lets words become markup, whatever they are', () => {
    fc.assert(fc.property(hostile, (text) => isHarmless(markdown(text))));
  });
});

describe('XML of messages', () => {
  it('draws what is allowed, nested as written', () => {
    assert.equal(
      xml('<at>Ana</at> <b>ws <i>1</i></b><br/>a<br>b <a href="https://x.y/?a=1&amp;b=2">l</a>'),
      '<span class="mention">Ana</span> <strong>ws <em>1</em></strong><br>a<br>b <a href="https://x.y/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">l</a>',
    );
  });

  it('keeps preformatted text letter by letter', () => {
    assert.equal(toWords(readXml('<pre>1 &lt; 2\n  3<br/>4</pre>')), '1 < 2\n  3\n4');
  });

  it('shows a tag that is not allowed as it was written, and drops every attribute but a safe address', () => {
    assert.equal(xml('<script>x</script>'), '&lt;script&gt;x&lt;/script&gt;');
    assert.equal(xml('<b onclick="x">y</b>'), '<strong>y</strong>');
    assert.equal(xml('<a href="javascript:alert(1)">y</a>'), 'y');
  });

  it('ends with the text what was left open, and takes no end without a beginning', () => {
    assert.equal(xml('</i><b>x'), '<strong>x</strong>');
    assert.equal(xml('<b><i>x</b>y'), '<strong><em>x</em></strong>y');
  });

  it('never lets words become markup, whatever they are', () => {
    fc.assert(fc.property(hostile, (text) => isHarmless(xml(text))));
  });
});

describe('An address on the page', () => {
  it('is https, or this machine', () => {
    for (const good of ['https://x.y/', 'http://127.0.0.1:3000/results/a', 'http://localhost/', 'http://[::1]:1/']) {
      assert.equal(safeAddress(good), good);
    }
    for (const bad of [
      'http://x.y/',
      'javascript:alert(1)',
      'data:text/html,x',
      '//x.y',
      'x',
      'http://127.0.0.1.x.y/',
    ]) {
      assert.equal(safeAddress(bad), null, bad);
    }
  });

  it('is checked once more where HTML is written', () => {
    const piece: Piece = { tag: 'a', href: 'javascript:alert(1)', children: ['x'] };
    assert.equal(toHtml([piece]), 'x');
  });
});
