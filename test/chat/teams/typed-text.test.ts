import assert from 'node:assert/strict';
import fc from 'fast-check';
import { callsMe, typedText, type Worded } from '../../../src/chat/teams/typed-text.ts';

const CALL = '<at>Live Response</at>';
const BOT = { text: CALL, mentioned: { id: '28:bot', name: 'Live Response' }, me: true };
const LEA = { text: '<at>Lea Lead</at>', mentioned: { id: '29:lea', name: 'Lea Lead' }, me: false };

const typed = (text: string, more: Partial<Worded> = {}): string =>
  typedText({ text, textFormat: 'plain', mentions: [BOT], name: 'Live Response', ...more });

describe('what somebody typed in Teams', () => {
  const RUN = 'run ws-042 minidump.ps1';

  for (const [what, text, expected] of [
    ['after the call', `${CALL} ${RUN}`, RUN],
    ['without a blank after it', `${CALL}${RUN}`, RUN],
    ['before the call', `${RUN} ${CALL}`, RUN],
    ['between several calls', `${CALL} ${RUN} ${CALL}`, RUN],
    ['with blanks that don’t break', `${CALL}&nbsp;run\u00a0ws-042\u2009minidump.ps1\u3000`, RUN],
    ['with nothing between its letters', `${CALL} run ws\u200b-042 mini\ufeffdump.ps1`, RUN],
    ['on several lines', `${CALL}\r\nrun ws-042\nminidump.ps1\n`, RUN.replace(' minidump', ' minidump')],
    [
      'in HTML',
      `<div><div>${CALL}&nbsp;<b>run</b> ws-042 <code>minidump.ps1</code><br/></div></div>`,
      'run  ws-042  minidump.ps1',
    ],
    ['in bold as a whole', `${CALL} **${RUN}**`, RUN],
    ['as code as a whole', `${CALL} \`${RUN}\``, RUN],
    ['with a path', `${CALL} get ws-042 C:\\windows\\TEMP\\_x_\\*a*.zip`, 'get ws-042 C:\\windows\\TEMP\\_x_\\*a*.zip'],
    [
      'with entities, undone once',
      `${CALL} run a b.ps1 &quot;1 &lt; 2 &amp;&amp; 3&quot; &amp;lt; &#39;x&#x27;`,
      `run a b.ps1 "1 < 2 && 3" &lt; 'x'`,
    ],
    ['with what is no entity', `${CALL} run a b.ps1 &nope; &#0; 100%`, 'run a b.ps1 &nope; &#0; 100%'],
    [
      'with a machine that became a link',
      `${CALL} run [ws-042.contoso.com](http://ws-042.contoso.com/) x.ps1`,
      'run ws-042.contoso.com x.ps1',
    ],
    [
      'with a link that says something else',
      `${CALL} machines [here](https://evil.example.net)`,
      'machines [here](https://evil.example.net)',
    ],
    [
      'with angle brackets of its own',
      `${CALL} run a b.ps1 &lt;at&gt;x&lt;/at&gt; <none>`,
      'run a b.ps1 <at>x</at> <none>',
    ],
    ['not at all', `${CALL}`, ''],
  ] as const) {
    it(`is found ${what}`, () => assert.equal(typed(text), expected));
  }

  it('keeps other people as their names, and only the bot’s own call away', () => {
    assert.equal(
      typed(`${CALL} cancel LR-8K3F2Q <at>Lea Lead</at> says so`, { mentions: [BOT, LEA] }),
      'cancel LR-8K3F2Q Lea Lead says so',
    );
    assert.equal(typed(`<at>live response </at> help`, { mentions: [] }), 'help');
    assert.equal(typed('<p><at>Live&nbsp;Response</at>&nbsp;help</p>', { name: '' }), 'help');
    assert.equal(typed(`<at>The bot</at> explain <at>Somebody</at>`, { mentions: [] }), 'explain Somebody');
    assert.equal(typed(`<at>Somebody</at> help`, { mentions: [LEA] }), 'Somebody help');
  });

  it('has its marks undone where the message is Markdown, and only there', () => {
    const text = `${CALL} **run** ws-042 \`minidump.ps1\` *a*`;
    assert.equal(typed(text, { textFormat: 'markdown' }), 'run ws-042 minidump.ps1 a');
    assert.equal(typed(text), '**run** ws-042 `minidump.ps1` *a*');
  });

  it('is for the bot where it calls it', () => {
    const message = (text: string, mentions: Worded['mentions']) => ({
      text,
      textFormat: '',
      mentions,
      name: 'Live Response',
    });
    assert.equal(callsMe(message(`${CALL} help`, [BOT])), true);
    assert.equal(callsMe(message(`${CALL} help`, [])), true);
    assert.equal(callsMe(message('<at>Lea Lead</at> help', [LEA])), false);
    assert.equal(callsMe(message('Live Response help', [])), false);
    assert.equal(callsMe({ ...message('<at>Somebody</at> help', [LEA]), name: '' }), false);
  });

  it('comes back whole however Teams dresses it', () => {
    const escaped = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const word = fc.stringMatching(/^[\w.\\:/"'%$&<>;,{}()!?=+@#~^|-]{1,12}$/);
    const words = fc.array(word, { minLength: 1, maxLength: 6 }).map((each) => `run ${each.join(' ')}`);
    fc.assert(
      fc.property(words, fc.constantFrom('&nbsp;', ' ', '\u00a0', '\n'), fc.boolean(), (line, blank, html) => {
        const inside = html ? `<p>${CALL}${blank}${escaped(line)}</p>` : `${CALL}${blank}${escaped(line)}`;
        // A link that says what it links to is the one thing that isn't typed.
        fc.pre(!/\[[^\]]*\]\(/.test(line));
        assert.equal(typed(inside), line);
      }),
    );
  });
});
