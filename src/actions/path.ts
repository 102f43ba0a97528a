/** What is wrong with a path, for people, and the path that would do where that is plain. */
export interface PathTrouble {
  message: string;
  better: string | null;
}

const DRIVE = /^[A-Za-z]:[\\/]/;

/**
 * Why a path can't be collected, or null. Only one spelling per file gets through: Windows opens the same file under many
 * (`..`, short names, streams, trailing dots), and rules compare spellings.
 */
export function pathTrouble(path: string): PathTrouble | null {
  const start = wrongStart(path);
  if (start !== null) return start;
  const segments = path.split(/[\\/]/).slice(1);
  return wrongSegments(path, segments) ?? (DRIVE.test(path) ? wrongOnWindows(path, segments) : null);
}

function wrongStart(path: string): PathTrouble | null {
  const device = /^[\\/]{2}[?.][\\/]/.exec(path);
  if (device !== null) {
    return trouble('A path that begins with \\\\?\\ or \\\\.\\ is not accepted. Write it plainly.', path.slice(4));
  }
  if (/^[\\/]{2}/.test(path)) {
    return trouble('I collect files of the machine itself, not of a network share. Name the file on its own disk.');
  }
  if (DRIVE.test(path) || path.startsWith('/')) return null;
  return trouble(
    `“${path}” isn't a complete path. It has to begin with a drive like C:\\ or with /; variables aren't filled in.`,
  );
}

function wrongSegments(path: string, segments: readonly string[]): PathTrouble | null {
  if (segments.some((name) => name === '..' || name === '.')) {
    return trouble('A path with . or .. in it is not accepted. Write out where the file is.');
  }
  if (segments.at(-1) === '') return trouble('That names a folder. A get collects one file: add its name.');
  if (segments.includes('')) {
    const better = path.replaceAll(/([\\/])[\\/]+/g, '$1');
    return trouble('The path has two separators in a row. Backslashes need no doubling here.', better);
  }
  if (/~\d/.test(path)) return trouble('Short names like PROGRA~1 are not accepted. Write the name in full.');
  return null;
}

function wrongOnWindows(path: string, segments: readonly string[]): PathTrouble | null {
  if (path.includes(':', 2)) {
    const better = path.slice(0, path.indexOf(':', 2));
    return trouble('Alternate data streams (a second colon) are not accepted.', better);
  }
  if (segments.some((name) => /[. ]$/.test(name))) {
    return trouble('A name in this path ends in a dot or blank, which Windows drops. Write it without.');
  }
  const bad = /[<>"|?*]/.exec(path)?.[0];
  if (bad === undefined) return null;
  return trouble(`No Windows path has a ${bad} in it. Wildcards don't work either: name one file.`);
}

function trouble(message: string, better: string | null = null): PathTrouble {
  return { message, better };
}
