import type { Activity } from 'botbuilder';
import { ConnectorClient, type ConnectorClientOptions, TeamsConnectorClient } from 'botframework-connector';
import { z } from 'zod';
import type { Tokens } from '../../entra/index.ts';
import { ChatError, EntraError } from '../../errors.ts';
import { type Exchange, withDeadline } from '../../outbound/exchange.ts';
import { parseJson } from '../../outbound/json.ts';
import { ConnectorRefusal, unreachable } from './failures.ts';
import { isServiceUrl } from './service-urls.ts';
import { isId } from './thread.ts';

/** A call as a whole: token, connection, body, and a second try after a 401. Milliseconds. */
const CALL_TIMEOUT = 10_000;
/** Bytes; a page of 500 members fits. */
const MAX_ANSWER = 2 * 1024 * 1024;
/** Members asked for at once. */
const PAGE = 500;
/** Pages read of one roster. */
const MAX_PAGES = 20;

/** A member of a conversation as Teams tells of them; what it leaves out is undefined. */
export type Member = z.infer<typeof MemberShape>;

/**
 * Teams' connector at one service URL. One call is one exchange (after a 401 a second one: it proves that nothing was done); the SDK's
 * own retries, which post twice, are kept out. Throws ConnectorRefusal, or what the exchange throws; pacing is up to who calls.
 */
export interface Connector {
  /** Returns the id of the new message. */
  send(serviceUrl: string, conversation: string, activity: Partial<Activity>): Promise<string>;
  /** Begins a thread in a channel; the conversation has `;messageid=`. */
  begin(
    serviceUrl: string,
    channel: string,
    activity: Partial<Activity>,
  ): Promise<{ conversation: string; id: string }>;
  /** The bot's chat with one person. */
  chatWith(serviceUrl: string, mri: string): Promise<string>;
  update(serviceUrl: string, conversation: string, id: string, activity: Partial<Activity>): Promise<void>;
  member(serviceUrl: string, conversation: string, person: string): Promise<Member>;
  members(serviceUrl: string, conversation: string): Promise<Member[]>;
  /** The channels of a team, as far as the bot sees them. */
  channelsOf(serviceUrl: string, team: string): Promise<ChannelInfo[]>;
}

/** A channel as Teams lists it; the first one of a team has no name there. */
export type ChannelInfo = z.infer<typeof ChannelShape>;

/** Creates the connector's client. */
export function createConnector(deps: {
  appId: string;
  tenantId: string;
  tokens: Tokens;
  exchange: Exchange;
  standIn: boolean;
}): Connector {
  const bot = { id: `28:${deps.appId}`, name: '' };

  /** Calls with a token; with a fresh one when the first isn't accepted. */
  async function call<T>(serviceUrl: string, work: (client: ConnectorClient) => Promise<T>): Promise<T> {
    return callWith(serviceUrl, (credentials, options) => work(new ConnectorClient(credentials, options)));
  }

  async function callWith<T>(
    serviceUrl: string,
    work: (credentials: Credentials, options: ConnectorClientOptions) => Promise<T>,
  ): Promise<T> {
    if (!isServiceUrl(serviceUrl, deps.standIn)) throw new Error('That is no address of Teams.');
    return withDeadline(CALL_TIMEOUT, async (signal) => {
      const options = { baseUri: serviceUrl, httpClient: over(deps.exchange, signal) };
      const token = await signIn(null, signal);
      try {
        return await work(bearer(token), options);
      } catch (error) {
        if (!(error instanceof ConnectorRefusal) || error.status !== 401) throw error;
        return work(bearer(await signIn(token, signal)), options);
      }
    });
  }

  /** Nothing has been sent while there is no token, however long that takes. */
  async function signIn(rejected: string | null, signal: AbortSignal): Promise<string> {
    try {
      return await deps.tokens.get({ rejected, signal });
    } catch (cause) {
      if (cause instanceof EntraError && cause.code === 'entra_sign_in')
        throw new ChatError('chat_refused', cause.message, { cause });
      throw unreachable(cause);
    }
  }

  return {
    send: (serviceUrl, conversation, activity) =>
      call(serviceUrl, async ({ conversations }) => {
        const answer = await conversations.sendToConversation(checked(conversation), { ...activity, from: bot });
        return Sent.parse(answer).id;
      }),
    begin: (serviceUrl, channel, activity) =>
      call(serviceUrl, async ({ conversations }) => {
        const created = Created.parse(
          await conversations.createConversation({
            isGroup: true,
            bot,
            tenantId: deps.tenantId,
            channelData: { channel: { id: channel }, tenant: { id: deps.tenantId } },
            activity: { ...activity, from: bot } as Activity,
            members: [],
          }),
        );
        const root = /;messageid=([^;]+)$/.exec(created.id)?.[1];
        const id = created.activityId ?? root;
        if (id === undefined) throw new Error('Teams did not say which message it made.');
        return { conversation: root === undefined ? `${channel};messageid=${id}` : created.id, id };
      }),
    chatWith: (serviceUrl, mri) =>
      call(serviceUrl, async ({ conversations }) => {
        const created = await conversations.createConversation({
          isGroup: false,
          bot,
          members: [{ id: mri, name: '' }],
          tenantId: deps.tenantId,
          channelData: { tenant: { id: deps.tenantId } },
          // The SDK's type wants a first message; Teams opens the chat without one.
          activity: undefined as unknown as Activity,
        });
        return Created.parse(created).id;
      }),
    update: (serviceUrl, conversation, id, activity) =>
      call(serviceUrl, async ({ conversations }) => {
        await conversations.updateActivity(checked(conversation), checked(id), { ...activity, id, from: bot });
      }),
    member: (serviceUrl, conversation, person) =>
      call(serviceUrl, async ({ conversations }) =>
        MemberShape.parse(await conversations.getConversationMember(checked(conversation), checked(person))),
      ),
    async members(serviceUrl, conversation) {
      const found: Member[] = [];
      let more: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        // The SDK's type wants a token for the first page too; it leaves out what is undefined.
        const options = { pageSize: PAGE, continuationToken: more } as { pageSize: number; continuationToken: string };
        const answer = await call(serviceUrl, ({ conversations }) =>
          conversations.getConversationPagedMembers(checked(conversation), options),
        );
        const { members, continuationToken } = Roster.parse(answer);
        found.push(...members);
        if (!continuationToken) return found;
        more = continuationToken;
      }
      throw new Error('Teams has more members there than I read.');
    },
    channelsOf: (serviceUrl, team) =>
      callWith(serviceUrl, async (credentials, options) => {
        const { teams } = new TeamsConnectorClient(credentials, options);
        return Channels.parse(await teams.fetchChannelList(checked(team))).conversations;
      }),
  };
}

