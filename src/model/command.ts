/** One live response command, as typed: the words a person reads and approves, before Defender's wire form. */
export type Command =
  | { kind: 'run'; script: string; args: string[] }
  | { kind: 'get'; path: string }
  | { kind: 'put'; file: string };

export type CommandKind = Command['kind'];

/** A command as Defender takes it (facts: body names are case-sensitive, `params` is an array). */
export interface WireCommand {
  type: 'RunScript' | 'GetFile' | 'PutFile';
  params: { key: 'ScriptName' | 'Args' | 'Path' | 'FileName'; value: string }[];
}

/** At most this many commands in one session; the form and a card of one screen hold no more. */
export const MAX_COMMANDS = 10;
