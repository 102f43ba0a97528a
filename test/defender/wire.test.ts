import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { literal } from '../../src/defender/pages.ts';
import { retryAfter, troubleOf } from '../../src/defender/trouble.ts';
import { machineActionShape, parseTime } from '../../src/defender/wire.ts';

const incoming = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: Buffer.from(body),
});

describe('the wire of Defender', () => {
  it('writes times with up to seven digits, and sometimes without a zone', () => {
    const whole = Date.UTC(2021, 1, 4, 15, 36, 52);
    assert.equal(parseTime('2021-02-04T15:36:52.7788848Z'), whole + 778);
    assert.equal(parseTime('2021-02-04T15:36:52.7Z'), whole + 700);
    assert.equal(parseTime('2021-02-04T15:36:52Z'), whole);
    assert.equal(parseTime('2021-02-04T15:36:52'), whole);
    assert.equal(parseTime('2021-02-04T16:36:52.5+01:00'), whole + 500);
    assert.equal(parseTime('yesterday'), null);
    assert.equal(parseTime('2021-13-44T15:36:52Z'), null);
  });

  it('may write an index as a string, and a command’s errors as objects', () => {
    const commands = [
      {
        index: '1',
        commandStatus: 'Failed',
        errors: ['a', { code: 7, message: 'no such file' }, { code: 8 }, 9, null],
      },
    ];
    const [command] = machineActionShape.parse({ id: 'a', status: 'Failed', machineId: 'm', commands }).commands;
    assert.equal(command?.index, 1);
    assert.deepEqual(command?.errors, ['a', 'no such file', '{"code":8}', '9', 'null']);
  });

  it('says errors in several shapes', () => {
    const service = troubleOf(incoming(400, '{"error":{"code":"X","message":"a\\n b","target":"t"}}'));
    assert.deepEqual(service, { status: 400, code: 'X', message: 'a b', target: 't', shape: 'service' });
    assert.equal(troubleOf(incoming(500, '{"error":{"code":"InternalServerError"}}')).code, 'InternalServerError');
    assert.equal(troubleOf(incoming(429, '{"error":{"code":429}}')).code, '429');
    assert.equal(troubleOf(incoming(404, '{"statusCode":404,"message":"Resource not found"}')).shape, 'gateway');
    assert.equal(troubleOf(incoming(500, ' ')).shape, 'empty');
    for (const odd of ['<html>', '{"error":"text"}', '[]', 'null', '{']) {
      assert.equal(troubleOf(incoming(500, odd)).shape, 'unknown', odd);
    }
    assert.ok(troubleOf(incoming(400, `{"error":{"message":"${'x'.repeat(9000)}"}}`)).message.length < 500);
  });

  it('says a wait in three ways, or not at all', () => {
    const now = Date.UTC(2026, 10, 24, 12);
    const waitOf = (header: string | null, message: string) => {
      const answer = incoming(
        429,
        JSON.stringify({ error: { message } }),
        header === null ? {} : { 'retry-after': header },
      );
      return retryAfter(answer, troubleOf(answer), now);
    };
    assert.equal(waitOf('35', 'Try again in 99 seconds.'), 35_000);
    assert.equal(waitOf('Tue, 24 Nov 2026 12:01:00 GMT', ''), 60_000);
    assert.equal(waitOf('Tue, 24 Nov 2026 11:00:00 GMT', ''), 0);
    assert.equal(waitOf(null, 'Quota exceeded … try again in 35 seconds.'), 35_000);
    assert.equal(waitOf(null, 'You can send requests again in 2 minutes.'), 120_000);
    assert.equal(waitOf('soon', 'Slow down, 35 of you.'), null);
  });

  it('keeps any text inside its quotes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = literal(text);
        assert.ok(quoted.startsWith("'") && quoted.endsWith("'"));
        const inside = quoted.slice(1, -1);
        assert.equal(inside.replaceAll("''", '').includes("'"), false);
        assert.equal(inside.replaceAll("''", "'"), text);
      }),
    );
  });
});
