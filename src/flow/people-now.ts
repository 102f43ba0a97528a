import { ChatError } from '../errors.ts';
import { type Person, type PersonRef, type Platform, personKey } from '../model/person.ts';
import type { Decision, Request, Time } from '../model/request.ts';
import type { Deps } from './deps.ts';
import type { Chat } from './ports.ts';

/** A platform that doesn't answer must not hold up the runs of another. Milliseconds. */
const LOOK_WITHIN = 8_000;
/** So long a platform that hangs, or wants a pause, isn't asked for the other runs in line. Milliseconds. */
const QUIET_FOR = 5_000;
const QUIET_AT_MOST = 60_000;
const LATE = new ChatError('chat_unreachable', 'It gives no answer.');

/** Who asked, and what was decided in the request's round by people who are members still, with their groups of this moment. */
export interface PeopleNow {
  requester: Person;
  decisions: Decision[];
}

const troubles = new WeakMap<Chat, { until: Time; error: ChatError }>();

/**
 * Looks up anew, right before something is sent, who asked for it and who let it pass: an account may have been closed since, and
 * groups may have lost people. Whoever isn't a member any more is left out of what counts. Throws ChatError, which says for people
 * what is waited for, where that can't be found out about one of them.
 */
export async function peopleNow(deps: Pick<Deps, 'chats' | 'clock' | 'store'>, request: Request): Promise<PeopleNow> {
  const decisions = await deps.store.transaction((tx) => tx.decisionsOf(request.id));
  const counting = decisions.filter(
    ({ round, verdict, person }) =>
      round === request.round &&
      person.platform === request.platform &&
      (verdict === 'approve' || verdict === 'break_glass'),
  );
  const asked = new Map(
    [request.requester, ...counting.map(({ person }) => person)].map((one) => [personKey(one), one]),
  );
  const found = await lookUpAll(deps, request.platform, asked);
  const now = (person: Request['requester']): Person => found.get(personKey(person)) as Person;
  return {
    requester: now(request.requester),
    decisions: counting.flatMap((decision) => {
      const { standing, ...person } = now(decision.person);
      return standing === 'member' ? [{ ...decision, person }] : [];
    }),
  };
}

/** Everybody by their key; throws for those whom the platform doesn't know for sure. */
async function lookUpAll(
  deps: Pick<Deps, 'chats' | 'clock'>,
  platform: Platform,
  asked: ReadonlyMap<string, PersonRef>,
): Promise<Map<string, Person>> {
  const chat = deps.chats.get(platform);
  if (chat === undefined) throw waitsFor(platform, new ChatError('chat_unreachable', 'It is switched off.'));
  const busy = troubles.get(chat);
  if (busy !== undefined && deps.clock.now() < busy.until) throw busy.error;
  const look = Promise.all(
    [...asked].map(async ([key, who]): Promise<[string, Person]> => {
      const now = await chat.lookUp(who, { fresh: true });
      if (now.standing !== 'unknown') return [key, now];
      throw new ChatError('chat_refused', `It doesn't say who ${who.name} is here now.`);
    }),
  );
  try {
    return new Map(await within(look));
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    const waits = waitsFor(platform, error);
    // What is quick to fail may be about these people only, and stands in nobody else's way.
    if (error === LATE || error.code === 'chat_throttled')
      troubles.set(chat, {
        until: deps.clock.now() + Math.min(error.retryAfter ?? QUIET_FOR, QUIET_AT_MOST),
        error: waits,
      });
    throw waits;
  }
}

const NAMES: Record<Platform, string> = { slack: 'Slack', teams: 'Teams' };

function waitsFor(platform: Platform, error: ChatError): ChatError {
  return new ChatError(
    'chat_unreachable',
    `who asked and who approved has to be looked up in ${NAMES[platform]} once more. ${error.message}`,
    { cause: error, retryAfter: error.retryAfter },
  );
}

async function within<T>(look: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(LATE), LOOK_WITHIN);
  });
  try {
    return await Promise.race([look, late]);
  } finally {
    clearTimeout(timer);
  }
}
