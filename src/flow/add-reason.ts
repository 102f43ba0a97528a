import { UsageError } from '../errors.ts';
import { answer, code, type PrivateAnswer, strong, text } from '../model/notice.ts';
import { type Person, samePerson } from '../model/person.ts';
import type { Request } from '../model/request.ts';
import { judgePerson } from '../policy/index.ts';
import { withReason } from './admit.ts';
import { type DeletionLine, formatLine, parseLine, type RequestLine } from './command.ts';
import type { Deps } from './deps.ts';
import { liveWhere, NOWHERE } from './live-where.ts';
import type { Click, Tx } from './ports.ts';
import { storeRequest } from './submit.ts';

/** So long a reason can be added; who comes later should see anew what they ask for. Milliseconds. */
const OPEN_FOR = 3_600_000;

/** The refused request once more, with the reason that came with the click. It is judged as if it had been typed. */
export async function addReason(
  tx: Tx,
  deps: Pick<Deps, 'chats' | 'clock' | 'policy'>,
  request: Request,
  click: Click,
  person: Person,
): Promise<PrivateAnswer> {
  if (!samePerson(request.requester, person)) return answer('Only who typed it may add a reason.');
  // Who has lost the right since isn't told their own line either.
  const may = judgePerson('request', { policy: deps.policy(), person });
  if (!may.ok) return answer(may.sentence);
  if (request.status !== 'refused') return answer(`${request.id} wasn’t refused, so it needs no other reason.`);
  const example = code(withReason(request, 'INC-1234 what this is about'));
  if (click.words === null) return answer('Type it again with a reason:', [example]);
  if (deps.clock.now() > request.createdAt + OPEN_FOR) {
    return answer('You asked for that over an hour ago. Type it again:', [example]);
  }
  const again = read(request, click.words);
  if (typeof again === 'string') return answer(`${again} Nothing was asked of anybody.`);
  const home = liveWhere(deps, request, { channel: click.channel, place: null, kind: 'clicked' });
  if (home === null) return answer(NOWHERE);
  if (!(await tx.takeDelivery(`reason:${request.id}`))) return answer('You gave a reason for it already.');
  const fresh = await storeRequest(tx, deps, again, { person, replyTo: click.replyTo, ...home });
  return answer([text('Got it, '), strong(fresh.id), text('.')]);
}

/** The line with this reason, or what is wrong with the reason. */
function read(request: Request, reason: string): RequestLine | DeletionLine | string {
  try {
    const asked = parseLine(request.line);
    if (asked.kind !== 'request' && asked.kind !== 'deletion') return 'That can’t be asked again.';
    const again = parseLine(formatLine({ ...asked, reason }));
    return again.kind === asked.kind ? again : 'That can’t be a reason.';
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
