import { answer, type PrivateAnswer, strong, text } from '../model/notice.ts';
import { type Person, samePerson } from '../model/person.ts';
import type { Request } from '../model/request.ts';
import { parseLine } from './command.ts';
import type { Deps } from './deps.ts';
import { liveWhere, NOWHERE } from './live-where.ts';
import type { Click, Tx } from './ports.ts';
import { tooLate } from './same-line.ts';
import { storeRequest } from './submit.ts';

/** The question “Ask again?”, answered yes: the same line once more, as a request of its own. */
export async function askAgain(
  tx: Tx,
  deps: Deps,
  request: Request,
  click: Click,
  person: Person,
): Promise<PrivateAnswer | null> {
  if (!samePerson(request.requester, person)) return answer('Only who typed it may ask again.');
  const late = tooLate(request, deps.clock.now());
  if (late !== null) return late;
  if (!(await tx.takeDelivery(`again:${click.id}`))) return null;
  return repeat(tx, deps, request, person, { ...click, place: null, kind: 'clicked' });
}

/** Stores the request's line once more for this person, to live where they said so if the policy has that channel. */
export async function repeat(
  tx: Tx,
  deps: Deps,
  request: Request,
  person: Person,
  said: Parameters<typeof liveWhere>[2] & { replyTo: string },
): Promise<PrivateAnswer> {
  const home = liveWhere(deps, request, said);
  if (home === null) return answer(NOWHERE);
  const asked = parseLine(request.line);
  // Whoever asks again asks for an approval; breaking the glass takes a line of one's own.
  if (asked.kind === 'request') asked.breakGlass = false;
  if (asked.kind !== 'request' && asked.kind !== 'deletion') return answer('That cannot be asked again; type it anew.');
  const fresh = await storeRequest(tx, deps, asked, { person, replyTo: said.replyTo, ...home });
  return answer([text('Got it, '), strong(fresh.id), text('.')]);
}
