import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFENDER_IDENTITY, TEAMS_IDENTITY } from '../../src/config/identity.ts';
import { createTokens, type Outcome, type Target, type TokenOptions } from '../../src/entra/index.ts';
import { createExchange } from '../../src/outbound/exchange.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const CLIENT = '99999999-2222-4333-8444-555555555555';
export const SECRET = { kind: 'secret', secret: 'hush-hush' } as const;

export const DEFENDER: Target = { name: 'Defender', settings: DEFENDER_IDENTITY };
export const BOT: Target = { name: 'the Bot Framework', settings: TEAMS_IDENTITY };

/** What a test's service saw of one request. */
export interface Asked {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  form: URLSearchParams;
}

export type Answer = (asked: Asked, res: ServerResponse) => unknown;

/** A service of a test on loopback, which answers as it is told. */
export interface Service {
  url: string;
  asked: Asked[];
  answer: Answer;
  close(): Promise<void>;
}

export async function startService(answer: Answer): Promise<Service> {
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', () => {
      const asked: Asked = {
        method: req.method ?? '',
        url: new URL(req.url ?? '', service.url),
        headers: req.headers,
        form: new URLSearchParams(body),
      };
      service.asked.push(asked);
      Promise.resolve(service.answer(asked, res)).catch((error: unknown) => json(res, 500, { wrong: String(error) }));
    });
  });
  const service: Service = {
    url: '',
    asked: [],
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return service;
}

export function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** An error as Entra writes it. */
export function aadError(res: ServerResponse, status: number, error: string, description: string): void {
  const description_ = `${description} Trace ID: 1-2 Correlation ID: 3-4 Timestamp: 2026-11-24 10:00:00Z`;
  json(res, status, { error, error_description: description_, error_codes: [1] });
}

/** Tokens from a service, with what was counted in plain sight. */
export function tokensOf(loginUrl: string, more: Partial<TokenOptions> = {}) {
  const counted: Outcome[] = [];
  const exchange = createExchange();
  const tokens = createTokens({
    loginUrl,
    tenantId: TENANT,
    clientId: CLIENT,
    credential: SECRET,
    scope: 'https://api.example/.default',
    target: DEFENDER,
    exchange,
    deadline: 2_000,
    counted: (outcome) => counted.push(outcome),
    ...more,
  });
  const signal = new AbortController().signal;
  return {
    counted,
    get: (rejected: string | null = null) => tokens.get({ rejected, signal }),
    close: () => exchange.close(),
  };
}
