import type { Time } from './request.ts';

/** How something ended, or goes: what its symbol and colour come from. The words beside it say the same. */
export type Tone = 'good' | 'bad' | 'doubt' | 'open';

/** Everything the results page of a request says to one viewer. All strings are shown as text, whatever they hold. */
export interface ResultsView {
  requestId: string;
  /** The machine's full name, or its id; `37 machines` where it is the page of all of them. */
  machine: string;
  /** Where the request has several, on the page of all of them: each with a page of its own. */
  machines?: ResultsMachine[];
  /** Where it has several, on the page of one of them. */
  oneOfMany?: true;
  /** The typed line in canonical form. */
  line: string;
  reason: string | null;
  /** Names. */
  requester: string;
  approvers: string[];
  startedAt: Time | null;
  endedAt: Time | null;
  /** `Finished in 3 min 12 s`. */
  state: { tone: Tone; words: string };
  commands: ResultsCommand[];
  /** Whom the link was made for; null when it was made for everybody in the thread. */
  viewer: string | null;
  expiresAt: Time;
}

/** One machine of several; `number` counts from 1. */
export interface ResultsMachine {
  number: number;
  name: string;
  state: { tone: Tone; words: string };
}

/** One command, with all of what it wrote. */
export interface ResultsCommand {
  /** Counted from 0, over all commands of the run. */
  index: number;
  /** The index of its file: the same, counted over all machines of the request. */
  fileIndex?: number;
  /** `Run script`. */
  label: string;
  /** Exactly what ran. */
  code: string;
  state: { tone: Tone; words: string };
  exitCode: number | null;
  /** Milliseconds. */
  durationMs: number | null;
  output: string;
  errors: string;
  /** Whether output and errors are only the beginning of what there is. */
  truncated: boolean;
  /** Bytes. */
  size: number | null;
  sha256: string | null;
  /** What the machine called a collected file, made harmless. */
  fileName: string | null;
  /** What Defender has to download: the file that `get` collected, or a script's whole output; null for nothing. */
  file: 'collected' | 'output' | null;
}

/** Why somebody gets no results: the token was never valid, its time is over, or its person may not see them (any more). */
export type NoResults = { kind: 'unknown' } | { kind: 'expired' } | { kind: 'refused'; sentence: string };

/** What stands behind the results page. Reading a page changes nothing; asking for a file makes a link and is audited. */
export interface Results {
  /** `machine`: one of several, counted from 1; null for the page of all of them. */
  open(token: string, machine?: number | null): Promise<{ kind: 'page'; page: ResultsView } | NoResults>;
  file(token: string, index: number): Promise<FileAnswer>;
}

/** A fresh download link (a bearer secret: it goes into a Location header and nowhere else), or why there is none. */
export type FileAnswer =
  | { kind: 'link'; url: string }
  | { kind: 'not_ready'; sentence: string }
  /** Defender couldn't be asked, or refused: nothing is known about the file. */
  | { kind: 'trouble'; sentence: string }
  | { kind: 'gone'; sentence: string }
  | NoResults;
