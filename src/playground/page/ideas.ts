/** The command of the README. */
export const EXAMPLE = String.raw`run ws-042 minidump.ps1 OfficeClickToRun then get C:\windows\TEMP\OfficeClickToRun.dmp.zip`;

/** Lines worth a try, each with a short name and without what every line begins with. */
export const IDEAS = [
  { name: 'run + get', words: EXAMPLE },
  { name: 'machines', words: 'machines ws-0' },
  { name: 'library', words: 'library' },
  { name: 'status', words: 'status' },
  { name: 'help', words: 'help' },
];

/** They as they are typed on a platform: `/liveresponse help`, `@Live Response help`. */
export const ideasWith = (prefix: string): { name: string; line: string }[] =>
  IDEAS.map(({ name, words }) => ({ name, line: `${prefix} ${words}` }));
