import type { DefenderError } from '../../errors.ts';
import type { Aim, WireCommand } from '../../model/command.ts';
import type { LibraryFile, Machine } from '../../model/machine.ts';
import type { CollectedFile, Time } from '../../model/request.ts';

/** A machine action as Defender tells it. Words of Defender stay as they are; unknown ones stay unknown. */
export interface MachineAction {
  id: string;
  type: string;
  status: string;
  machineId: string;
  requestor: string;
  comment: string;
  createdAt: Time | null;
  updatedAt: Time | null;
  commands: {
    index: number;
    type: string;
    params: { key: string; value: string }[];
    status: string;
    startedAt: Time | null;
    endedAt: Time | null;
    errors: string[];
  }[];
}

/** What a look at actions has shown. An action in neither wasn't looked at, or not answered for: nothing is known of it. */
export interface Look {
  shown: MachineAction[];
  /** Ids that Defender, asked for each by itself just now, doesn't know. */
  unknown: string[];
  /** What was asked for in vain, while others were answered: no answer, a refusal, or nothing that is understood. */
  unread?: { id: string; code: DefenderError['code'] }[];
}

/** How one POST ended. `unclear` covers everything that doesn't prove one of the others. */
export type Submission =
  | { outcome: 'accepted'; action: MachineAction }
  | { outcome: 'refused'; code: string; message: string }
  | { outcome: 'throttled'; retryAfter: number | null; sessions: boolean }
  | { outcome: 'busy'; message: string }
  | { outcome: 'not_sent'; why: string }
  | { outcome: 'unclear'; why: string };

/** How a cancel ended. */
export type Cancellation =
  | { outcome: 'requested'; action: MachineAction }
  | { outcome: 'too_late'; message: string }
  | { outcome: 'refused'; message: string }
  | { outcome: 'unclear'; why: string };

/**
 * How the deletion of a library file ended. `unclear` covers everything that doesn't prove one of the others; the library tells
 * then.
 */
export type Removal =
  | { outcome: 'deleted' }
  | { outcome: 'not_found' }
  | { outcome: 'refused'; message: string }
  | { outcome: 'throttled'; retryAfter: number | null }
  | { outcome: 'not_sent'; why: string }
  | { outcome: 'unclear'; why: string };

/** Who spends a read: what people wait for comes first. */
export type Purpose = 'run' | 'people';

/**
 * Defender for Endpoint. Reads throw DefenderError. A call ends within 30 s as a whole. No links, tokens or bodies in
 * errors.
 */
export interface Defender {
  /**
   * Machines whose name, first label or id is the query, all of them; and those whose name begins with it, as many as one page holds.
   * A few of any for an empty query. `only`: one of the two. From the cache (at most 60 s old) unless fresh.
   */
  findMachines(
    query: string,
    options: { fresh: boolean; purpose: Purpose; only?: 'exact' | 'beginning' },
  ): Promise<Machine[]>;
  machine(id: string, options: { fresh: boolean; purpose: Purpose }): Promise<Machine | null>;
  /** Several machines by their ids, in one call; those that Defender doesn't know are left out. */
  machinesBy(ids: readonly string[], purpose: Purpose): Promise<Machine[]>;
  /** All with one of these names, first labels or ids, in any case; what Defender doesn't know is left out. */
  machinesNamed(names: readonly string[], purpose: Purpose): Promise<Machine[]>;
  /** All onboarded machines with this tag, spelled exactly so, or of this device group, in any case. From the cache (at most 60 s old). */
  machinesWith(aim: Extract<Aim, { is: string }>, purpose: Purpose): Promise<Machine[]>;
  library(options: { fresh: boolean; purpose: Purpose }): Promise<LibraryFile[]>;
  /** Takes a file out of the library, for the whole tenant. Sends once; `gate` as for `submit`. */
  deleteFile(fileName: string, gate: () => boolean): Promise<Removal>;
  /** Makes sure that a token is at hand, so that nothing stands between a decision to send and the sending. Throws DefenderError. */
  signIn(): Promise<void>;
  /**
   * Sends once, never twice. `gate` is called synchronously with the connection open, right before the first byte may
   * leave: when it answers false nothing is sent (`not_sent`).
   */
  submit(
    machineId: string,
    body: { Commands: WireCommand[]; Comment: string },
    gate: () => boolean,
  ): Promise<Submission>;
  /** Looks at these actions, one call for up to 100. Fresh ones may be unknown for two minutes. */
  actions(ids: readonly string[]): Promise<Look>;
  /** Live response actions of a machine created since. */
  actionsOf(machineId: string, since: Time): Promise<MachineAction[]>;
  /** The same of several machines, in one call. */
  actionsOn(machineIds: readonly string[], since: Time): Promise<MachineAction[]>;
  /** A fresh download link: a bearer secret for 30 minutes. DefenderError `defender_not_found` while not ready. */
  resultLink(actionId: string, index: number, purpose: Purpose): Promise<string>;
  /** What can be known of a collected file without downloading it; small ones are read whole for their digest. */
  fileFacts(actionId: string, index: number, purpose: Purpose): Promise<CollectedFile>;
  /** What a script wrote, read through a fresh link, at most `limit` bytes of it. */
  scriptResult(actionId: string, index: number, limit: number): Promise<ScriptResult>;
  cancel(actionId: string, comment: string): Promise<Cancellation>;
  /** The machine's page in the Defender portal. */
  portalUrl(machineId: string): string;
}

/** A script's result, decoded: gzip, NULs, invalid JSON and plain text are handled; control characters are not. */
export interface ScriptResult {
  exitCode: number | null;
  output: string;
  errors: string;
  /** Bytes as downloaded; `truncated` when there was more than `limit`. */
  size: number;
  sha256: string | null;
  truncated: boolean;
}

// ─── Store ───────────────────────────────────────────────────────────────────────────────────────────────────────────
