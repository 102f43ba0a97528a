import assert from 'node:assert/strict';
import { checkOutgoing } from '../../../src/chat/teams/check.ts';
import { renderAnswer, renderReply, spokenAnswer } from '../../../src/chat/teams/render.ts';
import { answer, code, link, type Reply, strong, text, time } from '../../../src/model/notice.ts';
import { blocks, contentOf, monospaced, ofType, rendererProblems } from './reading.ts';
import { ANA, NINE, RESULTS, who } from './samples.ts';

const reply: Reply = {
  text: [
    who(ANA, 'Ana Analyst', true),
    text(' '),
    strong('ws-042'),
    text(': ✔ '),
    code('a.ps1'),
    text(' at '),
    time(NINE),
  ],
  output: ['one', ' <two> & three'],
  moreLines: 142,
  buttons: [],
};

describe('a reply in Teams', () => {
  it('is a message with its output in a box and how much more there is', () => {
    assert.deepEqual(renderReply(reply), {
      summary: 'Ana Analyst ws-042: ✔ a.ps1 at 09:42 UTC\none\n <two> & three\n142 more lines in the results',
      text:
        '<at>Ana Analyst</at> <b>ws-042</b>: ✔ <code>a.ps1</code> at 09:42 UTC' +
        '<pre>one<br/> &lt;two&gt; &amp; three</pre><i>142 more lines in the results</i>',
      textFormat: 'xml',
      entities: [{ type: 'mention', text: '<at>Ana Analyst</at>', mentioned: { id: ANA, name: 'Ana Analyst' } }],
    });
    assert.deepEqual(checkOutgoing(renderReply(reply)), []);
  });

  it('is a small card where it has buttons, and calls people there', () => {
    const outgoing = renderReply({ ...reply, buttons: [RESULTS] });
    const content = contentOf(outgoing);
    assert.equal(outgoing.text, undefined);
    assert.deepEqual(
      content.actions?.map(({ title }) => title),
      ['Open results'],
    );
    assert.equal(blocks(content)[0], '<at>Ana Analyst</at> ws-042: ✔ a.ps1 at {{TIME(2026-11-24T09:42:00Z)}}');
    assert.deepEqual(monospaced(content), ['one\n <two> & three']);
    assert.deepEqual(content.msteams.entities?.length, 1);
    assert.deepEqual(checkOutgoing(outgoing), []);
    assert.deepEqual(rendererProblems(content), []);
  });

  it('calls somebody on a line apart where the words could be misread', () => {
    const words = [who(ANA, 'Ana Analyst', true), text(' C:\\Temp\\*.zip failed.')];
    const content = contentOf(renderReply({ ...reply, text: words, output: [], moreLines: 0, buttons: [RESULTS] }));
    assert.deepEqual(blocks(content), ['Ana Analyst C:\\Temp\\*.zip failed.', '<at>Ana Analyst</at>']);
  });

  it('stays within what Teams takes', () => {
    const output = Array.from({ length: 200 }, (_, i) => `${i} ${'<&>'.repeat(150)}`);
    const outgoing = renderReply({ ...reply, output });
    assert.deepEqual(checkOutgoing(outgoing), []);
    assert.match(outgoing.text ?? '', /<i>3\d\d more lines in the results<\/i>$/);
  });
});

describe('an answer in Teams', () => {
  it('is a message of lines, linking only where a link may lead', () => {
    const lines = answer(
      'I can’t isolate machines.',
      [text('In the Defender portal: '), link('https://a.example/?a=1&b="', 'ws-042 ↗')],
      [link('javascript:alert(1)', 'click')],
    );
    const outgoing = renderAnswer(lines);
    assert.equal(
      outgoing.text,
      'I can’t isolate machines.<br/>In the Defender portal: <a href="https://a.example/?a=1&amp;b=%22">ws-042 ↗</a><br/>click',
    );
    assert.deepEqual(checkOutgoing(outgoing), []);
  });

  it('shows a listing in a box, cut where it is too long, and what is missing', () => {
    const long = {
      ...answer(...Array.from({ length: 70 }, (_, i) => `line ${i}`)),
      output: Array(500).fill('x'.repeat(90)),
    };
    const outgoing = renderAnswer(long);
    assert.deepEqual(checkOutgoing(outgoing), []);
    assert.match(outgoing.text ?? '', /line 59<br\/>10 more lines<pre>x+<br\/>/);
    assert.match(outgoing.text ?? '', /<i>4\d\d more lines<\/i>$/);
  });

  it('is a small card where there is something to decide', () => {
    const asks = { ...answer('You asked the same thing 20 s ago.', 'Ask again?') };
    const outgoing = renderAnswer({
      ...asks,
      buttons: [{ action: 'ask_again', id: 'q-1', label: 'Yes, once more', tone: 'primary' }],
    });
    const content = contentOf(outgoing);
    assert.deepEqual(blocks(content), ['You asked the same thing 20 s ago.', 'Ask again?']);
    assert.deepEqual(
      content.actions?.map(({ type }) => type),
      ['Action.Execute'],
    );
    assert.deepEqual(rendererProblems(content), []);
    assert.deepEqual(checkOutgoing(outgoing), []);
  });

  it('has a field for the reason that its button takes along, and takes none along for any other', () => {
    const button = { action: 'add_reason', id: 'LR-8K3F2Q', label: 'Add reason', tone: 'primary' } as const;
    const asks = { ...answer('This rule wants a reason.'), buttons: [button] };
    const content = contentOf(renderAnswer(asks));
    const [field] = ofType(content, 'Input.Text');
    assert.deepEqual([field?.id, field?.label], ['why', 'Reason']);
    const [execute] = content.actions ?? [];
    assert.deepEqual(
      [execute?.type, execute && 'associatedInputs' in execute, execute && 'data' in execute && execute.data],
      ['Action.Execute', false, { id: 'LR-8K3F2Q' }],
    );
    assert.deepEqual(rendererProblems(content), []);
    assert.deepEqual(checkOutgoing(renderAnswer(asks)), []);
  });

  it('has words even when there is nothing to say', () => {
    const outgoing = renderAnswer(answer());
    assert.deepEqual([outgoing.text, outgoing.summary], ['Live response', 'Live response']);
  });
});

describe('an answer to a click in Teams', () => {
  it('is said in plain words, with the addresses of its links', () => {
    const said = spokenAnswer(
      answer([text('<b>See</b> '), link('https://a.example/x', 'the portal')], [text('since '), time(NINE)]),
    );
    assert.equal(said, '<b>See</b> the portal (https://a.example/x)\nsince 09:42 UTC');
  });

  it('has at most 1,000 characters and says that there would be more', () => {
    const many = spokenAnswer({ ...answer('First.'), output: Array(100).fill('x'.repeat(90)) });
    assert.ok(many.length <= 1000 && many.startsWith('First.\nxxx') && many.endsWith('\n…'));
    const one = spokenAnswer(answer('y'.repeat(5000)));
    assert.ok(one.length <= 1000 && /^y+…\n…$/.test(one));
  });
});
