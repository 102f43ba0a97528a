import assert from 'node:assert/strict';
import fc from 'fast-check';
import { html, shown } from '../../src/http/html.ts';
import { durationWords, renderMessage, renderResults } from '../../src/http/results-page.ts';
import { sizeWords } from '../../src/model/size.ts';
import { aCommand, aView } from './view.ts';

const TOKEN = 'tokenTokenTokenTokenToken';

/** Any code points at all; fast-check's own `binary` unit takes seconds to set up. */
const anyText = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points));

/** What a reader sees: tags gone, entities undone. */
function textOf(page: string): string {
  return page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

describe('The results page', () => {
  it('of several machines tells how each stands, and leads to the page of each, which has its files', () => {
    const state = { tone: 'bad' as const, words: 'Failed: <b>' };
    const machines = [
      { number: 1, name: 'ws-1' },
      { number: 12, name: '<i>ws-2' },
    ].map((one) => ({ ...one, state }));
    const all = renderResults(aView({ machine: '2 machines', machines, commands: [] }), TOKEN);
    assert.ok(all.includes(`<a href="/results/${TOKEN}?machine=12">&lt;i&gt;ws-2</a>`), all);
    assert.match(textOf(all), /ws-1 ✘ Failed: <b>/);
    const one = renderResults(aView({ oneOfMany: true, commands: [aCommand({ index: 0, fileIndex: 22 })] }), TOKEN);
    assert.ok(one.includes(`action="/results/${TOKEN}/files/22"`));
    assert.ok(one.includes(`<a href="/results/${TOKEN}">All machines of this request</a>`));
  });

  it('says what ran, who asked, who approved, when, and all that was written', () => {
    const page = textOf(renderResults(aView(), TOKEN));
    for (const words of [
      'LR-8K3F2Q',
      'ws-042.contoso.com',
      '✔ Finished in 3 min 12 s',
      'run ws-042 minidump.ps1 OfficeClickToRun then get C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip',
      'INC-1234 memory of a suspicious process',
      'Ana Analyst',
      'Lea Lead',
      '24 Nov 2026, 09:42:05 UTC',
      '24 Nov 2026, 09:45:17 UTC',
      'Run script minidump.ps1 OfficeClickToRun',
      'Completed · exit 0 · 48 s',
      'Dumping OfficeClickToRun (4312)\n51 MB written',
      'Completed · 1 min 11 s',
      'Download the file · 51 MB',
      'This link was made for Ana Analyst alone and works until 24 Nov 2026, 10:15:00 UTC.',
    ]) {
      assert.ok(page.includes(words), `lacks “${words}”`);
    }
  });

  it('has a download button for each command that has a file, and no link to anywhere', () => {
    const page = renderResults(aView({ commands: [aCommand({ file: null }), aCommand({ index: 7 })] }), TOKEN);
    const actions = [...page.matchAll(/action="([^"]*)"/g)].map((match) => match[1]);
    assert.deepEqual(actions, [`/results/${TOKEN}/files/7`]);
    assert.ok(!/<script|<img|<link|href=|src=|https?:/.test(page));
  });

  it('tells errors, cuts and silence apart', () => {
    const errors = textOf(
      renderResults(aView({ commands: [aCommand({ errors: 'Access denied', truncated: true })] }), TOKEN),
    );
    assert.match(errors, /Errors\s+Access denied/);
    assert.match(errors, /Only the beginning is shown here/);
    const silent = textOf(renderResults(aView({ commands: [aCommand({ output: '' })] }), TOKEN));
    assert.match(silent, /It wrote nothing/);
    assert.ok(!textOf(renderResults(aView(), TOKEN)).includes('It wrote nothing'));
  });

  it('leaves out what there is not, and names nobody for an approval that nobody gave', () => {
    const page = textOf(
      renderResults(aView({ reason: null, approvers: [], startedAt: null, endedAt: null, viewer: null }), TOKEN),
    );
    assert.ok(!/Why|Started|Ended/.test(page));
    assert.match(page, /Approved bynobody/);
    assert.match(page, /for the people of its thread/);
  });

  it('never lets a string of a machine or a person become markup', () => {
    const nasty = fc.oneof(
      anyText,
      fc.constantFrom('<script>x</script>', '"><img src=x>', "' onload='x", '</pre></style>', '&lt;b&gt;', '<!--'),
    );
    const tags = (page: string): string[] =>
      [...page.matchAll(/<[^>]*>?/g)].map((match) => match[0].split(/[\s>]/)[0] ?? '');
    const expected = tags(
      renderResults(aView({ commands: [aCommand({ output: 'x', errors: 'x', code: 'x' })] }), TOKEN),
    );
    fc.assert(
      fc.property(nasty, (text) => {
        // A letter before and after: something is there to show, and marks don't stand alone.
        const words = `a${text}b`;
        const command = aCommand({
          label: words,
          code: words,
          output: words,
          errors: words,
          state: { tone: 'bad', words },
        });
        const page = renderResults(
          aView({
            machine: words,
            line: words,
            reason: words,
            requester: words,
            approvers: [words],
            viewer: words,
            state: { tone: 'bad', words },
            commands: [command],
          }),
          TOKEN,
        ).replace(/<span class="mark" title="U\+[0-9A-F]+">[^<]+<\/span>/g, '');
        const without = (list: string[]): string[] =>
          list.filter((tag) => !/wrap|<p|<input|<label|<\/p|<\/label/.test(tag));
        assert.deepEqual(without(tags(page)), without(expected));
      }),
    );
  });

  it('is the same text as was written, apart from what cannot be seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const seen = text.replaceAll('\r\n', '\n');
        fc.pre(!/[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/u.test(seen));
        assert.equal(textOf(shown(text).text), seen);
      }),
    );
  });
});

