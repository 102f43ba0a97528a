import type { Context, Deed, DeedRule, Judgement } from '../context.ts';
import {
  denier,
  isRequester,
  listedApprover,
  mayBreakGlass,
  notRequester,
  reader,
  requesterOrApprover,
  standing,
} from './people.ts';
import { channel, channelOfPolicy, platform } from './place.ts';
import { glassBreakable, notDecidedBefore, notEnded, notExpired, round, undecided, waiting } from './state.ts';

const DECISION: readonly DeedRule[] = [
  standing,
  platform,
  channel,
  channelOfPolicy,
  notRequester,
  listedApprover,
  waiting,
  round,
  notExpired,
  notDecidedBefore,
];

/** What must hold for each deed, in the order in which people are told. */
export const RULES: Record<Deed, readonly DeedRule[]> = {
  approve: DECISION,
  deny: DECISION,
  // The words stand on the card, so they take the right to decide as much as the denial did. They are given where its answer stands.
  deny_reason: [standing, platform, denier, channelOfPolicy, listedApprover],
  withdraw: [standing, platform, isRequester, undecided],
  cancel: [standing, platform, requesterOrApprover, notEnded],
  settle: [standing, platform, channel, notRequester, listedApprover],
  results: [standing, platform, reader],
  break_glass: [standing, platform, mayBreakGlass, glassBreakable, undecided, notExpired],
  review: [standing, platform, channel, notRequester, listedApprover],
};

/** Whether the person may do this to the request now; if not, which rule forbids it, and a sentence for the person. */
export function judge(deed: Deed, context: Context): Judgement {
  for (const rule of RULES[deed]) {
    const sentence = rule.check(context, deed);
    if (sentence !== null) return { ok: false, rule: rule.name, sentence };
  }
  return { ok: true };
}
