import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The version that README.md speaks of. */
export const VERSION = '0.2.28';

const PACKAGE = '@microsoft/m365agentsplayground';

/** Puts Microsoft's emulator into a folder of its own; no script of the package runs. Returns the program's file. */
export async function install(folder: string): Promise<string> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  await promisify(execFile)('npm', ['install', '--prefix', folder, ...quiet, `${PACKAGE}@${VERSION}`]);
  return `${folder}/node_modules/${PACKAGE}/cli.js`;
}
