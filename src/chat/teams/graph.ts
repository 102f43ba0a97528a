import { z } from 'zod';
import type { Tokens } from '../../entra/index.ts';
import { ChatError } from '../../errors.ts';
import type { Log } from '../../flow/ports.ts';
import { type Exchange, type Incoming, withDeadline } from '../../outbound/exchange.ts';
import { parseJson } from '../../outbound/json.ts';

/** What Entra's directory says of somebody. */
export interface Account {
  name: string;
  /** Null where Entra doesn't say. */
  guest: boolean | null;
  enabled: boolean;
}

/** The bit of Microsoft Graph that is needed here. Throws ChatError. */
export interface Graph {
  /**
   * Null: the directory has nobody of this id. `silent`: it tells nothing, for want of consent. Who has told about people before and
   * doesn't answer now is in trouble, though: throws ChatError.
   */
  user(id: string): Promise<Account | null | 'silent'>;
  /** Which of these groups somebody is in, through other groups too; ids in small letters. */
  groupsOf(id: string, groups: readonly string[]): Promise<string[]>;
  /** Members at home in a group, through other groups too; null where they are more than `most`. Ids in small letters. */
  membersOf(group: string, most: number): Promise<{ id: string; name: string }[] | null>;
}

/** What a token for Graph is asked for, wherever Graph is reached. */
export const GRAPH_SCOPE = 'https://graph.microsoft.com/.default';

/** Groups in one question. */
const AT_ONCE = 20;
/** Milliseconds for one question, another try included. */
const CALL_TIMEOUT = 8_000;
/** Bytes. */
const MAX_ANSWER = 512 * 1024;
/** People wait for it, and others can vouch too. */
const USER_TIMEOUT = 2_000;
/** Milliseconds before asking again about people where there was no consent, or no answer. */
const SILENT_FOR = 60_000;

const User = z.object({
  id: z.string(),
  displayName: z.string().nullish(),
  userType: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
});
const Groups = z.object({ value: z.array(z.string()) });
const Page = z.object({
  value: z.array(User),
  '@odata.nextLink': z.string().nullish(),
});
const Refusal = z.object({ error: z.object({ code: z.string().regex(/^\w{1,80}$/) }) });

