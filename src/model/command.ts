/** One live response command, as typed: the words a person reads and approves, before Defender's wire form. */
export type Command =
  | { kind: 'run'; script: string; args: string[] }
  | { kind: 'get'; path: string }
  | { kind: 'put'; file: string };

export type CommandKind = Command['kind'];

/** Several machines at once, as typed: by their names, or by what Defender says of them. */
export type Aim = { by: 'names'; names: string[] } | { by: 'tag' | 'group'; is: string };

/** At most this many machines in one request: a card names all of them, whole. */
export const MAX_MACHINES = 100;

/** A command as Defender takes it (facts: body names are case-sensitive, `params` is an array). */
export interface WireCommand {
  type: 'RunScript' | 'GetFile' | 'PutFile';
  params: { key: 'ScriptName' | 'Args' | 'Path' | 'FileName'; value: string }[];
}

/** At most this many commands in one session; the form and a card of one screen hold no more. */
export const MAX_COMMANDS = 10;
