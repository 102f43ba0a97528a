import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createControl } from './control.ts';
import { createDeliveries } from './deliver.ts';
import { createFaults, type Trouble, type Wait } from './faults.ts';
import { createHomePeople } from './home-people.ts';
import { createModalPeople } from './modal-people.ts';
import { createPacing, type Pace, SLACK_PACE } from './pacing.ts';
import { APP, type Channel, type Member } from './people.ts';
import { createResponseUrls } from './response-url.ts';
import { createSocketMode, type SocketTimes } from './socket-mode.ts';
import { createState } from './state.ts';
import { createWebApi, type Heard } from './web-api.ts';
import type { SlackWorkspace } from './workspace.ts';

export type { ButtonClick, Oddity, TypedCommand } from './deliver.ts';
export type { FaultInput, Incoming } from './faults.ts';
export type { HomeTab } from './homes.ts';
export type { Filled } from './modal-people.ts';
export type { Modal } from './modals.ts';
export type { Pace } from './pacing.ts';
export { APP, type Channel, type Member } from './people.ts';
export type { Signing } from './sign.ts';
export type { Call, Delivery, Ephemeral, Message, Snapshot } from './state.ts';
export type { Subscription, UserGroup } from './user-groups.ts';
export type { SlackWorkspace } from './workspace.ts';

export interface SlackWorkspaceOptions {
  /** What the bot must present as a bearer token. */
  botToken: string;
  signingSecret: string;
  /** Set: the app is in Socket Mode, and nothing is sent to `botUrl`. */
  appToken?: string;
  /** How patient Socket Mode is; as Slack unless set. */
  socketTimes?: Partial<SocketTimes>;
  /** Where commands, clicks and events are sent: `http://127.0.0.1:3000/slack/events`. May be set later. */
  botUrl?: string;
  /** 0 unless set: any free one. */
  port?: number;
  /** Milliseconds since 1970; the machine's clock unless set. */
  now?: () => number;
  /** Slack's own limits unless set. */
  pace?: Pace | 'off';
  /** Who and what there is besides those who are always there. */
  members?: readonly Member[];
  channels?: readonly Channel[];
  /** Asked at each call that the limits let through. */
  trouble?: Trouble;
  /** Told of each call of the Web API. */
  heard?: Heard;
  /** How time passes here, so that a call that hangs can be given up; needed with `now`. */
  wait?: Wait;
}

/** Starts a strict stand-in for Slack: Web API, response_urls, signed deliveries, limits, and trouble on demand. */
export async function startSlackWorkspace(options: SlackWorkspaceOptions): Promise<SlackWorkspace> {
  const now = options.now ?? Date.now;
  const state = createState(now);
  state.members.push(...(options.members ?? []));
  state.channels.push(...(options.channels ?? []));
  const faults = createFaults(options);
  const pacing = createPacing(now, options.pace ?? SLACK_PACE);
  let botUrl = options.botUrl ?? '';
  let url = '';
  const urls = createResponseUrls({ state, faults, now, baseUrl: () => url });
  const { appToken = null } = options;
  const socketMode =
    appToken === null
      ? null
      : createSocketMode({
          baseUrl: () => url,
          times: options.socketTimes,
          changed: () => void state.events.emit('change'),
        });
  const deliveries = createDeliveries({
    state,
    urls,
    now,
    secret: options.signingSecret,
    botUrl: () => botUrl,
    socketMode,
  });

  const app = express().disable('x-powered-by');
  app.use(
    '/api',
    createWebApi({ state, faults, pacing, token: options.botToken, appToken, socketMode, heard: options.heard }),
  );
  app.use(urls.router());
  app.use(
    '/_control',
    createControl(() => workspace),
  );
  const server = createServer(app);
  if (socketMode) server.on('upgrade', socketMode.upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const onChange = (listener: () => void): (() => void) => {
    state.events.on('change', listener);
    return () => void state.events.off('change', listener);
  };

  const workspace: SlackWorkspace = {
    apiUrl: `${url}/api/`,
    url,
    state: state.snapshot,
    look: () => state,
    onChange,
    waitFor: (test, timeout = 5000) => waitFor(() => test(state.snapshot()), onChange, timeout),
    command: deliveries.command,
    click: deliveries.click,
    say: deliveries.say,
    ...createModalPeople({ state, urls, interact: deliveries.interact }),
    ...createHomePeople({ state, interact: deliveries.interact, tell: deliveries.tell }),
    deliverRaw: deliveries.deliverRaw,
    replay: deliveries.replay,
    fault: faults.add,
    clearFaults: faults.clear,
    socketMode,
    setBotUrl: (next) => {
      botUrl = next;
    },
    setMember: state.setMember,
    setUserGroup: state.setUserGroup,
    setSubscription: (changes) => void Object.assign(state.subscription, changes),
    invite: (id) => {
      const channel = state.channel(id);
      if (!channel) throw new Error(`No such channel: ${id}`);
      if (!channel.members.includes(APP.userId)) channel.members.push(APP.userId);
      state.events.emit('change');
    },
    stop: () =>
      new Promise((resolve) => {
        socketMode?.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return workspace;
}

function waitFor<T>(
  test: () => T | null | undefined | false,
  onChange: (listener: () => void) => () => void,
  timeout: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const found = test();
      if (!found) return;
      finish();
      resolve(found);
    };
    const timer = setTimeout(() => {
      finish();
      reject(new Error(`The workspace didn't come to that within ${timeout} ms.`));
    }, timeout);
    const off = onChange(look);
    const finish = (): void => {
      clearTimeout(timer);
      off();
    };
    look();
  });
}
