import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import type { TenantCommand } from './actions.ts';
import { paramOf } from './bodies.ts';
import type { Library, ScriptRun, TenantFile } from './library.ts';
import { isWindows, type TenantMachine } from './machines.ts';

/** How a command ended, and the file behind its download link. */
export interface Effect {
  status: 'Completed' | 'Failed';
  errors: string[];
  result: Buffer | null;
}

const failed = (error: string, result: Buffer | null = null): Effect => ({ status: 'Failed', errors: [error], result });

/** What a command does on a machine. */
export function perform(command: TenantCommand, machine: TenantMachine, library: Library): Effect {
  switch (command.type) {
    case 'PutFile':
      return put(paramOf(command, 'FileName'), library);
    case 'GetFile':
      return get(paramOf(command, 'Path'));
    case 'RunScript':
      return run(paramOf(command, 'ScriptName'), paramOf(command, 'Args'), machine, library);
  }
}

function put(fileName: string, library: Library): Effect {
  if (library.find(fileName) === undefined) return failed(`The file '${fileName}' does not exist in the library.`);
  return { status: 'Completed', errors: [], result: null };
}

function get(path: string): Effect {
  if (/[*?]/.test(path)) return failed(`The path '${path}' is not valid.`);
  if (/missing|does-not-exist/i.test(path)) return failed(`The file '${path}' could not be found on the device.`);
  return { status: 'Completed', errors: [], result: gzipWithName(path, fileBytes(path)) };
}

function run(name: string, args: string, machine: TenantMachine, library: Library): Effect {
  const script = library.find(name);
  // Known in the field: a name with blanks is not found, though the library lists it.
  if (script === undefined || name.includes(' ')) return failed(`The script '${name}' does not exist in the library.`);
  const wrongKind = isWindows(machine) ? !/\.(ps1|bat|cmd)$/i.test(name) : !/\.(sh|py)$/i.test(name);
  if (wrongKind) return failed(`Scripts of this type can't run on ${machine.osPlatform}.`);
  const done = script.run?.(machine, args) ?? { exitCode: 0, output: 'Done.\r\n', errors: '' };
  const result = resultFile(script, done);
  return done.failed === undefined
    ? { status: 'Completed', errors: [], result }
    : { status: 'Failed', errors: done.failed, result };
}

function resultFile(script: TenantFile, done: ScriptRun): Buffer {
  const json = JSON.stringify({
    script_name: script.fileName,
    exit_code: done.exitCode,
    script_output: done.output,
    script_errors: done.errors,
  });
  switch (script.resultForm ?? 'json') {
    case 'json':
      return Buffer.from(json);
    case 'gzip':
      return gzipSync(json);
    case 'raw_newline':
      // As in the documentation's own sample: line ends inside the string, which JSON forbids.
      return Buffer.from(json.replaceAll('\\r\\n', '\r\n').replaceAll('\\n', '\n'));
    case 'plain':
      return Buffer.from(done.output);
  }
}

/** Bytes that are always the same for a path: text for logs, else something binary with a fitting beginning. */
function fileBytes(path: string): Buffer {
  const seed = createHash('sha256').update(path.toLowerCase()).digest();
  if (/\.(log|txt|csv|json|xml|ps1|sh|conf|ini)$/i.test(path)) {
    const lines = Array.from(
      { length: 120 },
      (_, i) => `${1000 + i} ${seed.toString('hex').slice(i % 40, (i % 40) + 16)} ok`,
    );
    return Buffer.from(`${lines.join('\r\n')}\r\n`);
  }
  const blocks = Array.from({ length: 2048 }, (_, i) => createHash('sha256').update(seed).update(String(i)).digest());
  const start = /\.zip$/i.test(path) ? 'PK\u0003\u0004' : /\.(exe|dll|sys)$/i.test(path) ? 'MZ\u0090\u0000' : '';
  return Buffer.concat([Buffer.from(start, 'latin1'), ...blocks]);
}

/** A gzip file of one member whose header carries the original path (ISO 8859-1), as GetFile answers. */
function gzipWithName(path: string, content: Buffer): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 0x0b]);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(content), 0);
  tail.writeUInt32LE(content.length % 2 ** 32, 4);
  return Buffer.concat([head, Buffer.from(`${path}\0`, 'latin1'), deflateRawSync(content), tail]);
}
