// Builds when a source is newer than what was built; else ends within a blink. For `npm run playground`.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'vite.config.ts'];
/** The first and the last file that a build writes: a build that broke off lacks one, or has an old one. */
const BUILT = ['dist/cli.js', 'dist/playground/page/index.html'];

const changed = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;

/** When it or anything in it changed last; a folder changes when something in it is added or removed. */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const built = Math.min(...BUILT.map((path) => changed(path) ?? 0));
if (Math.max(...SOURCES.map((path) => newest(join(root, path)))) > built) {
  process.stdout.write('Building …\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const build = spawn(npm, ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  build.on('exit', (code) => process.exit(code ?? 1));
}
