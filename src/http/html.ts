/** Text that is HTML already; everything else gets escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | null | readonly Part[];

/** HTML from a template: strings are escaped, lists joined, null is nothing. */
export function html(fixed: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(fixed.map((text, i) => text + (i < parts.length ? written(parts[i] ?? null) : '')).join(''));
}

function written(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(written).join('');
  return escapeHtml(String(part));
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** What is invisible, reorders text or moves the cursor. Line ends and tabs are as they should be. */
const UNSEEN = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

/**
 * Text of a machine or a person, safe to look at: characters that hide, reorder or overprint stand as marks with their
 * number, so that nobody is shown something else than what is there.
 */
export function shown(text: string): Html {
  const lines = text.replaceAll('\r\n', '\n');
  let marked = '';
  let last = 0;
  for (const match of lines.matchAll(UNSEEN)) {
    marked += escapeHtml(lines.slice(last, match.index)) + mark(match[0]);
    last = match.index + match[0].length;
  }
  return new Html(marked + escapeHtml(lines.slice(last)));
}

/** Short names instead of control pictures, which many fonts lack. */
const NAMES =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

function mark(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const number = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = point === 0x7f ? 'DEL' : (NAMES[point] ?? number);
  return `<span class="mark" title="${number}">${name}</span>`;
}