/** Creates the client. `graphUrl` without a slash at its end. */
export function createGraph(deps: { graphUrl: string; tokens: Tokens; exchange: Exchange; log: Log }): Graph {
  let silentUntil = 0;
  let hasTold = false;

  function silent(why: string): 'silent' {
    silentUntil = Date.now() + SILENT_FOR;
    deps.log.warn({ platform: 'teams', code: why }, 'Graph tells nothing about people');
    return 'silent';
  }

  async function ask(method: 'GET' | 'POST', path: string, timeout: number, body?: object): Promise<Incoming> {
    try {
      return await withDeadline(timeout, async (signal) => {
        const token = await deps.tokens.get({ rejected: null, signal });
        const first = await once(token);
        if (first.status !== 401) return first;
        return once(await deps.tokens.get({ rejected: token, signal }));

        function once(bearer: string): Promise<Incoming> {
          return deps.exchange.send({
            method,
            url: `${deps.graphUrl}/v1.0${path}`,
            headers: {
              Authorization: `Bearer ${bearer}`,
              // Members of one kind only are an advanced query: https://learn.microsoft.com/graph/aad-advanced-queries
              ConsistencyLevel: 'eventual',
              ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            limit: MAX_ANSWER,
            signal,
          });
        }
      });
    } catch (cause) {
      throw new ChatError('chat_unreachable', 'Microsoft Graph doesn’t answer, so I can’t check who you are.', {
        cause,
      });
    }
  }

  /** What somebody may not know must not be guessed: any answer but the known ones is trouble. */
  function trouble(incoming: Incoming): ChatError {
    const code = codeOf(incoming);
    deps.log.warn({ platform: 'teams', status: incoming.status, code }, 'Microsoft Graph refused');
    if (incoming.status === 429 || incoming.status >= 500)
      return new ChatError('chat_unreachable', 'Microsoft Graph is busy, so I can’t check who you are yet.');
    return new ChatError(
      'chat_refused',
      `Microsoft Graph doesn’t let me check people (${code || incoming.status}). Whoever runs this bot has to grant it what docs/teams.md names.`,
    );
  }

  return {
    async user(id) {
      if (Date.now() < silentUntil) return 'silent';
      const path = `/users/${encodeURIComponent(id)}?$select=id,displayName,userType,accountEnabled`;
      const incoming = await ask('GET', path, USER_TIMEOUT).catch((error: unknown) => {
        if (hasTold) throw error;
        return null;
      });
      if (incoming === null) return silent('no answer');
      if (incoming.status === 404 && codeOf(incoming) === 'Request_ResourceNotFound') return null;
      const parsed = User.safeParse(parseJson(incoming.body.toString()));
      if (incoming.status !== 200 || !parsed.success || parsed.data.id.toLowerCase() !== id.toLowerCase()) {
        const consented = incoming.status !== 401 && incoming.status !== 403;
        if (hasTold && consented) throw trouble(incoming);
        return silent(codeOf(incoming) || String(incoming.status));
      }
      const { displayName, userType, accountEnabled } = parsed.data;
      // Left out with a lesser permission than the one that is asked for.
      if (typeof accountEnabled !== 'boolean') return silent('no account state');
      hasTold = true;
      const guest = userType === 'Guest' ? true : userType === 'Member' ? false : null;
      return { name: displayName ?? '', guest, enabled: accountEnabled };
    },
    async groupsOf(id, groups) {
      const found: string[] = [];
      for (let from = 0; from < groups.length; from += AT_ONCE) {
        const groupIds = groups.slice(from, from + AT_ONCE);
        const incoming = await ask('POST', `/users/${encodeURIComponent(id)}/checkMemberGroups`, CALL_TIMEOUT, {
          groupIds,
        });
        if (incoming.status === 404 && codeOf(incoming) === 'Request_ResourceNotFound') return [];
        if (incoming.status !== 200) throw trouble(incoming);
        const parsed = Groups.safeParse(parseJson(incoming.body.toString()));
        if (!parsed.success) throw trouble(incoming);
        const asked = new Set(groupIds.map((group) => group.toLowerCase()));
        // An answer that names what wasn't asked for gives nobody a right.
        found.push(...parsed.data.value.map((group) => group.toLowerCase()).filter((group) => asked.has(group)));
      }
      return found;
    },
    async membersOf(group, most) {
      const people: { id: string; name: string }[] = [];
      const first = `/groups/${encodeURIComponent(group)}/transitiveMembers/microsoft.graph.user?$count=true&$select=id,displayName,userType,accountEnabled&$top=999`;
      for (let path: string | null = first; path !== null; ) {
        const incoming = await ask('GET', path, CALL_TIMEOUT);
        const parsed = Page.safeParse(parseJson(incoming.body.toString()));
        if (incoming.status !== 200 || !parsed.success) throw trouble(incoming);
        const active = parsed.data.value.filter((one) => one.userType === 'Member' && one.accountEnabled === true);
        people.push(...active.map(({ id, displayName }) => ({ id: id.toLowerCase(), name: displayName ?? id })));
        if (people.length > most) return null;
        path = nextPath(parsed.data['@odata.nextLink'] ?? null);
      }
      return people;
    },
  };

  /** The token goes nowhere but to Graph, whatever a page names. */
  function nextPath(link: string | null): string | null {
    if (link === null) return null;
    const base = `${deps.graphUrl}/v1.0/`;
    if (!link.startsWith(base)) throw new ChatError('chat_refused', 'Microsoft Graph pointed to another address.');
    return link.slice(base.length - 1);
  }
}

function codeOf(incoming: Incoming): string {
  return Refusal.safeParse(parseJson(incoming.body.toString())).data?.error.code ?? '';
}
