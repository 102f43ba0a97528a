import { parseRequestId } from '../model/ids.ts';
import { type PrivateAnswer, person as personSpan, type Text, text } from '../model/notice.ts';
import type { Person } from '../model/person.ts';
import type { Request } from '../model/request.ts';
import type { Deps } from './deps.ts';
import { groundsOf } from './grounds.ts';
import type { Click, Tx } from './ports.ts';

/** Who pressed what, from where, and what that was judged by: `rule` is the policy's, or the condition that refused it. */
export async function noteClick(
  tx: Tx,
  deps: Pick<Deps, 'policy'>,
  click: Click,
  person: Person,
  judged: { outcome: 'taken' | 'refused'; rule?: string | null },
): Promise<void> {
  const { outcome, ...rule } = judged;
  const round = roundOf(click.id);
  await tx.audit({
    actor: person,
    action: outcome === 'taken' ? `click.${click.action}` : 'click.refused',
    requestId: parseRequestId(click.id.split(':')[0] ?? ''),
    data: {
      ...{ button: click.action, channel: click.channel, ...(round < 0 ? {} : { round }) },
      ...(click.words === null ? {} : { words: click.words.slice(0, 2_000) }),
      ...rule,
      ...groundsOf(deps.policy(), person),
    },
  });
}

/** A button that names no round (or nonsense) belongs to none. */
export function roundOf(id: string): number {
  const round = Number(id.split(':')[1]);
  return Number.isSafeInteger(round) ? round : -1;
}

/** Who asked hears what was decided. */
export function forRequester(deps: Deps, request: Request): Text {
  return deps.policy().notify.approvers === 'none' ? [] : [text(' '), personSpan(request.requester, true)];
}

/** Says something in the request's thread, once. */
export async function say(tx: Tx, request: Request, key: string, words: PrivateAnswer['lines'][number]): Promise<void> {
  await tx.insertReply({
    requestId: request.id,
    key,
    channel: request.channel,
    reply: { text: words, output: [], moreLines: 0, buttons: [] },
  });
}
