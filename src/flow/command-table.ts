import { ACTIONS } from '../actions/index.ts';
import type { CommandKind } from '../model/command.ts';

/** One word that begins a line: how it is typed, what it does, and a line that works. */
interface Entry {
  name: string;
  usage: string;
  sentence: string;
  example: string;
}

const REQUESTS: Record<CommandKind, [sentence: string, example: string]> = {
  run: ['runs a script of the library', 'run ws-042 minidump.ps1 OfficeClickToRun'],
  get: ['collects a file', 'get ws-042 C:\\Windows\\Temp\\output.zip'],
  put: ['places a file of the library on the machine', 'put ws-042 tool.exe'],
};

const TABLE: readonly Entry[] = [
  ...ACTIONS.map(({ kind, usage }) => {
    const [sentence, example] = REQUESTS[kind];
    return { name: kind, usage, sentence, example };
  }),
  entry('status [<id>]', 'tells how far a request is', 'status LR-8K3F2Q'),
  entry('show <id>', 'posts a fresh card of a request', 'show LR-8K3F2Q'),
  entry('results <id>', 'opens what a request brought', 'results LR-8K3F2Q'),
  entry('cancel <id> [why]', 'cancels a request', 'cancel LR-8K3F2Q wrong machine'),
  entry('withdraw <id>', 'takes back your own request while it waits', 'withdraw LR-8K3F2Q'),
  entry('again <id>', 'asks for the same once more', 'again LR-8K3F2Q'),
  entry('pending', 'lists what waits for approval', 'pending'),
  entry('history [<machine>]', 'lists the latest requests', 'history ws-042'),
  entry('explain <line>', 'tells which rule would apply and who could approve', 'explain run ws-042 minidump.ps1'),
  entry('whoami', 'tells who you are here and what you may do', 'whoami'),
  entry('machines <name or address>', 'finds machines', 'machines ws-04'),
  entry(
    'library [list | show <file> | delete <file>]',
    'lists the library, tells about one file, or deletes one for the whole tenant',
    'library show minidump.ps1',
  ),
  entry('pause [why]', 'stops new submissions (approvers)', 'pause maintenance until noon'),
  entry('resume', 'lets submissions go on (approvers)', 'resume'),
  entry('help [<word>]', 'explains the words', 'help run'),
];

/** The words that add to a request, and what they do. */
const ADDITIONS: readonly Entry[] = [
  {
    name: 'then',
    usage: '… then <command without machine>',
    sentence: 'does more on the same machine, in one session: put, then run, then get',
    example: 'run ws-042 minidump.ps1 then get C:\\Windows\\Temp\\output.zip',
  },
  {
    name: '--reason',
    usage: '--reason "…"',
    sentence: 'says why; several words need the quotes',
    example: 'run ws-042 minidump.ps1 --reason "INC-1234 suspicious process"',
  },
  {
    name: '--machines',
    usage: '--machines <name>,<name>…',
    sentence: 'does it on several machines at once; none is named behind the verb then',
    example: 'run minidump.ps1 OfficeClickToRun --machines ws-042,ws-043',
  },
  {
    name: '--tag',
    usage: '--tag <tag>',
    sentence: 'does it on all machines with this tag of Defender',
    example: 'run minidump.ps1 OfficeClickToRun --tag finance',
  },
  {
    name: '--group',
    usage: '--group <device group>',
    sentence: 'does it on all machines of a device group',
    example: 'run minidump.ps1 OfficeClickToRun --group Workstations',
  },
  {
    name: '--break-glass',
    usage: '--break-glass',
    sentence: 'skips the wait for approval, where a rule allows it',
    example: 'run ws-042 minidump.ps1 --break-glass --reason "ransomware spreading"',
  },
  {
    name: '--',
    usage: '--',
    sentence: 'ends our options: what follows belongs to the script',
    example: 'run ws-042 minidump.ps1 -- --verbose',
  },
];

/** Machine actions of Defender that we lack, as people call them. */
const ELSEWHERE: readonly string[] = [
  'isolate',
  'unisolate',
  'release',
  'scan',
  'quarantine',
  'restrict',
  'unrestrict',
  'collect',
  'package',
  'offboard',
];

function entry(usage: string, sentence: string, example: string): Entry {
  return { name: usage.replace(/ .*$/, ''), usage, sentence, example };
}

/** The words that begin a line, a closed set fit for labels of metrics. */
export const COMMANDS: readonly string[] = TABLE.map((one) => one.name);

/** Whether the verb (in lower case) means a machine action that we lack. */
export function isElsewhere(verb: string): boolean {
  return ELSEWHERE.includes(verb);
}

/** How a command is typed. */
export function usageOf(name: string): string {
  return find(name)?.usage ?? name;
}

/** A line that works, for the command where it is one, else a request. */
export function exampleOf(name: string): string {
  return find(name)?.example ?? 'run ws-042 minidump.ps1';
}

/** Lines of help: one word explained, or all of them where the word is null or unknown. */
export function helpFor(word: string | null): string[] {
  if (word === null) return overview();
  const found = find(word);
  if (found !== undefined) {
    return [`${found.usage}: ${found.sentence}.`, `For example: ${found.example}`, ...optionsOf(found.name)];
  }
  if (isElsewhere(word.toLowerCase())) {
    return [`I can't ${word.toLowerCase()}. Add a machine, and I answer with its page in the Defender portal.`];
  }
  const near = nearestCommand(word);
  const hint = near === null ? '' : ` Did you mean “help ${near}”?`;
  return [`I have no word “${word}”.${hint}`, ...overview()];
}

function overview(): string[] {
  return [...TABLE, ...ADDITIONS].map(({ usage, sentence }) => `${usage}: ${sentence}`);
}

function optionsOf(name: string): string[] {
  return name in REQUESTS ? ADDITIONS.map(({ usage, sentence }) => `${usage}: ${sentence}`) : [];
}

function find(word: string): Entry | undefined {
  const lower = word.toLowerCase();
  return [...TABLE, ...ADDITIONS].find((one) => one.name === lower);
}

/** The command that a mistyped verb was most likely meant to be, or null. */
export function nearestCommand(verb: string): string | null {
  return nearest(verb, [...COMMANDS, ...ELSEWHERE]);
}

/** The one of `names` that the word begins, or that is at most one slip away (two for long words); else null. */
export function nearest(word: string, names: readonly string[]): string | null {
  const lower = word.toLowerCase();
  const begun = names.find((name) => lower.length > 1 && name.startsWith(lower));
  if (begun !== undefined) return begun;
  const ranked = names.map((name) => ({ name, slips: slips(lower, name) })).sort((a, b) => a.slips - b.slips);
  const [best] = ranked;
  return best !== undefined && best.slips <= (lower.length > 6 ? 2 : 1) ? best.name : null;
}

/** Letters added, dropped, changed or swapped with their neighbour (optimal string alignment). */
function slips(a: string, b: string): number {
  // Words this different are never near, so a long word costs nothing.
  if (Math.abs(a.length - b.length) > 2) return 3;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const cell = (i: number, j: number) => rows[i]?.[j] ?? i + j;
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const choices = [cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + same];
      rows[i]?.push(Math.min(...choices, swapped ? cell(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY));
    }
  }
  return cell(a.length, b.length);
}
