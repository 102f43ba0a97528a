import { ChatError } from '../errors.ts';
import { type Person, type Platform, personKey } from '../model/person.ts';
import type { Decision, Request, Time } from '../model/request.ts';
import type { Deps } from './deps.ts';
import type { Chat } from './ports.ts';

/** A platform that doesn't answer must not hold up the runs of another. Milliseconds. */
const LOOK_WITHIN = 8_000;
/** So long after trouble a platform isn't asked for the other runs in line. Milliseconds. */
const QUIET_FOR = 5_000;

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
  const found = new Map<string, Person>();
  await onPlatform(deps, request.platform, (chat) =>
    Promise.all(
      [...asked].map(async ([key, person]) => {
        const now = await chat.lookUp(person, { fresh: true });
        if (now.standing === 'unknown')
          throw new ChatError('chat_unreachable', `It doesn't say who ${person.name} is here now.`);
        found.set(key, now);
      }),
    ),
  );
  const now = (person: Request['requester']): Person => found.get(personKey(person)) as Person;
  return {
    requester: now(request.requester),
    decisions: counting.flatMap((decision) => {
      const { standing, ...person } = now(decision.person);
      return standing === 'member' ? [{ ...decision, person }] : [];
    }),
  };
}

async function onPlatform(
  deps: Pick<Deps, 'chats' | 'clock'>,
  platform: Platform,
  look: (chat: Chat) => Promise<unknown>,
): Promise<void> {
  const chat = deps.chats.get(platform);
  if (chat === undefined) throw waitsFor(platform, new ChatError('chat_unreachable', 'It is switched off.'));
  const trouble = troubles.get(chat);
  if (trouble !== undefined && deps.clock.now() < trouble.until) throw trouble.error;
  try {
    await within(look(chat));
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    const waits = waitsFor(platform, error);
    troubles.set(chat, { until: deps.clock.now() + QUIET_FOR, error: waits });
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

async function within(look: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ChatError('chat_unreachable', 'It gives no answer.')), LOOK_WITHIN);
  });
  try {
    await Promise.race([look, late]);
  } finally {
    clearTimeout(timer);
  }
}
