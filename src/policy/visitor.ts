import { standingRefusal } from '../model/person.ts';
import type { Context, Judgement } from './context.ts';
import { reasonTrouble } from './evaluate.ts';
import { mayApprove, mayRead, mayRequest, satisfies } from './people.ts';
import type { Verdict } from './policy.ts';
import { groupWords } from './words.ts';

type Visitor = Pick<Context, 'policy' | 'person' | 'nameOf'>;

/** What needs no request: asking for one at all, reading (machines, library, requests), pausing and resuming. */
export type Visit = 'request' | 'read' | 'pause';

/** Whether the person may do this at all; if not, why, and whom to ask. */
export function judgePerson(visit: Visit, context: Visitor): Judgement {
  const stranger = standingRefusal(context.person.standing);
  if (stranger !== null) return { ok: false, rule: 'standing', sentence: stranger };
  return RIGHTS[visit](context.policy, context.person)
    ? { ok: true }
    : {
        ok: false,
        rule: visit === 'pause' ? 'approver' : visit === 'read' ? 'reader' : 'requester',
        sentence: whomToAsk(visit, context),
      };
}

/** Whether the person may ask for exactly this, with this reason, on so many machines. */
export function judgeRequest(
  context: Visitor & { verdict: Verdict; reason: string | null; machines: number },
): Judgement {
  const { policy, person, verdict, nameOf } = context;
  const general = judgePerson('request', context);
  if (!general.ok) return general;
  if (verdict.refuse !== null) return { ok: false, rule: 'refuse', sentence: verdict.refuse };
  if (!satisfies(policy, verdict.requesterGroups, person)) {
    const who = groupWords(policy, verdict.requesterGroups, person.platform, { nameOf });
    return { ok: false, rule: 'requester', sentence: `You may not ask for this. These people may: ${who}.` };
  }
  const most = verdict.maxMachines;
  if (most !== null && context.machines > most) {
    const sentence = `This may run on at most ${most} ${most === 1 ? 'machine' : 'machines'} at once, and you named ${context.machines}.`;
    return { ok: false, rule: 'max-machines', sentence };
  }
  const trouble = reasonTrouble(verdict, context.reason);
  return trouble === null ? { ok: true } : { ok: false, rule: 'reason', sentence: trouble };
}

const RIGHTS = { request: mayRequest, read: mayRead, pause: mayApprove } as const;

function whomToAsk(visit: Visit, { policy, person, nameOf }: Visitor): string {
  const words = (groups: readonly string[]) => groupWords(policy, [[...new Set(groups)]], person.platform, { nameOf });
  switch (visit) {
    case 'request':
      return `You may not ask for live responses here. These people may: ${words(policy.requesters)}.`;
    case 'read':
      return `You may not use live response here. Ask ${words([...policy.requesters, ...policy.approvers])}.`;
    case 'pause':
      return `Only approvers can pause and resume: ${words(policy.approvers)}.`;
  }
}
