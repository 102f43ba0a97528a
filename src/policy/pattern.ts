/** A reason is compared over at most so many characters. */
const REASON_LENGTH = 500;
const PATTERN_LENGTH = 200;
/** Steps that matching may take, as an upper bound: about half a second. Past it a hostile reason could stall the bot. */
const MOST_STEPS = 30_000_000;

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
  if (stepsOf(source) > MOST_STEPS) {
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

/**
 * Ways in which a part can match: so many, times the ways of cutting the text at `cuts` places. Parts that follow each other
 * share the text, so their cuts stand in order, and are far fewer than each for itself would have.
 */
interface Ways {
  times: number;
  cuts: number;
}

/** The ways up to here, and the steps that trying all of them takes. */
interface Tried extends Ways {
  steps: number;
}

const FRESH: Tried = { times: 1, cuts: 0, steps: 0 };
const TOKENS = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|:|<\w+>)|\{\d+(?:,\d*)?\}\??|[*+?]\??|[\s\S]/g;

/** An upper bound of the steps in which a (valid) expression matches a text so long, or finds that it can't. */
export function stepsOf(source: string, length = REASON_LENGTH): number {
  const tokens = source.match(TOKENS) ?? [];
  const closing = closingOf(tokens);
  let at = 0;

  function alternatives(before: Tried, isWhole: boolean): Tried {
    const sum: Tried = { times: 0, cuts: 0, steps: before.steps };
    for (;;) {
      // Only what this very alternative begins with binds it to the start of the text.
      const start = isWhole && tokens[at] !== '^' ? { ...before, cuts: 1 } : before;
      const tried = sequence({ ...start, steps: 0 });
      sum.times += tried.times;
      sum.cuts = Math.max(sum.cuts, tried.cuts);
      sum.steps += tried.steps + (isWhole ? length : waysOf(start, length));
      if (tokens[at] !== '|') return sum;
      at++;
    }
  }

  function sequence(start: Tried): Tried {
    let before = start;
    while (at < tokens.length && tokens[at] !== '|' && tokens[at] !== ')') before = part(before);
    return before;
  }

  function part(before: Tried): Tried {
    const first = at;
    const token = tokens[at++] ?? '';
    const isGroup = token.startsWith('(');
    const repeat = bounds(tokens[(isGroup ? (closing.get(first) ?? at) : first) + 1] ?? '');
    // What looks around is never entered again, and what is repeated has ways of its own.
    const isApart = !isGroup || /^\(\?<?[=!]/.test(token) || (repeat !== null && repeat[1] > 1);
    const inside = isGroup ? alternatives(isApart ? FRESH : before, false) : { ...FRESH, steps: 1 };
    if (isGroup) at++;
    if (repeat !== null) at++;
    if (isApart)
      return repeated(before, /^\(\?<?[=!]/.test(token) ? { ...FRESH, steps: inside.steps } : inside, repeat);
    return repeat?.[0] === 0 ? { ...inside, times: inside.times + before.times } : inside;
  }

  function repeated(before: Tried, one: Tried, repeat: [number, number] | null): Tried {
    const [least, most] = repeat ?? [1, 1];
    const open = most - least;
    const grown = (ways: Ways, rounds: number, last: Ways) => {
      const steps = before.steps + waysOf(last, length) * one.steps * Math.max(1, rounds);
      return { times: before.times * ways.times, cuts: before.cuts + ways.cuts, steps };
    };
    if (one.times === 1 && one.cuts === 0) {
      const own = open * 10 > length ? { times: 1, cuts: 1 } : { times: open + 1, cuts: 0 };
      return grown(own, least, { times: before.times * own.times, cuts: before.cuts + own.cuts });
    }
    if (most > length) return { ...before, times: Number.POSITIVE_INFINITY, steps: Number.POSITIVE_INFINITY };
    const all = { times: (open + 1) * one.times ** most, cuts: one.cuts * most };
    const early = Math.max(0, most - 1);
    return grown(all, most, {
      times: before.times * one.times ** early,
      cuts: before.cuts + one.cuts * early,
    });
  }

  return alternatives(FRESH, true).steps;
}

/** In how many ways a text so long can be cut so often, in order. */
function waysOf({ times, cuts }: Ways, length: number): number {
  let ways = times;
  for (let n = 1; n <= cuts; n++) ways *= (length + n) / n;
  return ways;
}

/** Where each group ends. */
function closingOf(tokens: readonly string[]): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach((token, at) => {
    if (token.startsWith('(')) open.push(at);
    else if (token === ')') closing.set(open.pop() ?? 0, at);
  });
  return closing;
}

/** How often a quantifier repeats at least and at most; null for what is none. */
function bounds(token: string): [number, number] | null {
  if (/^[*+]/.test(token)) return [token.startsWith('+') ? 1 : 0, Number.POSITIVE_INFINITY];
  if (token.startsWith('?')) return [0, 1];
  const found = /^\{(\d+)(,?)(\d*)\}/.exec(token);
  if (found === null) return null;
  const [, least = '', comma, most = ''] = found;
  if (comma === '') return [Number(least), Number(least)];
  return [Number(least), most === '' ? Number.POSITIVE_INFINITY : Number(most)];
}
