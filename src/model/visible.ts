/** Everything that could hide, reorder or end a line: controls, format characters, fillers, half surrogates. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * The text with nothing hidden in it: controls as their pictures (␛), other invisible characters by number ([U+202E]).
 * Characters named in `keep` stay.
 */
export function visible(value: string, keep = ''): string {
  return value.replace(HIDDEN, (char) => (char === '\uFE0F' || keep.includes(char) ? char : picture(char)));
}

function picture(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
