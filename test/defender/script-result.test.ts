import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { readScriptResult } from '../../src/defender/script-result.ts';

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

  it('is read as UTF-16 where it says so', () => {
    const text = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('grüße', 'utf16le')]);
    assert.equal(readScriptResult(text).output, 'grüße');
  });
});
