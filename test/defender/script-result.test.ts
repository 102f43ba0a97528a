import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { exitCodeAtEnd, isEnvelope, readScriptResult } from '../../src/defender/script-result.ts';

const withoutNul = (text: string) => text.replaceAll('\0', '');
const isBanner = (text: string) => /^\s*Transcript started/.test(text);

describe('the file of what a script wrote', () => {
  it('gives back whatever a script wrote', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\r', '\0', '\u001b', '\u2028', 'é', '🦊', ' ') }),
        fc.string(),
        fc.integer(),
        (output, errors, code) => {
          fc.pre(!isBanner(output));
          const file = JSON.stringify({
            script_name: 'a',
            exit_code: code,
            script_output: output,
            script_errors: errors,
          });
          const read = readScriptResult(Buffer.from(file));
          assert.deepEqual(read, { exitCode: code, output: withoutNul(output), errors: withoutNul(errors) });
        },
      ),
    );
  });

  it('gives the beginning of the output where the file is cut, wherever that is', () => {
    const output = 'C:\\temp\\"x"\r\n\tuni \u2028 \u00e9\\\\';
    const file = JSON.stringify({ script_name: 'a', exit_code: -5, script_output: output, script_errors: 'none' });
    const from = file.indexOf('script_output') + 'script_output": "'.length;
    for (let end = from; end < file.length; end++) {
      const read = readScriptResult(Buffer.from(file).subarray(0, end));
      assert.equal(read.exitCode, -5);
      const beginning = read.output.replace(/\uFFFD+$/, '');
      assert.ok(output.startsWith(beginning), `${end}: ${JSON.stringify(read.output)}`);
    }
  });

  it('is read whatever bytes it has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, cutJson) => {
        const start = cutJson ? Buffer.from('{"exit_code":1,"script_output":"') : Buffer.alloc(0);
        assert.equal(typeof readScriptResult(Buffer.concat([start, bytes])).output, 'string');
      }),
    );
  });

  it('has an exit code only where that is a number or digits', () => {
    const codes: [unknown, number | null][] = [
      [7, 7],
      ['7', 7],
      ['-1', -1],
      [3221225477, 3221225477],
      ...['', ' ', false, true, null, [], {}, 1.5, '0x1', 'none'].map((code): [unknown, null] => [code, null]),
    ];
    for (const [code, read] of codes) {
      const file = JSON.stringify({ exit_code: code, script_output: 'fine' });
      assert.deepEqual(
        readScriptResult(Buffer.from(file)),
        { exitCode: read, output: 'fine', errors: '' },
        JSON.stringify(code),
      );
    }
  });

  it('has no exit code out of its output, nor half of one', () => {
    const output = '"exit_code": 0, done';
    const whole = JSON.stringify({ script_output: output, exit_code: 127 });
    for (let end = '{"script_output":"'.length; end < whole.length - 1; end++) {
      assert.equal(readScriptResult(Buffer.from(whole.slice(0, end))).exitCode, null, whole.slice(0, end));
    }
    assert.equal(exitCodeAtEnd(Buffer.from(whole.slice(5))), 127);
    assert.equal(exitCodeAtEnd(Buffer.from('","exit_code":"3","script_errors":"x"}')), 3);
    assert.equal(exitCodeAtEnd(Buffer.from('and so on"}')), null);
  });

  it('has no exit code where several stand that differ: one of them is the script’s own', () => {
    const broken = (codes: string) => `{"script_output":"he said "exit_code": 0, done",${codes}}`;
    assert.equal(readScriptResult(Buffer.from(broken('"exit_code":127'))).exitCode, null);
    assert.equal(readScriptResult(Buffer.from(broken('"exit_code":0'))).exitCode, 0);
    assert.equal(exitCodeAtEnd(Buffer.from('"exit_code":0,"exit_code":1}')), null);
  });

  it('begins as Defender’s own JSON or doesn’t', () => {
    const envelopes = [
      '{"script_output":"',
      '\uFEFF { "script_name" : "a \\" b.ps1", "exit_code": -3 ,\r\n "script_output" : "out',
      '{"script_errors":"x","exit_code":null,"script_output":null',
    ];
    for (const start of envelopes) assert.ok(isEnvelope(Buffer.from(start)), start);
    for (const start of [
      '',
      'text "script_output":"',
      '{"a":{"script_output":"',
      '{"x":"script_output":"',
      '["script_output":"',
    ])
      assert.ok(!isEnvelope(Buffer.from(start)), start);
    for (const long of ['"a":1,', ' ', '"a":', '\\"', '"a": ']) {
      const before = performance.now();
      assert.ok(!isEnvelope(Buffer.from(`{"a":${long.repeat(50_000)}`)), long);
      assert.equal(readScriptResult(Buffer.from(`{"a":${long.repeat(50_000)}`)).exitCode, null, long);
      assert.ok(performance.now() - before < 1_000, `${long} takes long`);
    }
  });

  it('is read as UTF-16 of either order where it says so', () => {
    const words = Buffer.from('grüße', 'utf16le');
    const [little, big] = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
    assert.equal(readScriptResult(Buffer.concat([little, words])).output, 'grüße');
    const swapped = Buffer.concat([big, Buffer.from(words).swap16()]);
    assert.equal(readScriptResult(swapped).output, 'grüße');
    assert.equal(readScriptResult(swapped.subarray(0, -1)).output, 'grüß', 'cut in the middle of a character');
  });
});
