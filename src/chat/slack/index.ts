import type { Router } from 'express';
import type { Chat, Clock, Log, Metrics } from '../../flow/ports.ts';
import { isLoopback } from '../../model/hosts.ts';
import { soon } from '../acknowledge.ts';
import { createInFlight } from '../in-flight.ts';
import type { Inbox } from '../inbox.ts';
import { createBolt, createHttpReceiver } from './bolt.ts';
import { createChannels } from './channels.ts';
import { createClient } from './client.ts';
import { createFind } from './find.ts';
import { createModals } from './form/open.ts';
import { createGroupLists } from './group-lists.ts';
import { createPermalinks } from './home/permalinks.ts';
import { createPublishHome } from './home/publish.ts';
import { createIdentify } from './identify.ts';
import { listen } from './listen.ts';
import { createPost } from './post.ts';
import { createSocket, type Socket } from './socket.ts';
import type { SocketTimes } from './socket-links.ts';
import { createUserGroups } from './user-groups.ts';
import { createWhisper } from './whisper.ts';
import { createWorkspace } from './workspace.ts';

/** Slack gives three seconds; milliseconds. */
const ACK_BY = 2500;
const LEARNING_ENDS_WITHIN = 1_000;

/** What Slack needs. */
export interface SlackOptions {
  botToken: string;
  /** For HTTP; not looked at in Socket Mode. */
  signingSecret: string | null;
  /** Set: Socket Mode instead of HTTP. */
  appToken?: string | null;
  /** How patient its connections are; for tests. */
  socketTimes?: Partial<SocketTimes>;
  /** `https://slack.com/api/`, or a stand-in on this machine. */
  apiUrl: string;
  /** The policy's channels. */
  channels: () => readonly string[];
  /** The Slack user groups on which the policy rests now: none unless it trusts them. */
  userGroups: () => readonly string[];
  /** Of the process's HTTP server; gets `POST /slack/events`, over HTTP. No body parser may run before it. */
  router: Router;
  inbox: Pick<Inbox, 'typed' | 'clicked' | 'tell' | 'suggest' | 'home'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** When a delivery that isn't stored yet is acknowledged all the same, in milliseconds: 2500, within Slack's three seconds. */
  ackBy?: number;
}

/** Slack as a platform. */
export interface Slack {
  chat: Chat;
  /** Learns in the background who the bot is and what its channels are; deliveries are taken from the first moment on. */
  start(): void;
  /** Takes nothing more in Socket Mode, and returns at once; over HTTP that is up to the server. */
  takeNoMore(): void;
  /** Waits for deliveries and answers under way. The HTTP server must have stopped taking calls before. */
  stop(): Promise<void>;
  /** `degraded` until Slack has accepted the token, and while there is no connection in Socket Mode. */
  health(): 'ok' | 'degraded';
}

/** Puts Slack together on the router. */
export function createSlack(options: SlackOptions): Slack {
  const { inbox, clock, log, metrics, userGroups } = options;
  const client = createClient(options);
  const inFlight = createInFlight();
  const workspace = createWorkspace({ client, log });
  const channels = createChannels({ client, log });
  const whisper = createWhisper({ client, clock, loopback: isLoopback(new URL(options.apiUrl).hostname) });
  const find = createFind({ client, workspace, log });
  const members = createUserGroups({ client, userGroups, log });
  const identify = createIdentify({ client, workspace, userGroups: members });
  const lists = createGroupLists({ members, identify, userGroups, log });
  const socket = socketOf(options);
  const receiver = socket?.receiver ?? httpReceiverOf(options);
  const app = createBolt({ receiver, clock, log, metrics, inFlight });
  const policyChannels = options.channels;
  listen(app, {
    ...{ inbox, channels, policyChannels, workspace, whisper, inFlight, clock, log, metrics },
    modals: createModals({ client, channels, policyChannels, log }),
    publishHome: createPublishHome({ client, permalinks: createPermalinks({ client, log }), clock, log }),
    ackBy: options.ackBy ?? ACK_BY,
  });
  return {
    chat: createPost({ client, channels, identify, whisper, find, workspace, lists }),
    start() {
      socket?.start();
      workspace.start();
      channels.warm(options.channels());
      lists.start();
    },
    takeNoMore() {
      void socket?.stop();
    },
    async stop() {
      await socket?.stop();
      // What only learns may hang as long as Slack does; nobody waits for it.
      await soon(Promise.all([workspace.stop(), lists.stop()]), LEARNING_ENDS_WITHIN);
      await inFlight.drained();
    },
    health: () => (workspace.known() === null || socket?.isOpen() === false ? 'degraded' : 'ok'),
  };
}

function socketOf({ appToken, socketTimes = {}, ...options }: SlackOptions): Socket | null {
  if (appToken === undefined || appToken === null) return null;
  return createSocket({ ...options, appToken, times: socketTimes });
}

function httpReceiverOf({ signingSecret, ...options }: SlackOptions) {
  if (signingSecret === null) throw new TypeError('Slack needs a signing secret, or an app-level token.');
  return createHttpReceiver({ ...options, signingSecret });
}
