import type { Command, CommandKind } from '../model/command.ts';
import type { Action } from './action.ts';
import { getFile } from './get-file.ts';
import { putFile } from './put-file.ts';
import { runScript } from './run-script.ts';

const BY_KIND: Record<CommandKind, Action> = { run: runScript, get: getFile, put: putFile };

/** Every live response command, as help lists them. */
export const ACTIONS: readonly Action[] = Object.values(BY_KIND);

/** The action of a command. */
export function actionOf(command: Pick<Command, 'kind'>): Action {
  return BY_KIND[command.kind];
}

/** The action with this verb (in lower case), undefined where there is none. */
export function actionNamed(verb: string): Action | undefined {
  return ACTIONS.find((action) => action.kind === verb);
}
