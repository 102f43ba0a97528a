import { createGunzip, constants as zlib } from 'node:zlib';
import { z } from 'zod';
import { parseJson } from '../outbound/json.ts';

/** What a script wrote, out of the file that Defender keeps of it. */
export interface Written {
  exitCode: number | null;
  output: string;
  errors: string;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** A number, or digits in a string; anything else is no exit code, and never taken for 0. */
const exitCode = z
  .union([
    z.number().int(),
    z
      .string()
      .regex(/^-?\d{1,15}$/)
      .transform(Number),
  ])
  .nullish()
  .catch(null);

const resultShape = z.object({
  exit_code: exitCode,
  script_output: text,
  // The plural is current, the singular older.
  script_errors: text,
  script_error: text,
});

/**
 * Reads the result of a script: JSON, JSON with raw newlines or NULs or cut off in the middle, else plain text, which is
 * all output then.
 */
export function readScriptResult(bytes: Buffer): Written {
  const whole = decode(bytes).replaceAll('\0', '').trim();
  const json = parseJson(whole) ?? parseJson(escapeControls(whole));
  const parsed = resultShape.safeParse(isResult(json) ? json : undefined);
  if (parsed.success) {
    const { exit_code, script_output, script_errors, script_error } = parsed.data;
    return written(exit_code ?? null, script_output, script_errors || script_error);
  }
  if (!ENVELOPE.test(whole.slice(0, HEAD))) return written(null, whole, '');
  const errors = field(whole, 'script_errors') || field(whole, 'script_error');
  return written(exitCodeIn(whole), field(whole, 'script_output'), errors);
}

/**
 * Whether a result begins as Defender's own JSON does. A script whose result comes without that may write the same, and nothing tells the
 * two apart: as long as there are results in plain text, an exit code is what the machine says, no more.
 */
export function isEnvelope(start: Buffer): boolean {
  return ENVELOPE.test(decode(start.subarray(0, HEAD)).replaceAll('\0', '').trimStart());
}

/** Bytes or characters, in which the fields before the output are. */
const HEAD = 16_384;
/** Fields without anything nested, and then the output. */
const ENVELOPE =
  /^\{\s*(?:"(?:[^"\\]|\\.)*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[^\s",:{}[\]][^",:{}[\]]*),\s*){0,20}"script_output"\s*:\s*(?:"|null)/;

/** The exit code that stands in the last bytes of such a result of which only the start was read; null where it doesn't. */
export function exitCodeAtEnd(bytes: Buffer): number | null {
  return exitCodeIn(bytes.toString('utf8').replaceAll('\0', ''));
}

/**
 * Out of a part of Defender's JSON. What a script wrote has its quotes escaped and is not mistaken for it; a number at the very end
 * may be half of one. Where several stand there that differ, somebody didn't escape, and nobody knows which is Defender's.
 */
function exitCodeIn(part: string): number | null {
  const found = part.matchAll(/"exit_code"\s*:\s*(?:"(-?\d{1,15})"|(-?\d{1,15}))\s*[,}]/g);
  const codes = new Set([...found].map(([, quoted, bare]) => Number(quoted ?? bare)));
  const [code] = codes;
  return codes.size === 1 && code !== undefined ? code : null;
}

/** A script may write JSON of its own, without Defender's envelope. */
function isResult(json: unknown): boolean {
  return typeof json === 'object' && json !== null && ('script_output' in json || 'exit_code' in json);
}

/** Unpacks gzip, at most `limit` bytes of it: a small file can hold an endless one. Anything else stays as it is. */
export async function gunzipStart(bytes: Buffer, limit: number): Promise<{ bytes: Buffer; cut: boolean }> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { bytes, cut: false };
  const chunks: Buffer[] = [];
  let size = 0;
  // A download that was cut has no proper end; what is there is still wanted.
  const gunzip = createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH });
  gunzip.end(bytes);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
      if (size > limit) break;
    }
  } catch {
    // Broken in the middle: what came before it counts, and the whole file where nothing did.
    if (size === 0) return { bytes, cut: false };
    return { bytes: Buffer.concat(chunks), cut: true };
  }
  return { bytes: Buffer.concat(chunks), cut: size > limit };
}

function written(exitCode: number | null, output: string, errors: string): Written {
  return { exitCode, output: withoutBanner(clean(output)), errors: clean(errors) };
}

/** NULs come as characters and as JSON escapes. */
function clean(value: string): string {
  return value.replaceAll('\0', '');
}

/** PowerShell's first line, which names a file on the machine and says nothing of the output. */
function withoutBanner(output: string): string {
  return output.replace(/^\s*Transcript started, output file is [^\r\n]*(?:\r?\n|$)/, '');
}

/** UTF-8, or UTF-16 of either order where it says so. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    // A character that was cut in the middle is left out; the copy keeps what was downloaded as it is.
    return Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)))
      .swap16()
      .toString('utf16le');
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** JSON whose strings hold raw control characters, made valid. */
function escapeControls(json: string): string {
  let result = '';
  let copied = 0;
  let inside = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === BACKSLASH && inside) at++;
    else if (code === QUOTE) inside = !inside;
    else if (code < 0x20 && inside) {
      result += json.slice(copied, at) + JSON.stringify(json[at]).slice(1, -1);
      copied = at + 1;
    }
  }
  return result + json.slice(copied);
}

/** The text of one field of JSON that may end anywhere; empty where it is absent. */
function field(json: string, name: string): string {
  const opening = new RegExp(`"${name}"\\s*:\\s*"`).exec(json);
  if (opening === null) return '';
  const start = opening.index + opening[0].length;
  let end = start;
  while (end < json.length && json.charCodeAt(end) !== QUOTE) end += json.charCodeAt(end) === BACKSLASH ? 2 : 1;
  const raw = json.slice(start, Math.min(end, json.length)).replace(HALF_ESCAPE, '$1');
  const value = parseJson(escapeControls(`"${raw}"`));
  return typeof value === 'string' ? value : raw;
}

/** The beginning of an escape at the very end; an even number of backslashes before it is no beginning. */
const HALF_ESCAPE = /((?:^|[^\\])(?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?$/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
