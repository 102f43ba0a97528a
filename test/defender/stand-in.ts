import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createDefender, type DefenderClient, type DefenderOptions } from '../../src/defender/client.ts';

export interface Seen {
  method: string;
  /** Decoded, with the query. */
  path: string;
  rawPath: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Handler = (seen: Seen, res: ServerResponse) => void;

/** A tiny server of a test: what it saw, and how it answers. */
export interface StandIn {
  url: string;
  seen: Seen[];
  /** Sign-ins so far; token n is named in `tokens[n - 1]`. */
  tokens: string[];
  /** Roles of the tokens it gives. */
  roles: string[];
  /** Answers the sign-in instead, when set. */
  signIn: Handler | null;
  /** TCP connections so far. */
  connections: number;
  close(): Promise<void>;
}

export const TENANT = '11111111-2222-4333-8444-555555555555';

/** Serves the token endpoint itself and everything else by the handler. */
export async function startStandIn(handler: Handler, tls?: { key: string; cert: string }): Promise<StandIn> {
  const listener: RequestListener = (req, res) => {
    let body = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', () => {
      const rawPath = req.url ?? '';
      const seen: Seen = {
        method: req.method ?? '',
        path: decodeURIComponent(rawPath),
        rawPath,
        headers: req.headers,
        body,
      };
      if (rawPath.startsWith(`/${TENANT}/oauth2/v2.0/token`)) return (standIn.signIn ?? giveToken)(seen, res);
      standIn.seen.push(seen);
      handler(seen, res);
    });
  };
  const giveToken: Handler = (_seen, res) => {
    const claims = Buffer.from(JSON.stringify({ roles: standIn.roles })).toString('base64url');
    const token = `e30.${claims}.${standIn.tokens.length + 1}`;
    standIn.tokens.push(token);
    json(res, 200, { token_type: 'Bearer', expires_in: 3599, access_token: token });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const standIn: StandIn = {
    url: '',
    seen: [],
    tokens: [],
    roles: ['Machine.LiveResponse'],
    signIn: null,
    connections: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on('connection', () => {
    standIn.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const scheme = tls === undefined ? 'http' : 'https';
  standIn.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return standIn;
}

export function json(res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** The usual error body of the service. */
export function refusal(res: ServerResponse, status: number, code: string, message: string, headers = {}): void {
  json(res, status, { error: { code, message, target: 'c0ffee' } }, headers);
}

/** A client of a stand-in with its metrics, log and budget in plain sight. Deadlines are short. */
export function clientOf(url: string, more: Partial<DefenderOptions> = {}) {
  const counted: string[] = [];
  const logged: string[] = [];
  const blocked: number[] = [];
  const purposes: string[] = [];
  const waits: number[] = [];
  const write = (facts: object, message: string) => logged.push(`${JSON.stringify(facts)} ${message}`);
  const client: DefenderClient = createDefender({
    apiUrl: url,
    loginUrl: url,
    scope: 'https://api.securitycenter.microsoft.com/.default',
    tenantId: TENANT,
    clientId: '99999999-2222-4333-8444-555555555555',
    credential: { kind: 'secret', secret: 'hush-hush' },
    clock: { now: () => Date.now() },
    log: { debug: write, info: write, warn: write, error: write },
    metrics: {
      defenderCall: (endpoint, status) => counted.push(`${endpoint} ${status}`),
      throttled: () => counted.push('throttled'),
    },
    budget: {
      async takeRead(purpose) {
        purposes.push(purpose);
        return { wait: waits.shift() ?? 0, outage: false };
      },
      async readEnded() {},
      async blockReads(until) {
        blocked.push(until);
      },
    },
    ...more,
    timing: { deadline: 2_000, patience: 500, pause: 5, ...more.timing },
  });
  return { client, counted, logged, blocked, purposes, waits };
}

export const ACTION_ID = '5382f7ea-7557-4ab7-9782-d50480024a4e';
export const MACHINE_ID = '7b1f4967d9728e5aa3c06a9e617a22a4a5a17378';

/** A live response action as Defender writes it. */
export function wireAction(more: object = {}): object {
  return {
    '@odata.context': 'https://api.security.microsoft.com/api/$metadata#MachineActions/$entity',
    id: ACTION_ID,
    type: 'LiveResponse',
    requestor: '99999999-2222-4333-8444-555555555555',
    requestorComment: '[LR-8K3F2Q.1] testing',
    status: 'Pending',
    machineId: MACHINE_ID,
    computerDnsName: 'ws-042.corp.example',
    creationDateTimeUtc: '2026-11-24T15:36:52.7788848Z',
    lastUpdateDateTimeUtc: '2026-11-24T15:36:52.77Z',
    commands: [
      {
        index: 0,
        startTime: null,
        endTime: null,
        commandStatus: 'Created',
        errors: [],
        command: { type: 'RunScript', params: [{ key: 'ScriptName', value: 'minidump.ps1' }] },
      },
    ],
    ...more,
  };
}
