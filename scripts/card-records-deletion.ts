// A part of `npm run screenshots`: the card of a library file that is to be deleted, made from records.
import { type Rendered, renderCard } from '../src/chat/slack/render.ts';
import { newDeletion } from '../src/flow/deletion.ts';
import { cardOfDeletion } from '../src/flow/deletion-card.ts';
import type { Surroundings } from '../src/flow/surroundings.ts';
import type { Deletion, Request } from '../src/model/request.ts';
import { ANA, aDecision, aRequest, around, LEA, terms } from '../test/support/records.ts';
import type { StateName } from './card-states.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NAME = 'yara-rules.yar';

/** As Slack gets them; `now`: the time of the pictures. */
export function deletionCards(now: number): Partial<Record<StateName, Rendered>> {
  const file = {
    fileName: NAME,
    sha256: '9b5524350d76'.padEnd(64, '0'),
    description: 'Rules for Start-Yara.ps1.',
    addedBy: 'bob@contoso.com',
    updatedAt: new Date(now - 40 * 24 * HOUR).toISOString(),
  };
  const card = (request: Partial<Request>, changes: Partial<Deletion> = {}, place: Partial<Surroundings> = {}) => {
    const deletion = { ...newDeletion(NAME), file, confirmedAt: now - 2 * MINUTE, ...changes };
    const times = { createdAt: now - 3 * MINUTE, approvedAt: now - MINUTE, expiresAt: now + 8 * HOUR };
    const asked = aRequest({ ...times, commands: [], deletion, ...request });
    const decided = asked.approvedAt === null ? [] : [aDecision({ at: now - MINUTE })];
    return renderCard(cardOfDeletion(asked, deletion, decided, around({ now, portalUrl: '', ...place })));
  };
  const waiting = { status: 'waiting', approvedAt: null } as const;
  const over = { approvedAt: null, endedAt: now } as const;
  const done = (outcome: Deletion['outcome'], note: string | null, attempt = 1) =>
    card({ status: 'done', endedAt: now, note }, { outcome, attempt });
  const tried = { attempt: 1 };
  return {
    'The file has changed since': card({
      ...{ ...waiting, round: 2 },
      note: `${NAME} changed after it was approved, so it needs approval again.`,
    }),
    'Another policy asks for more, while a deletion waits': card({
      ...waiting,
      terms: terms({ approvals: 2 }),
      judgedAnew: { from: terms(), note: 'The policy changed, and it now asks for 2 approvals by leads.' },
    }),
    'A deletion denied, with the reason': card({
      ...{ ...over, status: 'denied', endedBy: LEA },
      note: 'the night shift uses it',
    }),
    'A deletion denied, without a reason': card({ ...over, status: 'denied', endedBy: LEA }),
    'A deletion withdrawn': card({ ...over, status: 'withdrawn', endedBy: ANA, note: 'done by hand' }, tried),
    'A deletion expired': card({ ...over, status: 'expired' }),
    'A deletion approved': card({}),
    'A deletion approved and paused': card({}, {}, { paused: { by: 'Lea Lead', why: 'maintenance until noon' } }),
    'A deletion waits for Defender': card({}, { waits: 'Defender doesn’t answer. Try again in a moment.' }),
    Deleting: card({}, { attempt: 1, deadline: now + 20_000 }),
    'Somebody else had deleted it': done('gone', null, 0),
    'A deletion cancelled': done('cancelled', 'Cancelled by Ana Analyst: still needed. Nothing was deleted.', 0),
    'A deletion failed': done('failed', 'Defender refused it: the application lacks Library.Manage.'),
  };
}
