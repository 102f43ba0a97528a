import { DefenderError } from '../errors.ts';
import type { Cancellation, Clock, Defender, Log, Look, MachineAction } from '../flow/ports.ts';
import { type Incoming, TransportError } from '../outbound/exchange.ts';
import type { Api } from './http.ts';
import { type Leniency, literal, query, readAll } from './pages.ts';
import { forbiddenSentence } from './permissions.ts';
import { said, unanswered } from './read-errors.ts';
import { createSingleActions } from './single-actions.ts';
import { parseAction } from './submit.ts';
import { troubleOf } from './trouble.ts';
import { machineActionShape } from './wire.ts';

/** Ids in one filter, so that the address stays short enough. */
const CHUNK = 100;
/** Entries of a page: what field clients ask for, and plenty for either list. */
const PAGE = 1000;
/** Answers to a list that more asking doesn't change, and for how long that is believed. Milliseconds. */
const REFUSALS = new Set<string>(['defender_refused', 'defender_not_found', 'defender_unexpected']);
const REFUSED_FOR = 10 * 60_000;
/** After so many lists in a row that weren't answered a single read is tried instead: it may be the list alone that fails. */
const FAILED_LISTS = 3;

/** Whether a text may be put into a filter and an address as the id of an action. */
export function isActionId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(text);
}

/** Machine actions: reading many in few calls, and cancelling one. */
export function createActions(deps: {
  api: Api;
  clock: Clock;
  log: Log;
}): Pick<Defender, 'actions' | 'actionsOf' | 'actionsOn' | 'cancel'> {
  const list = (filter: string, top: number, purpose: 'watch' | 'run', leniency: Leniency) =>
    readAll(
      deps,
      { endpoint: 'actions', path: `/machineactions?${query({ $filter: filter, $top: top })}`, purpose },
      machineActionShape,
      leniency,
    );
  const singles = createSingleActions(deps);
  let refusedUntil = 0;
  let failedLists = 0;

  function withoutLists(code: string): void {
    if (refusedUntil === 0) {
      deps.log.warn({ code }, 'Defender does not list actions by their ids; they are read one by one');
    }
    refusedUntil = deps.clock.now() + REFUSED_FOR;
  }

  /** The actions as lists show them; null while Defender doesn't take such questions, which is remembered for a while. */
  async function listOf(wanted: readonly string[]): Promise<MachineAction[] | null> {
    // The list's own trouble keeps it from being asked for up to a minute; a single read shows whether that is all that fails.
    if (deps.clock.now() < refusedUntil || failedLists >= FAILED_LISTS) return null;
    const found: MachineAction[] = [];
    try {
      for (let start = 0; start < wanted.length; start += CHUNK) {
        const chunk = wanted.slice(start, start + CHUNK);
        found.push(...(await list(`id in (${chunk.map(literal).join(',')})`, PAGE, 'watch', { skipUnreadable: true })));
      }
      refusedUntil = 0;
      failedLists = 0;
      return found;
    } catch (error) {
      if (!(error instanceof DefenderError)) throw error;
      if (REFUSALS.has(error.code)) withoutLists(error.code);
      else if (!wasTried(error) || ++failedLists < FAILED_LISTS) throw error;
      return null;
    }
  }

  /** What lists don't show. Where lists were answered, trouble here keeps nobody from what they showed. */
  async function lookAt(missing: readonly string[], listed: boolean): Promise<Look> {
    const instead = failedLists >= FAILED_LISTS;
    try {
      const look = await singles.look(missing);
      const answered = look.shown.length + look.unknown.length > 0;
      if (instead && answered) withoutLists('defender_unreachable');
      if (instead && (answered || look.unread !== undefined)) failedLists = 0;
      return look;
    } catch (error) {
      if (listed && error instanceof DefenderError) {
        return { shown: [], unknown: [], unread: missing.map((id) => ({ id, code: error.code })) };
      }
      if (instead && error instanceof DefenderError && wasTried(error)) failedLists = 0;
      throw error;
    }
  }

  // Whether something is sent again may rest on its absence here, so nothing is left out.
  const since = (machines: string, from: number) =>
    list(
      `${machines} and type eq 'LiveResponse' and creationDateTimeUtc ge ${new Date(from).toISOString()}`,
      PAGE,
      'run',
      {},
    );

  return {
    async actions(ids) {
      const wanted = [...new Set(ids)].filter(isActionId);
      const listed = wanted.length === 0 ? [] : await listOf(wanted);
      const found = new Map((listed ?? []).map((action) => [action.id.toLowerCase(), action]));
      const missing = wanted.filter((id) => !found.has(id.toLowerCase()));
      singles.keep(missing);
      const alone = await lookAt(missing, listed !== null);
      const shown = [...wanted.flatMap((id) => found.get(id.toLowerCase()) ?? []), ...alone.shown];
      // What can't be the id of an action can't be asked about, so nobody will ever show it.
      return { ...alone, shown, unknown: [...alone.unknown, ...ids.filter((id) => !isActionId(id))] };
    },
    actionsOf: (machineId, from) => since(`machineId eq ${literal(machineId)}`, from),
    actionsOn: (machineIds, from) => since(`machineId in (${machineIds.map(literal).join(',')})`, from),
    async cancel(actionId, comment) {
      if (!isActionId(actionId)) return { outcome: 'refused', message: 'This is no id of a machine action.' };
      try {
        const incoming = await deps.api.post('cancel', `/machineactions/${actionId}/cancel`, { Comment: comment });
        return cancellationOf(incoming, actionId);
      } catch (error) {
        return { outcome: 'unclear', why: whyOf(error) };
      }
    },
  };
}

/** Whether Defender was asked and didn't answer. Where it wasn't asked, there is a time when it will be. */
function wasTried(error: DefenderError): boolean {
  return error.code === 'defender_unreachable' && error.retryAfter === null;
}

function cancellationOf(incoming: Incoming, actionId: string): Cancellation {
  const { status } = incoming;
  const action = status >= 200 && status < 300 ? parseAction(incoming) : null;
  // Defender is known to answer with another action than was meant; that proves nothing about ours.
  if (action !== null && action.id.toLowerCase() !== actionId.toLowerCase()) {
    return { outcome: 'unclear', why: 'Defender answered with another action than was to be cancelled' };
  }
  if (action !== null) return { outcome: 'requested', action };
  const trouble = troubleOf(incoming);
  const words = said(trouble);
  if (status === 400)
    return { outcome: 'too_late', message: `Defender says that it can't be cancelled any more.${words}` };
  if (status === 401)
    return { outcome: 'refused', message: `Defender doesn't accept the application's token.${words}` };
  if (status === 403) return { outcome: 'refused', message: `${forbiddenSentence(trouble, 'cancel')}${words}` };
  if (status === 404) return { outcome: 'refused', message: `Defender doesn't know this action.${words}` };
  return { outcome: 'unclear', why: `Defender answered ${status}` };
}

function whyOf(error: unknown): string {
  if (error instanceof DefenderError) return error.message;
  return error instanceof TransportError ? unanswered(error).message : 'sending failed on our side';
}
