import type { Command, CommandKind, WireCommand } from '../model/command.ts';

/** One live response command: how it is typed, matched, shown and sent. One file each; `index.ts` lists them. */
export interface Action<C extends Command = Command> {
  kind: C['kind'] & CommandKind;
  /** The typed form, for help and errors: `run <machine> <script> [argument…]`. */
  usage: string;
  /** What a card calls it: `Run script`. */
  label: string;
  /** Defender's position: put (0), run (1), get (2); commands must not go back. */
  order: 0 | 1 | 2;
  /** The words after the verb (and the machine), unquoted. Throws UsageError. */
  parse(words: readonly Word[]): C;
  /** The words again, quoted where needed; parse(format(c)) is c. Without verb and machine. */
  format(command: C): string;
  /** What a card shows after the label: exactly what will run. */
  show(command: C): string;
  toWire(command: C): WireCommand;
  /** The library file it needs, as typed; null for none. */
  libraryFile(command: C): string | null;
  /** The same command with the library's own spelling of that file. */
  withLibraryFile(command: C, fileName: string): C;
  /** What Defender is known to refuse or mangle, one sentence each: told on the card, not refused. */
  warnings(command: C): string[];
}

/** A typed word: where it stood, and whether it was quoted (a quoted `then` is an argument). */
export interface Word {
  text: string;
  position: number;
  quoted: boolean;
}
