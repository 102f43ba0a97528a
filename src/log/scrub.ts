const HIDDEN = '[hidden]';

/** Keys whose value is a secret or a person's or machine's own words, wherever they stand. */
const SECRET_KEY =
  /^(?:authorization|cookie|set-cookie|password|passwd|secret|client_?secret|signing_?secret|client_?assertion|token|access_?token|refresh_?token|bot_?token|id_?token|response_?url|reply_?to|upload_?url|download_?url|location|audit_?key|x-slack-signature|headers|body|raw_?body)$/i;

/**
 * What a finished line must not hold. All work on JSON text: none matches a quote or a backslash, so that a line stays
 * valid JSON.
 */
const PATTERNS: readonly [RegExp, string][] = [
  // Signed links: whoever has one may download (Azure), or post (Slack).
  [/https?:\/\/[^\s"\\<>|]*[?&]sig(?:=|%3D)[^\s"\\<>|]*/gi, HIDDEN],
  [/https?:\/\/hooks\.slack(?:-gov)?\.com\/[^\s"\\<>|]*/gi, HIDDEN],
  [/wss?:\/\/[^\s"\\<>|]*[?&]ticket=[^\s"\\<>|]*/gi, HIDDEN],
  [/\bsig(=|%3D)[\w%+/=~.-]{16,}/gi, `sig$1${HIDDEN}`],
  [/\/results\/[\w%-]{16,}/gi, `/results/${HIDDEN}`],
  [/\bxox[a-z](?:\.xox[a-z])?-[\w.%-]+/gi, HIDDEN],
  [/\bxapp-[\w.%-]+/gi, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*/g, HIDDEN],
  [/\b(bearer|basic)(\s+|%20|\+)[\w~+/=.:-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\b(postgres(?:ql)?:\/\/[^\s:/"\\@]*:)[^\s"\\]*@/gi, `$1${HIDDEN}@`],
  [
    /\b((?:client_secret|client_assertion|access_token|refresh_token|id_token|password|token)(?:=|%3D))[^\s&"\\]+/gi,
    `$1${HIDDEN}`,
  ],
];

/** A function that takes everything secret out of one line of JSON: what looks like it, and these very values. */
export function createScrubber(secrets: readonly string[]): (line: string) => string {
  // The longest first, since one may hold another.
  const exact = [...new Set(secrets.filter((secret) => secret.length >= 8).flatMap(spellings))];
  exact.sort((a, b) => b.length - a.length);
  return (line) => {
    let clean = line;
    for (const secret of exact) clean = clean.replaceAll(secret, HIDDEN);
    for (const [pattern, instead] of PATTERNS) clean = clean.replace(pattern, instead);
    return clean;
  };
}

/** As it stands in JSON, in JSON inside a string of JSON, and in a form body or URL. */
function spellings(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret)];
}

/** How deep facts are followed; what lies deeper is of no use to a reader. */
const DEPTH = 5;

/** The facts of a line as plain data: errors told shortly, secret keys hidden, nothing endless. */
export function factsOf(facts: object): object {
  const plain = facts instanceof Error ? { error: facts } : facts;
  return Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, plainValue(key, value, DEPTH)]));
}

function plainValue(key: string, value: unknown, depth: number): unknown {
  if (value === null || value === undefined) return value;
  if (SECRET_KEY.test(key)) return HIDDEN;
  if (value instanceof Error) return errorFacts(value, depth);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return value;
  if (depth === 0 || value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) return '[…]';
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => plainValue('', item, depth - 1));
  if (value instanceof Date) return value.toJSON();
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainValue(name, item, depth - 1)]));
}

/**
 * An error by its name, code, status, message, place and cause, and by nothing else: the errors of HTTP clients carry the
 * whole request with its headers, and the answer with its body.
 */
function errorFacts(error: Error, depth: number): object {
  const { code, status, statusCode } = error as { code?: unknown; status?: unknown; statusCode?: unknown };
  const cause = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined);
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : typeof statusCode === 'number' ? { status: statusCode } : {}),
    message: error.message,
    stack: framesOf(error),
    ...(depth > 0 && cause instanceof Error ? { cause: errorFacts(cause, depth - 1) } : {}),
  };
}

/** Where it came from: the stack without its first line, which repeats the message. */
function framesOf(error: Error): string[] {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 12).map((line) => line.trim().slice(3));
}
