import type { Router } from 'express';
import { TEAMS_IDENTITY } from '../../config/identity.ts';
import { createTokens, type Tokens } from '../../entra/index.ts';
import type { Chat, Clock, Log, Metrics } from '../../flow/ports.ts';
import type { Credential } from '../../model/credential.ts';
import { isLoopback } from '../../model/hosts.ts';
import { createExchange } from '../../outbound/exchange.ts';
import { soon } from '../acknowledge.ts';
import { createInFlight } from '../in-flight.ts';
import type { Inbox } from '../inbox.ts';
import { createAccount } from './account.ts';
import { Activity, Envelope, tenantOf } from './activity.ts';
import { createAdapter, SCOPE } from './adapter.ts';
import { createBackoff } from './backoff.ts';
import { createChannels } from './channels.ts';
import { createConnector } from './connector.ts';
import { createGate, MESSAGES } from './gate.ts';
import { createGraph, GRAPH_SCOPE, type Graph } from './graph.ts';
import { createGroupLists } from './group-lists.ts';
import { installHush } from './hush.ts';
import { createIdentify } from './identify.ts';
import type { HttpAnswer } from './invoke.ts';
import { createListen } from './listen.ts';
import { createPlaces, type Memory } from './places.ts';
import { createPost } from './post.ts';
import { createPrivateChats } from './private-chats.ts';
import { isServiceUrl } from './service-urls.ts';
import { createWhisper } from './whisper.ts';

/** Teams shows an error to a clicker who waits long; milliseconds. */
const ANSWER_WITHIN = 2_200;
const LEARNING_ENDS_WITHIN = 1_000;
/** For one token. */
const SIGN_IN_WITHIN = 9_000;
/** For the proof of one activity: the keys may have to be fetched. */
const PROOF_WITHIN = 8_000;

/** What Teams needs. */
export interface TeamsOptions {
  appId: string;
  tenantId: string;
  credential: Credential;
  /** Without a slash at its end. */
  loginUrl: string;
  openIdMetadataUrl: string;
  /** Without a slash at its end. */
  graphUrl: string;
  /** Local stand-ins: service URLs on loopback are accepted, and nothing is asked of the real Graph about people. */
  standIn: boolean;
  /** The policy's channels. */
  channels: () => readonly string[];
  /** The Entra groups on which the policy rests now. */
  entraGroups: () => readonly string[];
  /** Of the process's HTTP server; gets `POST /api/messages`. No body parser may run before it. */
  router: Router;
  inbox: Inbox;
  memory: Memory;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** How long a click's answer is waited for, in milliseconds: 2200 unless set. */
  answerWithin?: number;
}

/** Teams as a platform. */
export interface Teams {
  chat: Chat;
  /** Signs in in the background; activities are taken from the first moment on. */
  start(): void;
  /** Waits for activities under way. The HTTP server must have stopped taking calls before. */
  stop(): Promise<void>;
  /** Ends its connections. Nothing may post any more. */
  close(): void;
  /** `degraded` until Entra has given a token for the bot. */
  health(): 'ok' | 'degraded';
}

/** Puts Teams together on the router. */
export function createTeams(options: TeamsOptions): Teams {
  const { appId, tenantId, standIn, inbox, clock, log, metrics } = options;
  const exchange = createExchange();
  const tokensFor = (scope: string, name: string): Tokens => {
    const target = { name, settings: TEAMS_IDENTITY };
    return createTokens({
      ...options,
      clientId: appId,
      scope,
      target,
      exchange,
      deadline: SIGN_IN_WITHIN,
      counted() {},
    });
  };
  const tokens = tokensFor(SCOPE, 'the Bot Framework');
  const places = createPlaces({ memory: options.memory, isServiceUrl: (url) => isServiceUrl(url, standIn) });
  const connector = createConnector({ appId, tenantId, tokens, exchange, standIn });
  const graphTokens = tokensFor(GRAPH_SCOPE, 'Microsoft Graph');
  const graph = directory(options, createGraph({ graphUrl: options.graphUrl, tokens: graphTokens, exchange, log }));
  const { channels: policyChannels, entraGroups } = options;
  const identify = createIdentify({ tenantId, connector, graph, places, channels: policyChannels, entraGroups, log });
  const lists = createGroupLists({ graph, entraGroups, log });
  const channels = createChannels({ connector, places, tenantId, channels: policyChannels, log });
  const account = createAccount({ tokens, log });
  const chats = createPrivateChats(connector);
  const whisper = createWhisper({ connector, places, chats });
  const inFlight = createInFlight();
  const adapter = createAdapter({ appId, tenantId, openIdMetadataUrl: options.openIdMetadataUrl });
  const answerWithin = options.answerWithin ?? ANSWER_WITHIN;
  const listen = createListen({ appId, inbox, places, identify, channels, clock, log, metrics, answerWithin });
  const unhush = installHush();

  /** Nothing of an activity is looked at before it is proved, but what the proof needs. */
  async function receive(body: object, authorization: string): Promise<HttpAnswer> {
    const envelope = Envelope.safeParse(body);
    if (!envelope.success) return BAD;
    const { channelId, serviceUrl } = envelope.data;
    if (channelId !== 'msteams' || !serviceUrl || !isServiceUrl(serviceUrl, standIn)) return UNPROVED;
    const began = clock.now();
    const outcome = await adapter.proved(body, authorization, PROOF_WITHIN, async () => {
      const activity = Activity.safeParse(body);
      if (!activity.success) return BAD;
      if (!isHome(activity.data)) return UNPROVED;
      const answer = await listen(activity.data);
      metrics.acknowledged('teams', (clock.now() - began) / 1000);
      return answer;
    });
    return outcome === 'unproved' ? UNPROVED : outcome;
  }

  function isHome(activity: Activity): boolean {
    return tenantOf(activity)?.toLowerCase() === tenantId.toLowerCase();
  }

  options.router.post(
    MESSAGES,
    ...createGate({ log, metrics, receive: (body, authorization) => inFlight.run(() => receive(body, authorization)) }),
  );
  return {
    chat: createPost({
      connector,
      places,
      channels,
      identify,
      whisper,
      chats,
      account,
      backoff: createBackoff(),
      lists,
    }),
    start() {
      account.start();
      adapter.warm();
      lists.start();
      channels.warm();
    },
    async stop() {
      // What only learns may hang as long as Teams does; nobody waits for it.
      await soon(Promise.all([account.stop(), lists.stop(), channels.drained()]), LEARNING_ENDS_WITHIN);
      await inFlight.drained();
      unhush();
    },
    close: exchange.close,
    health: () => (account.accepted() ? 'ok' : 'degraded'),
  };
}

const BAD: HttpAnswer = { status: 400, body: null };
const UNPROVED: HttpAnswer = { status: 401, body: null };

/** Beside stand-ins of Teams the real Graph knows nobody: it is asked only where the policy's groups make it necessary. */
function directory(options: TeamsOptions, graph: Graph): Graph {
  const real = !isLoopback(new URL(options.graphUrl).hostname);
  return options.standIn && real ? { ...graph, user: () => Promise.resolve('silent') } : graph;
}
