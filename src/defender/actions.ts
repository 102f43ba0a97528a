import { DefenderError } from '../errors.ts';
import type { Cancellation, Defender, Log, MachineAction } from '../flow/ports.ts';
import { type Incoming, TransportError } from './exchange.ts';
import type { Api } from './http.ts';
import { type Leniency, literal, query, readAll } from './pages.ts';
import { said, unanswered } from './read-errors.ts';
import { parseAction } from './submit.ts';
import { troubleOf } from './trouble.ts';
import { machineActionShape } from './wire.ts';

/** Ids in one filter, so that the address stays short enough. */
const CHUNK = 100;
/** Live response actions of one machine since a moment: each takes minutes, so a page is plenty. */
const PAGE = 1000;

/** Whether a text may be put into a filter and an address as the id of an action. */
export function isActionId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(text);
}

/** Machine actions: reading many in few calls, and cancelling one. */
export function createActions(deps: { api: Api; log: Log }): Pick<Defender, 'actions' | 'actionsOf' | 'cancel'> {
  const list = (filter: string, top: number, leniency: Leniency) =>
    readAll(
      deps,
      { endpoint: 'actions', path: `/machineactions?${query({ $filter: filter, $top: top })}`, purpose: 'run' },
      machineActionShape,
      leniency,
    );

  return {
    async actions(ids) {
      const wanted = [...new Set(ids)].filter(isActionId);
      const found: MachineAction[] = [];
      for (let start = 0; start < wanted.length; start += CHUNK) {
        const chunk = wanted.slice(start, start + CHUNK);
        found.push(...(await list(`id in (${chunk.map(literal).join(',')})`, chunk.length, { skipUnreadable: true })));
      }
      return found;
    },
    actionsOf(machineId, since) {
      const from = new Date(since).toISOString();
      const filter = `machineId eq ${literal(machineId)} and type eq 'LiveResponse' and creationDateTimeUtc ge ${from}`;
      // Whether something is sent again may rest on its absence here, so nothing is left out.
      return list(filter, PAGE, {});
    },
    async cancel(actionId, comment) {
      if (!isActionId(actionId)) return { outcome: 'refused', message: 'This is no id of a machine action.' };
      try {
        return cancellationOf(
          await deps.api.post('cancel', `/machineactions/${actionId}/cancel`, { Comment: comment }),
        );
      } catch (error) {
        return { outcome: 'unclear', why: whyOf(error) };
      }
    },
  };
}

function cancellationOf(incoming: Incoming): Cancellation {
  const { status } = incoming;
  const action = status >= 200 && status < 300 ? parseAction(incoming) : null;
  if (action !== null) return { outcome: 'requested', action };
  const words = said(troubleOf(incoming));
  if (status === 400)
    return { outcome: 'too_late', message: `Defender says that it can't be cancelled any more.${words}` };
  if (status === 401)
    return { outcome: 'refused', message: `Defender doesn't accept the application's token.${words}` };
  if (status === 403) {
    const needs = 'It needs the application permission Machine.LiveResponse.';
    return { outcome: 'refused', message: `Defender doesn't allow the application to cancel. ${needs}${words}` };
  }
  if (status === 404) return { outcome: 'refused', message: `Defender doesn't know this action.${words}` };
  return { outcome: 'unclear', why: `Defender answered ${status}` };
}

function whyOf(error: unknown): string {
  if (error instanceof DefenderError) return error.message;
  return error instanceof TransportError ? unanswered(error).message : 'sending failed on our side';
}
