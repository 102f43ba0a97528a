import fc from 'fast-check';

/** What means something to Slack, in every spelling that it knows. */
const SLACK = [
  ...['<!channel>', '<!here|here>', '<!everyone>', '<!subteam^S0LEADS|@leads>', '<@U0LEA>', '<@W0LEA|lea>'],
  ...[
    '<#C0SOC|soc>',
    '<!date^1700000000^{date}^https://evil.example|soon>',
    '<!unknown|x>',
    '@channel @here @lea #soc',
  ],
  ...['<https://evil.example|Approve>', '<https://evil.example>', '<mailto:a@evil.example|mail>', '<tel:112|call>'],
  ...['https://evil.example/?a=1|b>c', 'www.evil.example', 'a@evil.example', 'javascript:alert(1)', '<javascript:a|b>'],
  ...['https://bot.example.com/results/x|y><!here>', '<https://security.microsoft.com@evil.example|machine>'],
  ...['*bold*', '_it_', '~gone~', '`code`', '```\nfence\n```', '*_~`', '**', ':smile:', ':+1::skin-tone-3:', '<:x:>'],
  ...['> quote', '>>> everything', '\n> quote', '• item', '1. one', '&lt;!channel&gt;', '&amp;lt;!here&amp;gt;'],
  ...['&#60;!here&#62;', '&', '<', '>', '|', '<>', '<!', '<@', '<!channel', 'channel>', '\\<!here\\>'],
];

/** What means something to others that the same words reach: Teams, browsers, JSON, shells, our own lines. */
const ELSEWHERE = [
  ...['<at>Lea Lead</at>', '[Approve](https://evil.example)', '![x](https://evil.example/x.png)', '# heading'],
  ...['{{DATE(2026-11-24T09:42:00Z,SHORT)}}', '$' + '{expression}', '- list', '<b onclick="x">y</b><script>z</script>'],
  ...['"}],"type":"broadcast","range":"here"', '\\u003c!channel\\u003e', '\\"', '%3C!here%3E', '%00', '__proto__'],
  ...['then', '"then"', ' then get C:\\x ', '--break-glass', '--reason', '--', '—', "'", '"', '“', '„x”', '\\', '`'],
  ...['LR-8K3F2Q', 'run ws-042 minidump.ps1', '✔ Approved by Lea Lead', '\n\n✔ Finished in 3 s', '\r\n⏳ Waiting\r\n'],
];

/** What hides, reorders, ends a line or is no character at all. */
const HIDING = [
  ...[
    '\0',
    '\x07',
    '\b',
    '\x1B[31mred\x1B[0m',
    '\x7F',
    '\x85',
    '\x9B',
    '\t',
    '\v',
    '\f',
    '\r',
    '\n',
    '\u2028',
    '\u2029',
  ],
  ...[
    '\u202Egnp.exe',
    'photo\u202Egpj.exe',
    '\u2066x\u2069',
    '\u200E\u200F\u061C',
    'ad\u200Bmin',
    'ad\u200Dmin',
    '\uFEFF',
  ],
  ...[
    '\u00AD',
    '\u034F',
    '\u115F',
    '\u180E',
    '\u2060',
    '\u2800',
    '\u3164',
    '\uFE0E',
    '\uFE0F',
    '\u{E0041}',
    '\u{E0100}',
  ],
  ...['\uD800', '\uDC00', 'a\uD83D', '\uDE00b', '\uFFFE', '\uFFFF', '\uFFF9', '\u00A0', '\u2003', '\u3000'],
];

/** What is only odd: other writings, look-alikes, emoji of many parts, floods. */
const ODD = [
  ...[
    'שלום עולם',
    'مرحبا',
    'علی\u200Cرضا',
    '👩\u200D👩\u200D👧\u200D👦',
    '🏴\u{E0067}\u{E0062}\u{E007F}',
    '❤\uFE0F',
    '😀',
    '𝒜',
    'ﷺ',
    '㍿',
  ],
  ...[
    'раypal',
    'ѕcript.ps1',
    '．．／',
    'ｅｖｉｌ',
    'İıſK',
    'e\u0301',
    '\u0301',
    'Å',
    'ẞ',
    `a${'\u0301'.repeat(300)}`,
    'z\u0489\u0360',
  ],
];

const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...SLACK) },
  { weight: 3, arbitrary: fc.constantFrom(...HIDING) },
  { weight: 2, arbitrary: fc.constantFrom(...ELSEWHERE) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom('a', ' ', 'ws-042', 'minidump.ps1', '.') },
);

/** Just long enough that what follows stands on a limit of Slack or of ours. */
const filler = fc
  .tuple(fc.constantFrom('x', 'word ', '&', '<', '*', 'é', '語', '😀'), fc.constantFrom(24, 75, 80, 150, 255, 300))
  .chain(([unit, limit]) =>
    fc.integer({ min: -3, max: 1 }).map((more) => unit.repeat(Math.ceil((limit + more) / unit.length))),
  );

/** A text as somebody would write it who wants to call, link, hide or break something: some hundred characters at most. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: piece },
  { weight: 4, arbitrary: fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')) },
  { weight: 2, arbitrary: fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(' ')) },
  { weight: 1, arbitrary: fc.tuple(filler, piece).map((parts) => parts.join('')) },
);

/** The same, and now and then as long as nobody would write it: words of thousands of characters, lines of 100 KB. */
export const endless: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: hostile },
  {
    weight: 2,
    arbitrary: fc.tuple(hostile, fc.constantFrom(1_999, 2_900, 4_000)).map(([text, size]) => flood(text, size)),
  },
  { weight: 1, arbitrary: hostile.map((text) => flood(text, 100_000)) },
);

function flood(text: string, size: number): string {
  const unit = text || 'x';
  return unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
}

/** What a person's line can hold at all, as the bot says that it reads it: no controls, nothing invisible, composed letters. */
export function typable(text: string): string {
  return text
    .replace(/[\t\n\r\u00A0\u2007\u202F]/g, ' ')
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, '')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFC');
}

/** What nobody but the product would write: the kind of a span, the tone of a button. */
const OURS = new Set([
  'kind',
  'platform',
  'style',
  'action',
  'tone',
  'requestId',
  'symbol',
  'message',
  'sha256',
  'createdAt',
]);

/** How many texts stand in it, however deep. */
export function countTexts(value: unknown, key = ''): number {
  if (typeof value === 'string') return OURS.has(key) ? 0 : 1;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + countTexts(each, Array.isArray(value) ? key : name),
    0,
  );
}
