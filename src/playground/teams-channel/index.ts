import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createTokenService, TOKEN_ENDPOINT } from '../entra-tokens.ts';
import type { TeamsChannel } from './channel.ts';
import { click, look } from './click.ts';
import { CONNECTOR_AUDIENCE, createConnector } from './connector.ts';
import { createControl } from './control.ts';
import { createDeliveries } from './deliver.ts';
import { submit, submitDialog } from './dialogs.ts';
import { createFaults } from './faults.ts';
import { createGraph } from './graph.ts';
import { createPacing, type Pace, TEAMS_PACE } from './pacing.ts';
import { TENANT_ID } from './people.ts';
import { search } from './search.ts';
import { beforehand, serve } from './serve.ts';
import { createSigner } from './sign.ts';
import { createState } from './state.ts';
import { say, update } from './talk.ts';
import { waitFor } from './wait-for.ts';
import { accepted } from './wire.ts';

export type { TeamsChannel } from './channel.ts';
export type { Click, Clicked, Shown } from './click.ts';
export type { Oddity } from './deliver.ts';
export type { Submit, SubmitDialog, Submitted } from './dialogs.ts';
export type { FaultInput, Operation } from './faults.ts';
export { type Pace, TEAMS_PACE } from './pacing.ts';
export {
  BOT_NAME,
  CONVERSATIONS,
  GROUPS,
  mriOf,
  OTHER_TENANT_ID,
  PEOPLE,
  personalChat,
  TEAM,
} from './people.ts';
export type { Found, Search } from './search.ts';
export type { TokenOddity } from './sign.ts';
export type { Said, Say } from './talk.ts';
export type * from './view.ts';

export interface TeamsChannelOptions {
  /** The bot's application id. */
  appId: string;
  /** Its client secret. */
  appPassword: string;
  /** PEM of certificates (public keys will do) that may stand in for the secret. */
  certificates?: readonly string[];
  tenantId?: string;
  /** Where activities are sent: `http://127.0.0.1:3000/api/messages`. May be set later. */
  botUrl?: string;
  /** 0 unless set: any free one. */
  port?: number;
  /** Milliseconds since 1970; the machine's clock unless set. */
  now?: () => number;
  /** Teams' own limits unless set. */
  pace?: Pace | 'off';
  /** How long the bot may take to answer, in milliseconds; 10,000 unless set. */
  invokeTimeout?: number;
  /** How long a token for the bot lasts; an hour unless set. */
  tokenSeconds?: number;
  /** The application permissions of Graph that were consented to; unless set, those that the bot asks for. */
  graphRoles?: readonly string[];
}

/** Teams gives up on an answer after about so long. */
const PATIENCE = 10_000;
const GRAPH_ROLES = ['User.Read.All', 'GroupMember.Read.All'];
/** Graph's own name; a stand-in's tokens may name its address instead. */
const GRAPH = 'https://graph.microsoft.com';
const METADATA = '/v1/.well-known/openidconfiguration';
const KEYS = '/v1/.well-known/keys';

/** Starts a strict stand-in for Teams: token endpoint, keys, Connector, signed activities, limits, and trouble on demand. */
export async function startTeamsChannel(options: TeamsChannelOptions): Promise<TeamsChannel> {
  const { appId, tenantId = TENANT_ID } = options;
  const now = options.now ?? Date.now;
  const state = createState({ tenantId, appId }, now);
  const faults = createFaults();
  const signer = createSigner({ appId, now });
  let botUrl = options.botUrl ?? '';
  let url = '';
  let region = 'amer';
  const regions = new Set([region]);
  let graphRoles = options.graphRoles ?? GRAPH_ROLES;
  const graphAudiences = () => [GRAPH, url];
  const serviceUrl = () => `${url}/${region}/`;

  const tokens = createTokenService({
    identity: {
      tenantId,
      clientId: appId,
      clientSecret: options.appPassword,
      certificates: options.certificates ?? [],
    },
    time: now,
    tokenSeconds: () => options.tokenSeconds ?? 3599,
    rolesFor: (resource) => {
      if (graphAudiences().includes(resource)) return graphRoles;
      return resource === CONNECTOR_AUDIENCE ? [] : null;
    },
    answered: (request, status, error) =>
      state.addCall({ method: request.method, path: request.path, status, error, problems: [] }),
  });
  const deliveries = createDeliveries({
    state,
    signer,
    botUrl: () => botUrl,
    serviceUrl,
    patience: options.invokeTimeout ?? PATIENCE,
  });
  const pacing = createPacing(now, options.pace ?? TEAMS_PACE);
  const talk = { state, deliveries, serviceUrl };

  const app = express().disable('x-powered-by').disable('etag');
  app.get(
    METADATA,
    serve({ state, faults }, { operation: 'openid', answer: () => accepted(200, signer.metadata(`${url}${KEYS}`)) }),
  );
  app.get(KEYS, serve({ state, faults }, { operation: 'keys', answer: () => accepted(200, signer.keys()) }));
  app.post(TOKEN_ENDPOINT, beforehand({ state, faults }, 'token'));
  app.use(tokens.router);
  app.use(createConnector({ state, faults, tokens, pacing, isRegion: (name) => regions.has(name) }));
  app.use(createGraph({ state, faults, tokens, audiences: graphAudiences, baseUrl: () => url }));
  app.use(
    '/_control',
    createControl(() => channel),
  );
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const onChange = (listener: () => void): (() => void) => {
    state.events.on('change', listener);
    return () => void state.events.off('change', listener);
  };

  const channel: TeamsChannel = {
    url,
    get serviceUrl() {
      return serviceUrl();
    },
    loginUrl: url,
    openIdMetadataUrl: `${url}${METADATA}`,
    graphUrl: url,
    tenantId,
    state: state.snapshot,
    onChange,
    waitFor: (test, timeout = 5000) => waitFor(() => test(state.snapshot()), onChange, timeout),
    setBotUrl: (next) => {
      botUrl = next;
    },
    setServiceUrl: (path, old = 'gone') => {
      if (old === 'gone') regions.clear();
      region = path.replaceAll('/', '');
      regions.add(region);
    },
    say: (words) => say(talk, words),
    click: (how) => click(talk, how),
    look: (who) => look(talk, who),
    submit: (how) => submit(talk, how),
    submitDialog: (how) => submitDialog(talk, how),
    closeDialog: state.closeDialog,
    search: (how) => search(talk, how),
    changePerson: state.changePerson,
    setGroups: state.setGroups,
    setGraphRoles: (roles) => {
      graphRoles = roles;
    },
    update: (kind, conversation, oddity) => update(talk, kind, conversation, oddity),
    deliverRaw: deliveries.raw,
    replay: deliveries.replay,
    fault: faults.add,
    clearFaults: faults.clear,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return channel;
}
