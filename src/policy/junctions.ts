const WINDOWS_OF_USER = '$1\\AppData\\Roaming\\Microsoft\\Windows';

/**
 * Second names for folders that every Windows has, for old programs' sake, and the folders that they lead to. The drive is left out:
 * which one Windows is on can't be seen from here. https://learn.microsoft.com/windows/win32/shell/csidl names most targets.
 */
const SECOND_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^Documents and Settings(?=\\|$)/i, 'Users'],
  [/^Users\\All Users(?=\\|$)/i, 'ProgramData'],
  [/^Users\\Default User(?=\\|$)/i, 'Users\\Default'],
  [/^Windows\\Sysnative(?=\\|$)/i, 'Windows\\System32'],
  [/^ProgramData\\Application Data(?=\\|$)/i, 'ProgramData'],
  [/^ProgramData\\(Desktop|Documents|Favorites)(?=\\|$)/i, 'Users\\Public\\$1'],
  [/^ProgramData\\(Start Menu|Templates)(?=\\|$)/i, 'ProgramData\\Microsoft\\Windows\\$1'],
  [/^(Users\\[^\\]+)\\Application Data(?=\\|$)/i, '$1\\AppData\\Roaming'],
  [/^(Users\\[^\\]+)\\Local Settings(?=\\|$)/i, '$1\\AppData\\Local'],
  [/^(Users\\[^\\]+)\\My Documents(?=\\|$)/i, '$1\\Documents'],
  [/^(Users\\[^\\]+)\\Cookies(?=\\|$)/i, '$1\\AppData\\Local\\Microsoft\\Windows\\INetCookies'],
  [/^(Users\\[^\\]+)\\NetHood(?=\\|$)/i, `${WINDOWS_OF_USER}\\Network Shortcuts`],
  [/^(Users\\[^\\]+)\\PrintHood(?=\\|$)/i, `${WINDOWS_OF_USER}\\Printer Shortcuts`],
  [/^(Users\\[^\\]+)\\(Recent|SendTo|Start Menu|Templates)(?=\\|$)/i, `${WINDOWS_OF_USER}\\$2`],
  [/^(Users\\[^\\]+)\\Documents\\My (Music|Pictures|Videos)(?=\\|$)/i, '$1\\$2'],
  [/^(Users\\[^\\]+\\AppData\\Local)\\Application Data(?=\\|$)/i, '$1'],
  [/^(Users\\[^\\]+\\AppData\\Local)\\History(?=\\|$)/i, '$1\\Microsoft\\Windows\\History'],
  [/^(Users\\[^\\]+\\AppData\\Local)\\Temporary Internet Files(?=\\|$)/i, '$1\\Microsoft\\Windows\\INetCache'],
];

/** The true spelling of a full Windows path that goes through a second name of a folder; null for any other path. */
export function trueSpelling(path: string): string | null {
  const drive = path.slice(0, 3);
  const plain = path
    .slice(3)
    .split('\\')
    .filter((step) => step !== '' && step !== '.')
    .join('\\');
  let better = plain;
  for (let found = secondName(better); found !== undefined; found = secondName(better)) {
    better = better.replace(...found);
  }
  return better === plain ? null : drive + better;
}

/** Each leads to a folder that no longer has that name in it, so following them ends. */
function secondName(path: string): [RegExp, string] | undefined {
  const found = SECOND_NAMES.find(([name]) => name.test(path));
  return found && [...found];
}
