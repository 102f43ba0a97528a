/** A reason is compared over at most so many characters. */
const REASON_LENGTH = 500;
const PATTERN_LENGTH = 200;
/** Ways of matching a text that a pattern may leave open, as an upper bound: past it a hostile reason could stall the bot. */
const MOST_WAYS = REASON_LENGTH ** 3;

/** A pattern compiled, or why it is refused, in words that follow “must” or stand alone. */
export type Compiled = { ok: true; pattern: RegExp } | { ok: false; why: string };

/** Compiles what a reason has to look like. JavaScript's engine backtracks, so patterns that could take forever are refused. */
export function compilePattern(source: string): Compiled {
  if (source.length > PATTERN_LENGTH) return { ok: false, why: `must have at most ${PATTERN_LENGTH} characters` };
  let pattern: RegExp;
  try {
    pattern = new RegExp(source);
  } catch {
    return { ok: false, why: 'must be a regular expression that compiles' };
  }
  if (/\\[1-9k]/.test(source)) return { ok: false, why: 'must do without references to groups' };
  const start = source.startsWith('^') ? 1 : REASON_LENGTH;
  if (start * waysOf(source) > MOST_WAYS) {
    return {
      ok: false,
      why: 'could take too long on a hostile text: repeat fewer parts, no part inside a repeated group, and begin with ^',
    };
  }
  return { ok: true, pattern };
}

/** Whether a reason has the form, judged by its first 500 characters. */
export function reasonFits(pattern: RegExp, reason: string): boolean {
  return pattern.test(reason.slice(0, REASON_LENGTH));
}

/** An upper bound of the ways in which a (valid) expression can match, which bounds its backtracking. */
function waysOf(source: string): number {
  const tokens =
    source.match(/\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|:|<\w+>)|\{\d+(?:,\d*)?\}\??|[*+?]\??|[\s\S]/g) ?? [];
  let at = 0;

  function alternatives(): number {
    let sum = 0;
    for (;;) {
      sum += sequence();
      if (tokens[at] !== '|') return sum;
      at++;
    }
  }

  function sequence(): number {
    let ways = 1;
    while (at < tokens.length && tokens[at] !== '|' && tokens[at] !== ')') {
      let part = 1;
      if (tokens[at++]?.startsWith('(')) {
        part = alternatives();
        at++;
      }
      const next = tokens[at] ?? '';
      const isQuantifier = /^(?:[*+?]|\{\d)/.test(next);
      if (isQuantifier) at++;
      ways *= repeated(part, isQuantifier ? next : '');
    }
    return ways;
  }

  return alternatives();
}

function repeated(ways: number, quantifier: string): number {
  if (quantifier === '') return ways;
  const [least, most] = bounds(quantifier);
  if (most > REASON_LENGTH) return ways > 1 ? Number.POSITIVE_INFINITY : REASON_LENGTH;
  return (most - least + 1) * ways ** most;
}

function bounds(quantifier: string): [number, number] {
  if (quantifier.startsWith('?')) return [0, 1];
  const [, least = '0', comma = '', most = ''] = /^\{(\d+)(,?)(\d*)/.exec(quantifier) ?? [];
  if (quantifier.startsWith('{') && comma === '') return [Number(least), Number(least)];
  return [Number(least), most === '' ? Number.POSITIVE_INFINITY : Number(most)];
}
