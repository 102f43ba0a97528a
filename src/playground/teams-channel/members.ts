import type { Json } from './json.ts';
import { CONVERSATIONS, principalNameOf, TEAM } from './people.ts';
import type { State } from './state.ts';
import type { TeamsPerson } from './view.ts';
import { type Answer, accepted, refused } from './wire.ts';

const SMALLEST_PAGE = 50;
const LARGEST_PAGE = 500;

/** One member as the roster of a conversation shows them: by `29:…` or Entra object id. */
export function readMember(state: State, conversation: string, id: string): Answer {
  const roster = rosterOf(state, conversation);
  if ('status' in roster) return roster;
  const member = roster.find((one) => one.mri === id || one.id === id);
  if (member === undefined) {
    return refused(404, 'MemberNotFoundInConversation', 'The member is not in the conversation.');
  }
  return accepted(200, account(member));
}

/** All members at once. */
export function readMembers(state: State, conversation: string): Answer {
  const roster = rosterOf(state, conversation);
  return 'status' in roster ? roster : accepted(200, roster.map(account));
}

/** Members, a page at a time: `pageSize` from 50 to 500, and the token of the page before. */
export function readPage(state: State, conversation: string, query: Record<string, unknown>): Answer {
  const roster = rosterOf(state, conversation);
  if ('status' in roster) return roster;
  const size = Number(query.pageSize ?? LARGEST_PAGE);
  if (!Number.isInteger(size) || size < SMALLEST_PAGE || size > LARGEST_PAGE) {
    return refused(400, 'BadArgument', `A page has ${SMALLEST_PAGE} to ${LARGEST_PAGE} members.`);
  }
  const start = Number(query.continuationToken ?? 0);
  if (!Number.isInteger(start) || start < 0) return refused(400, 'BadArgument', 'The continuation token is not ours.');
  const members = roster.slice(start, start + size).map(account);
  const more = start + size < roster.length ? { continuationToken: String(start + size) } : {};
  return accepted(200, { members, ...more });
}

/** A standard channel, and the team itself, have the roster of the team; private and shared channels have their own. */
function rosterOf(state: State, whole: string): TeamsPerson[] | Answer {
  const id = whole.split(';')[0] ?? '';
  const asked = state.conversation(id === TEAM.id ? CONVERSATIONS.soc : id);
  if (asked === null) return refused(404, 'ConversationNotFound', 'Conversation not found.');
  if (!asked.installed) {
    return refused(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
  }
  return asked.members.flatMap((member) => state.person(member) ?? []);
}

function account(person: TeamsPerson): Json {
  const [givenName, surname] = person.name.split(' ');
  return {
    id: person.mri,
    name: person.name,
    aadObjectId: person.id,
    objectId: person.id,
    givenName,
    surname,
    email: principalNameOf(person),
    userPrincipalName: principalNameOf(person),
    tenantId: person.tenantId,
    userRole: person.role,
  };
}
