import type { Router } from 'express';
import type { Chat, Clock, Log, Metrics } from '../../flow/ports.ts';
import { isLoopback } from '../../model/hosts.ts';
import { soon } from '../acknowledge.ts';
import { createInFlight } from '../in-flight.ts';
import type { Inbox } from '../inbox.ts';
import { createBolt } from './bolt.ts';
import { createChannels } from './channels.ts';
import { createClient } from './client.ts';
import { createGroupLists } from './group-lists.ts';
import { createIdentify } from './identify.ts';
import { listen } from './listen.ts';
import { createPost } from './post.ts';
import { createUserGroups } from './user-groups.ts';
import { createWhisper } from './whisper.ts';
import { createWorkspace } from './workspace.ts';

/** Slack gives three seconds; milliseconds. */
const ACK_BY = 2500;
const LEARNING_ENDS_WITHIN = 1_000;

/** What Slack needs. */
export interface SlackOptions {
  botToken: string;
  signingSecret: string;
  /** `https://slack.com/api/`, or a stand-in on this machine. */
  apiUrl: string;
  /** The policy's channels. */
  channels: () => readonly string[];
  /** The Slack user groups on which the policy rests now: none unless it trusts them. */
  userGroups: () => readonly string[];
  /** Of the process's HTTP server; gets `POST /slack/events`. No body parser may run before it. */
  router: Router;
  inbox: Pick<Inbox, 'typed' | 'clicked'>;
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
  /** Waits for deliveries and answers under way. The HTTP server must have stopped taking calls before. */
  stop(): Promise<void>;
  /** `degraded` until Slack has accepted the token. */
  health(): 'ok' | 'degraded';
}

/** Puts Slack together on the router. */
export function createSlack(options: SlackOptions): Slack {
  const { router, inbox, clock, log, metrics, userGroups } = options;
  const client = createClient(options);
  const inFlight = createInFlight();
  const workspace = createWorkspace({ client, log });
  const channels = createChannels({ client, log });
  const whisper = createWhisper({ client, clock, loopback: isLoopback(new URL(options.apiUrl).hostname) });
  const members = createUserGroups({ client, userGroups, log });
  const identify = createIdentify({ client, workspace, userGroups: members });
  const lists = createGroupLists({ members, identify, userGroups, log });
  const app = createBolt({ signingSecret: options.signingSecret, router, clock, log, metrics, inFlight });
  listen(app, { inbox, channels, workspace, whisper, inFlight, clock, log, metrics, ackBy: options.ackBy ?? ACK_BY });
  return {
    chat: createPost({ client, channels, identify, whisper, workspace, lists }),
    start() {
      workspace.start();
      channels.warm(options.channels());
      lists.start();
    },
    async stop() {
      // What only learns may hang as long as Slack does; nobody waits for it.
      await soon(Promise.all([workspace.stop(), lists.stop()]), LEARNING_ENDS_WITHIN);
      await inFlight.drained();
    },
    health: () => (workspace.known() === null ? 'degraded' : 'ok'),
  };
}