type Credentials = ConstructorParameters<typeof ConnectorClient>[0];

function bearer(token: string): Credentials {
  return {
    signRequest: async (request) => {
      request.headers.set('Authorization', `Bearer ${token}`);
      return request;
    },
  };
}

/** Ids stand in addresses; the SDK escapes them, and nothing odd gets that far. */
function checked(id: string): string {
  if (!isId(id)) throw new TypeError('That is no id of Teams.');
  return id;
}

/** The SDK's calls over our own exchange: no redirects, a size limit, the caller's deadline, and refusals as our own error. */
function over(exchange: Exchange, signal: AbortSignal): NonNullable<ConnectorClientOptions['httpClient']> {
  return {
    async sendRequest(request) {
      const { method } = request;
      if (method !== 'GET' && method !== 'POST' && method !== 'PUT')
        throw new TypeError(`No call here is a ${method}.`);
      const incoming = await exchange.send({
        method,
        url: request.url,
        headers: request.headers.toJson(),
        ...(typeof request.body === 'string' ? { body: request.body } : {}),
        limit: MAX_ANSWER,
        signal,
      });
      const body = incoming.body.toString();
      if (incoming.status < 200 || incoming.status > 299) {
        const code = Refusal.safeParse(parseJson(body)).data?.error.code ?? '';
        throw new ConnectorRefusal(incoming.status, code, waitOf(incoming.headers['retry-after']));
      }
      const headers = request.headers.clone();
      for (const name of headers.headerNames()) headers.remove(name);
      for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, value);
      return { request, status: incoming.status, headers, bodyAsText: body };
    },
  };
}

/** Seconds or a date, as milliseconds. */
function waitOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

const Id = z.string().refine(isId);
const Sent = z.object({ id: Id });
const Created = z.object({ id: Id, activityId: Id.nullish().transform((id) => id ?? undefined) });
const Refusal = z.object({ error: z.object({ code: z.string().regex(/^\w{1,80}$/) }) });

const Word = z.string().optional().catch(undefined);
const MemberShape = z.looseObject({
  id: Word,
  name: Word,
  aadObjectId: Word,
  /** An older name of the same. */
  objectId: Word,
  tenantId: Word,
  userRole: Word,
});
const ChannelShape = z.object({ id: Id, name: Word, type: Word });
const Channels = z.object({ conversations: z.array(ChannelShape) });
const Roster = z.object({
  members: z.array(MemberShape),
  continuationToken: z.string().nullish(),
});
