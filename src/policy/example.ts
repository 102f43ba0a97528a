import { reasonFits } from './pattern.ts';

const TOKENS = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|:|<\w+>)|\{\d+(?:,\d*)?\}\??|[*+?]\??|[\s\S]/g;
/** What stands for one character, the likeliest first. */
const CHARACTERS = [
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  'abcdefghijklmnopqrstuvwxyz',
  '1234567890',
  '-_.:/#@ ',
  '!$%&()*+,;<=>?[]^{|}~',
];
/** More than this isn't read at a glance. */
const LONGEST = 60;

/** A short reason that fits the pattern, for people who read no regular expressions: `INC-1234`. Null where none is found. */
export function exampleOf(pattern: RegExp): string | null {
  const tokens = pattern.source.match(TOKENS) ?? [];
  let at = 0;

  /** The first alternative; what stands after it is passed over. */
  function alternatives(): string | null {
    const first = sequence();
    while (tokens[at] === '|') {
      at++;
      sequence();
    }
    return first;
  }

  function sequence(): string | null {
    let words: string | null = '';
    while (at < tokens.length && tokens[at] !== '|' && tokens[at] !== ')') {
      const next = part();
      words = words === null || next === null ? null : short(words + next);
    }
    return words;
  }

  function part(): string | null {
    const token = tokens[at++] ?? '';
    if (token === '^' || token === '$' || token === '\\b') return '';
    if (!token.startsWith('(')) {
      const characters = charactersOf(token);
      const times = timesOf(characters?.startsWith('1') ? 4 : 3);
      return characters === null ? null : [...characters.repeat(times)].slice(0, times).join('');
    }
    const inside = alternatives();
    at++;
    const times = timesOf(1);
    return /^\(\?<?[=!]/.test(token) ? null : inside === null ? null : short(inside.repeat(times));
  }

  /** How often the quantifier that stands here, if any, repeats in the example. */
  function timesOf(some: number): number {
    const found = /^(?:([*?])|(\+)|\{(\d+))/.exec(tokens[at] ?? '');
    if (found === null) return 1;
    at++;
    if (found[1] !== undefined) return 0;
    return found[2] === undefined ? Math.min(Number(found[3]), LONGEST + 1) : some;
  }

  const example = alternatives()?.trim() ?? '';
  // A quotation mark would end the words of `--reason`.
  return example !== '' && !example.includes('"') && reasonFits(pattern, example) ? example : null;
}

const short = (words: string): string | null => (words.length > LONGEST ? null : words);

/** What one token may be, of one kind: letters, digits or what else. */
function charactersOf(token: string): string | null {
  if (token.length === 1 && token !== '.') return token;
  const one = new RegExp(`^${token}$`);
  for (const kind of CHARACTERS) {
    const fitting = [...kind].filter((character) => one.test(character)).join('');
    if (fitting !== '') return fitting;
  }
  return null;
}
