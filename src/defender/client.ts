import { createTokens, rolesOf } from '../entra/index.ts';
import { AppError } from '../errors.ts';
import type { Clock, Defender, Log, Metrics } from '../flow/ports.ts';
import type { Credential } from '../model/credential.ts';
import type { Time } from '../model/request.ts';
import { createExchange, withDeadline } from '../outbound/exchange.ts';
import { createActions } from './actions.ts';
import { createFileFacts } from './file-facts.ts';
import { isSafe, portalOf } from './hosts.ts';
import { createApi, type ReadBudget, type Timing } from './http.ts';
import { createLibrary } from './library.ts';
import { liveResponsesSince, type TenantAction } from './live-responses.ts';
import { createMachines } from './machines.ts';
import { unansweredOr } from './read-errors.ts';
import { createResults } from './results.ts';
import { DEFENDER, forDefender } from './sign-in.ts';
import { submit } from './submit.ts';

export interface DefenderOptions {
  /** `https://api.security.microsoft.com`, without `/api`. */
  apiUrl: string;
  loginUrl: string;
  scope: string;
  tenantId: string;
  clientId: string;
  credential: Credential;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'defenderCall' | 'throttled'>;
  budget: ReadBudget;
  timing?: Partial<Timing>;
  /** A certificate authority (PEM) to trust instead of the usual ones. */
  ca?: string;
}

/** The client, with what only `doctor` and shutting down need. */
export interface DefenderClient extends Defender {
  /** Signs in and tells the application permissions that the token grants. Throws DefenderError. */
  checkToken(): Promise<string[]>;
  /** All live response actions of the tenant since then, whoever started them. Throws DefenderError. */
  liveResponses(since: Time): Promise<TenantAction[]>;
  close(): void;
}

const TIMING: Timing = { deadline: 30_000, patience: 3_000, pause: 500 };

/** Defender for Endpoint over HTTP. Nothing is called before the first use. Throws AppError `config` for plain http. */
export function createDefender(options: DefenderOptions): DefenderClient {
  const { apiUrl, clock, log, metrics, budget } = options;
  if (!isSafe(apiUrl)) throw new AppError('config', 'DEFENDER_API_URL must be https, except on this machine itself.');
  if (!isSafe(options.loginUrl)) {
    throw new AppError('config', 'DEFENDER_LOGIN_URL must be https, except on this machine itself.');
  }
  const timing = { ...TIMING, ...options.timing };
  const { deadline } = timing;
  const trust = options.ca === undefined ? {} : { ca: options.ca };
  const exchange = createExchange(trust);
  const signIn = createTokens({
    loginUrl: options.loginUrl,
    tenantId: options.tenantId,
    clientId: options.clientId,
    credential: options.credential,
    scope: options.scope,
    target: DEFENDER,
    exchange,
    deadline,
    counted: (outcome) => metrics.defenderCall('token', outcome),
  });
  const tokens = forDefender(signIn);
  const api = createApi({ apiUrl, tokens, exchange, timing, budget, clock, log, metrics });
  const machines = createMachines({ api, log });
  const results = { apiUrl, api, exchange, clock, deadline };
  const { resultLink, behindLink, scriptResult } = createResults(results);
  const once = { api, tokens, exchange, clock, deadline, ...trust };
  const library = createLibrary({ ...once, log });

  return {
    findMachines: machines.findMachines,
    machinesNamed: machines.machinesNamed,
    machinesWith: machines.machinesWith,
    machine: machines.machine,
    machinesBy: machines.machinesBy,
    library: library.library,
    deleteFile: library.deleteFile,
    async signIn() {
      const token = withDeadline(deadline, (signal) => tokens.get({ rejected: null, signal }));
      await token.catch(unansweredOr);
    },
    submit: (machineId, body, gate) => submit(once, machineId, body, gate),
    ...createActions({ api, clock, log }),
    liveResponses: (since) => liveResponsesSince({ api, log }, since, 'people'),
    resultLink,
    scriptResult,
    fileFacts: createFileFacts({ ...results, behindLink }),
    portalUrl: (machineId) => `${portalOf(apiUrl)}/machines/${encodeURIComponent(machineId)}`,
    async checkToken() {
      const token = withDeadline(deadline, (signal) => tokens.get({ rejected: null, signal }));
      return rolesOf(await token.catch(unansweredOr));
    },
    close() {
      machines.close();
      library.close();
      exchange.close();
    },
  };
}
