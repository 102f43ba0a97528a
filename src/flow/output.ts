/** Controls that change how the text around them looks or is read; tabs and newlines stay. */
const CONTROLS =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** Terminal codes: CSI sequences, and OSC strings up to their end (titles, links). */
const ANSI = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?/g;

/** Text of a machine, made safe to look at: `\n` line ends, no terminal codes, no control or direction characters, no NULs. */
export function cleanOutput(output: string): string {
  return output.replace(/\r\n?/g, '\n').replace(ANSI, '').replace(CONTROLS, '');
}
