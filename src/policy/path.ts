import { trueSpelling } from './junctions.ts';

/** Windows' own limit of one step of a path; also keeps globs quick. */
const STEP_LENGTH = 255;
const PATH_LENGTH = 1_000;

const ADVICE = 'Write the plain full path, like C:\\Windows\\Temp\\x.zip.';

/**
 * Why a path is refused whatever the rules say, one sentence; null when it isn't. A path with a second spelling for the
 * same file would walk around a rule that names the first: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
export function pathTrouble(path: string, osPlatform: string): string | null {
  const onWindows = path.replaceAll('/', '\\');
  const why = anyTrouble(path) ?? (isUnix(path, osPlatform) ? null : windowsTrouble(onWindows));
  if (why !== null) return `The path ${why}, so it could be another file than it seems. ${ADVICE}`;
  const better = isUnix(path, osPlatform) ? null : trueSpelling(onWindows);
  if (better === null) return null;
  return `The path goes through a second name that Windows keeps for a folder, and rules compare the true one. Write ${better} instead.`;
}

function isUnix(path: string, osPlatform: string): boolean {
  return path.startsWith('/') && !path.startsWith('//') && osPlatform !== '' && !/^win/i.test(osPlatform);
}

function anyTrouble(path: string): string | null {
  if (path.trim() === '') return 'is empty';
  if (path.length > PATH_LENGTH) return `is longer than ${PATH_LENGTH} characters`;
  if (/[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(path)) return 'has invisible characters';
  const steps = path.split(/[\\/]/);
  if (steps.includes('..')) return 'has “..” in it';
  return steps.some((step) => step.length > STEP_LENGTH) ? `has a name longer than ${STEP_LENGTH} characters` : null;
}

function windowsTrouble(path: string): string | null {
  if (/^\\\\[?.]\\|^\\\?\?\\/.test(path)) return 'is a device path';
  if (path.startsWith('\\\\')) return 'is on another machine';
  if (/%[^%\\]+%|\$env:|\$\{env:/i.test(path)) return 'has a variable in it';
  if (!/^[a-z]:\\/i.test(path)) return 'doesn’t begin with a drive';
  const rest = path.slice(2);
  if (rest.includes(':')) return 'names an alternate data stream';
  if (/[*?<>|"]/.test(rest)) return 'has a wildcard or a sign that no file name has';
  const steps = rest.split('\\');
  if (steps.some((step) => /~\d+(?:\.[^.]{0,3})?$/.test(step))) return 'has a short (8.3) name in it';
  return steps.some((step) => /[. ]$/.test(step) && step !== '.') ? 'has a name that ends with a dot or a blank' : null;
}