describe('Text of a machine', () => {
  it('shows what would hide, reorder or overprint', () => {
    assert.equal(textOf(shown('a\u202egpj.exe').text), 'aU+202Egpj.exe');
    assert.equal(textOf(shown('\u001b[31mred\u0007').text), 'ESC[31mredBEL');
    assert.equal(textOf(shown('50 %\r100 %').text), '50 %CR100 %');
    assert.equal(textOf(shown('a\u200bb\ufeffc\u00add\u0085e\u2028f').text), 'aU+200BbU+FEFFcU+00ADdU+0085eU+2028f');
    assert.equal(textOf(shown('\u{e0041}').text), 'U+E0041');
    assert.equal(textOf(shown('half \ud800').text), 'half U+D800');
    assert.equal(textOf(shown('\u3164').text), 'U+3164');
  });

  it('keeps line ends and tabs', () => {
    assert.equal(shown('a\r\nb\tc\n').text, 'a\nb\tc\n');
  });

  it('keeps its first line when that is empty', () => {
    const page = renderResults(aView({ commands: [aCommand({ output: '\nsecond' })] }), TOKEN);
    assert.match(page, />\n\nsecond<\/pre>/);
  });
});

describe('A message page', () => {
  it('says one thing, escaped, with a way back only where there is one', () => {
    const page = renderMessage('Not ready yet', 'Wait for <it>.', '/results/x');
    assert.match(page, /Wait for &lt;it&gt;\./);
    assert.match(page, /href="\/results\/x"/);
    assert.ok(!renderMessage('Not ready yet', 'Wait.').includes('href'));
  });
});

describe('HTML from a template', () => {
  it('escapes strings, joins lists and leaves HTML as it is', () => {
    assert.equal(html`<i a="${'"'}">${['<', html`<b>${1}</b>`]}${null}</i>`.text, '<i a="&quot;">&lt;<b>1</b></i>');
  });
});

describe('Numbers for people', () => {
  it('have units', () => {
    assert.deepEqual([480, 48_000, 192_000, 180_000, 7_500_000, 3_600_000].map(durationWords), [
      '480 ms',
      '48 s',
      '3 min 12 s',
      '3 min',
      '2 h 5 min',
      '1 h',
    ]);
    assert.deepEqual([0, 1, 999, 1_000, 1_482, 9_960, 999_600, 51_204_117, 3_000_000_000].map(sizeWords), [
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1.0 kB',
      '1.5 kB',
      '10 kB',
      '1.0 MB',
      '51 MB',
      '3.0 GB',
    ]);
  });
});
