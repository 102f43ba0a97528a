import type { KnownPerson, Person } from '../model/person.ts';
import type { Request } from '../model/request.ts';
import { exampleOf, judgeRequest, reasonTrouble, type Verdict } from '../policy/index.ts';
import { formatLine, parseLine } from './command.ts';
import { chatOf, type Deps, judgeVisit, nameLookup } from './deps.ts';
import { reasonButton } from './reason-button.ts';
import { Refusal } from './refusal.ts';

/** Who asked, looked up now. Throws Refusal where they may not ask for anything here, ChatError where nobody says who they are. */
export async function admit(deps: Deps, request: Request): Promise<Person> {
  const person = await chatOf(deps, request.platform).lookUp(request.requester, { fresh: true });
  const may = await judgeVisit(deps, 'request', person);
  if (!may.ok) throw new Refusal(may.sentence).on({ refusedBy: may.rule });
  return person;
}

/** Throws Refusal where the policy doesn't let this person ask for exactly this, with this reason. */
export async function judgeAgainstPolicy(
  deps: Deps,
  request: Request,
  person: Person,
  verdict: Verdict,
  machines = 1,
): Promise<void> {
  const policy = deps.policy();
  const nameOf = await nameLookup(deps, request.platform, verdict.terms);
  const trouble = verdict.refuse === null ? reasonTrouble(verdict, request.reason) : null;
  if (trouble !== null) {
    const example = fittingReason(verdict, request.reason ?? 'what this is about');
    throw new Refusal(trouble, ...(example === null ? [] : [`For example: ${withReason(request, example)}`]))
      .offering(reasonButton(request))
      .on({ rule: verdict.terms.rule, refusedBy: 'reason' });
  }
  const may = judgeRequest({ policy, person, verdict, reason: request.reason, machines, nameOf });
  if (!may.ok) throw new Refusal(may.sentence).on({ rule: verdict.terms.rule, refusedBy: may.rule });
}

/** These words made to fit what every rule wants of a reason; null where that isn't found. */
function fittingReason(verdict: Verdict, words: string): string | null {
  const examples = verdict.reasons.flatMap(({ pattern }) => exampleOf(pattern) ?? []);
  const tries = [`INC-1234 ${words}`, ...examples.map((example) => `${example} ${words}`), ...examples];
  return tries.find((reason) => reasonTrouble(verdict, reason) === null) ?? null;
}

/** The line of the request as it would be typed with this reason. */
export function withReason(request: Request, reason: string): string {
  const asked = parseLine(request.line);
  return asked.kind === 'request' || asked.kind === 'deletion' ? formatLine({ ...asked, reason }) : request.line;
}

/** Who asked, with the groups by which they may: right before sending they are judged by these again. */
export function asKnown({ platform, id, tenant, name, groups }: Person): KnownPerson {
  return { platform, id, tenant, name, ...(groups === undefined ? {} : { groups }) };
}
