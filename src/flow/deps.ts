import type { Person, PersonRef, Platform } from '../model/person.ts';
import type { Terms } from '../model/request.ts';
import {
  approversFor,
  type Judgement,
  judgePerson,
  type PersonId,
  type Policy,
  peopleOf,
  type Visit,
} from '../policy/index.ts';
import type { Chat, Clock, Defender, Listing, Log, Metrics, Store } from './ports.ts';

/** So many names a sentence holds. */
const NAMED = 8;

/** What every stage works with. */
export interface Deps {
  store: Store;
  /** One per platform that is on. */
  chats: ReadonlyMap<Platform, Chat>;
  defender: Defender;
  /** The policy in force now; it may be another one at the next call. */
  policy: () => Policy;
  clock: Clock;
  /** Waits so many milliseconds; tests move their clock instead. */
  sleep: (milliseconds: number) => Promise<void>;
  log: Log;
  metrics: Metrics;
  /** Where result links start: `https://bot.example.com`. */
  publicUrl: string;
  /** Our application id at Defender, as it shows itself as the requestor of an action. */
  clientId: string;
  /** How long a fresh action may be missing from Defender's lists, milliseconds. */
  visibilityLag: number;
}

/** The chat of a platform; a request of a platform that has been switched off waits until it is on again. */
export function chatOf(deps: Pick<Deps, 'chats'>, platform: Platform): Chat {
  const chat = deps.chats.get(platform);
  if (chat === undefined) throw new Error(`${platform} is off`);
  return chat;
}

/** Who is in the groups of the platform's directory, as far as it was listed. */
export function listedOn(deps: Pick<Deps, 'chats'>, platform: Platform): Listing {
  return deps.chats.get(platform)?.listed() ?? new Map();
}

/** Names of people by id, from the directory's cache; somebody who can't be looked up is `an approver`. */
export async function namesOf(
  deps: Deps,
  platform: Platform,
  ids: readonly string[],
): Promise<(PersonRef & { known: boolean })[]> {
  const chat = chatOf(deps, platform);
  const listed = new Map([...chat.listed().values()].flat().map((one) => [one.id, one.name]));
  return Promise.all(
    ids.map(async (id) => {
      const name = listed.get(id);
      if (name !== undefined) return { platform, id, tenant: '', name, known: true };
      try {
        const found = await chat.lookUp({ id, tenant: '' }, { fresh: false });
        return { ...found, known: true };
      } catch {
        return { platform, id, tenant: '', name: 'an approver', known: false };
      }
    }),
  );
}

/** Names of those who may approve under these terms, for sentences; people who can't be looked up stay unnamed. */
export async function nameLookup(
  deps: Deps,
  platform: Platform,
  terms: Pick<Terms, 'approverGroups'>,
): Promise<(person: PersonId) => string | null> {
  return namesAmong(deps, platform, approversFor(deps.policy(), terms, platform, null, listedOn(deps, platform)));
}

/** The same for those who may break the glass. */
export function glassBreakers(deps: Deps, platform: Platform): ReturnType<typeof nameLookup> {
  const policy = deps.policy();
  const allowed = policy.breakGlass?.allowed ?? [];
  return namesAmong(deps, platform, peopleOf(policy, [allowed], platform, listedOn(deps, platform)));
}

async function namesAmong(deps: Deps, platform: Platform, all: readonly PersonId[]): ReturnType<typeof nameLookup> {
  const ids = all.map(({ id }) => id);
  const people = await namesOf(deps, platform, ids.slice(0, NAMED));
  const names = new Map(people.filter((one) => one.known).map((one) => [one.id, one.name]));
  return (who) => (who.platform === platform ? (names.get(who.id) ?? null) : null);
}

/** Whether somebody looked up may do this at all. Names of approvers are asked for only where they are to be told whom to ask. */
export async function judgeVisit(deps: Deps, visit: Visit, person: Person): Promise<Judgement> {
  const policy = deps.policy();
  const may = judgePerson(visit, { policy, person });
  if (may.ok || person.standing !== 'member') return may;
  const nameOf = await nameLookup(deps, person.platform, { approverGroups: [[...policy.approvers]] });
  return judgePerson(visit, { policy, person, nameOf });
}
