import type { Person } from '../model/person.ts';
import type { Decision, Request } from '../model/request.ts';
import type { PersonId, Policy } from './policy.ts';

/**
 * What somebody wants to do to a request. `settle`: say whether an unclear run ran. `review`: of a broken glass. `deny_reason`: say
 * afterwards why it was denied.
 */
export type Deed =
  | 'approve'
  | 'deny'
  | 'deny_reason'
  | 'withdraw'
  | 'cancel'
  | 'settle'
  | 'results'
  | 'break_glass'
  | 'review';

/** Names for sentences; people without one are left out. */
export type NameOf = (person: PersonId) => string | null;

/** Everything that a judgement may look at. */
export interface Context {
  policy: Policy;
  /** Looked up now. */
  person: Person;
  request: Request;
  /** The round that the button named; null when typed. */
  round: number | null;
  /** Where it came from; null where the platform doesn't say, which no click in a channel leaves out. */
  channel: string | null;
  /** Whether it came from the person's own copy of the card, in their private chat. */
  direct?: boolean;
  /** All decisions of the request. */
  decisions: readonly Decision[];
  now: number;
  nameOf?: NameOf;
}

/** Why something isn't allowed: the rule's name for the record, the sentence for the person. */
export type Judgement = { ok: true } | { ok: false; rule: string; sentence: string };

/** One condition of a deed: null when it holds, else a sentence for the person. */
export interface DeedRule {
  name: string;
  check(context: Context, deed: Deed): string | null;
}
