import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ReplyTo, readMessage, readReplyTo, writeMessage, writeReplyTo } from '../../../src/chat/slack/thread.ts';

const id = (first: string) => fc.stringMatching(new RegExp(`^[${first}][A-Z0-9]{1,12}$`));
const ts = fc.stringMatching(/^\d{10}\.\d{6}$/);

describe('the opaque strings of Slack', () => {
  it('read back as what was written', () => {
    fc.assert(
      fc.property(id('CDG'), ts, (channel, at) => {
        assert.deepEqual(readMessage(writeMessage({ channel, ts: at })), { channel, ts: at });
      }),
    );
    const handles: fc.Arbitrary<ReplyTo> = fc.record(
      {
        url: fc.option(fc.webUrl()),
        channel: fc.option(id('CDG')),
        person: id('UW'),
        thread: fc.option(ts),
        at: fc.nat(),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(handles, (handle) => {
        assert.deepEqual(readReplyTo(writeReplyTo(handle)), handle);
      }),
    );
  });

  it('refuse whatever else', () => {
    for (const bad of ['', 'C0SOC', 'C0SOC:1', 'C0SOC:1.2:3', 'X0:1.2', 'C0SOC:1.2\n', '19:abc@thread.tacv2']) {
      assert.throws(() => readMessage(bad), TypeError, bad);
    }
    for (const bad of ['', '{}', '[]', '{"u":null,"c":null,"p":"x","t":null,"at":1}']) {
      assert.throws(() => readReplyTo(bad), TypeError, bad);
    }
  });

  it('never crash on garbage in another way', () => {
    fc.assert(
      fc.property(fc.string(), (garbage) => {
        assert.throws(() => readReplyTo(garbage), TypeError);
        assert.throws(() => readMessage(`${garbage}!`), TypeError);
      }),
    );
  });
});
