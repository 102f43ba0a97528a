import { z } from 'zod';
import { TEAMS_IDENTITY } from '../../config/identity.ts';
import type { TeamsConfig } from '../../config.ts';
import { createTokens, rolesOf, type Tokens } from '../../entra/index.ts';
import type { Log } from '../../flow/ports.ts';
import type { Card } from '../../model/notice.ts';
import { createExchange, withDeadline } from '../../outbound/exchange.ts';
import { parseJson } from '../../outbound/json.ts';
import { createAccount } from './account.ts';
import { SCOPE } from './adapter.ts';
import { createBackoff } from './backoff.ts';
import { createChannels } from './channels.ts';
import { createConnector } from './connector.ts';
import { chatError } from './failures.ts';
import { createGraph, GRAPH_SCOPE } from './graph.ts';
import { createGroupLists } from './group-lists.ts';
import { createIdentify } from './identify.ts';
import { createPlaces } from './places.ts';
import { createPost } from './post.ts';
import { createPrivateChats } from './private-chats.ts';
import { isServiceUrl } from './service-urls.ts';
import { createWhisper } from './whisper.ts';

/** Looks at Teams that change nothing, and one card where it is asked for. Calls throw EntraError, ChatError or TransportError. */
export interface TeamsCheck {
  /** A token for the Bot Framework. */
  signIn(): Promise<void>;
  /** Whether the Bot Framework's keys are where they are looked for. */
  keys(): Promise<boolean>;
  /** The application permissions of Graph in a token. */
  graphRoles(): Promise<string[]>;
  /** An HTTP status where Graph says something else. */
  group(id: string): Promise<'there' | 'empty' | 'missing' | { status: number }>;
  /** `unheard`: Teams has never spoken to the bot, so nobody knows where to ask. */
  channel(id: string): Promise<{ name: string | null; shared: boolean } | 'unheard'>;
  post(channel: string, card: Card): Promise<void>;
  close(): void;
}

const ANSWER_LIMIT = 256 * 1024;
const Metadata = z.object({ issuer: z.string(), jwks_uri: z.string() });
const Page = z.object({ value: z.array(z.unknown()) });

export interface TeamsCheckOptions {
  config: TeamsConfig;
  /** What the bot remembers, by key; null for what it doesn't. Nothing is ever written. */
  remembered: (key: string) => unknown;
  /** Milliseconds for each call. */
  patience: number;
  log: Log;
}

/** Creates the look at one bot of Teams. */
export function createTeamsCheck({ config, remembered, patience, log }: TeamsCheckOptions): TeamsCheck {
  const { appId, tenantId, standIn, graphUrl } = config;
  const exchange = createExchange();
  const tokensFor = (scope: string, name: string): Tokens => {
    const target = { name, settings: TEAMS_IDENTITY };
    return createTokens({ ...config, clientId: appId, scope, target, exchange, deadline: patience, counted() {} });
  };
  const tokens = tokensFor(SCOPE, 'the Bot Framework');
  const graphTokens = tokensFor(GRAPH_SCOPE, 'Microsoft Graph');
  const memory = { read: async (key: string) => remembered(key), write: async () => undefined };
  const places = createPlaces({ memory, isServiceUrl: (url) => isServiceUrl(url, standIn) });
  const connector = createConnector({ appId, tenantId, tokens, exchange, standIn });
  const tokenOf = (from: Tokens): Promise<string> =>
    withDeadline(patience, (signal) => from.get({ rejected: null, signal }));

  const get = (url: string, headers: Record<string, string> = {}) =>
    withDeadline(patience, (signal) => exchange.send({ method: 'GET', url, headers, limit: ANSWER_LIMIT, signal }));

  const isForeign = (member: { tenantId?: string | undefined }): boolean =>
    member.tenantId?.toLowerCase() !== tenantId.toLowerCase();

  return {
    async signIn() {
      await tokenOf(tokens);
    },
    async keys() {
      const { status, body } = await get(config.openIdMetadataUrl);
      return status === 200 && Metadata.safeParse(parseJson(body.toString())).success;
    },
    async graphRoles() {
      return rolesOf(await tokenOf(graphTokens));
    },
    async group(id) {
      // What the bot itself asks of groups, so that the same permission is tried.
      const path = `/v1.0/groups/${encodeURIComponent(id)}/transitiveMembers/microsoft.graph.user?$select=id&$top=1`;
      const headers = { Authorization: `Bearer ${await tokenOf(graphTokens)}` };
      const { status, body } = await get(`${graphUrl}${path}`, headers);
      if (status === 404) return 'missing';
      const page = Page.safeParse(parseJson(body.toString()));
      if (status !== 200 || !page.success) return { status };
      return page.data.value.length === 0 ? 'empty' : 'there';
    },
    async channel(id) {
      const url = await places.serviceUrl(id).catch(() => null);
      if (url === null) return 'unheard';
      const place = await places.of(id);
      try {
        const members = await connector.members(url, id);
        return { name: place?.name ?? null, shared: place?.membership === 'shared' || members.some(isForeign) };
      } catch (error) {
        throw chatError(error, 'other');
      }
    },
    async post(channel, card) {
      const graph = createGraph({ graphUrl, tokens: graphTokens, exchange, log });
      const entraGroups = (): string[] => [];
      const chats = createPrivateChats(connector);
      const chat = createPost({
        connector,
        places,
        channels: createChannels({ connector, places, tenantId, channels: () => [channel], log }),
        identify: createIdentify({ tenantId, connector, graph, places, channels: () => [channel], entraGroups, log }),
        whisper: createWhisper({ connector, places, chats }),
        chats,
        // Never started: a refused token must not be asked about again and again.
        account: { ...createAccount({ tokens, log }), lost: () => undefined },
        backoff: createBackoff(),
        lists: createGroupLists({ graph, entraGroups, log }),
      });
      await chat.post(channel, card);
    },
    close: exchange.close,
  };
}
