import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { createTokenService } from '../../src/playground/entra-tokens.ts';
import { createSigner } from '../../src/playground/teams-channel/sign.ts';
import type { Identity } from './people.ts';

/** One call that passed, with its answer. Bodies are parsed where they are JSON. */
export interface Passed {
  from: 'emulator' | 'bot';
  method: string;
  /** Below the service URL for the bot's calls. */
  path: string;
  body: unknown;
  status: number;
  answer: unknown;
}

/** Stands between the emulator, which signs nothing, and the bot, which takes nothing unsigned. */
export interface GoBetween {
  /** Where the emulator sends activities, and what it names as its service URL. */
  messagesUrl: string;
  serviceUrl: string;
  /** For TEAMS_LOGIN_URL and TEAMS_OPENID_METADATA_URL. */
  loginUrl: string;
  openIdMetadataUrl: string;
  passed: Passed[];
  /** Who is behind it; both start later than this. */
  connect(ends: { botUrl?: string; emulatorUrl?: string }): void;
  /** Resolves with what `test` gives as soon as it is truthy; rejects after `timeout` milliseconds. */
  waitFor<T>(
    what: string,
    test: (passed: readonly Passed[]) => T | null | undefined | false,
    timeout?: number,
  ): Promise<T>;
  close(): Promise<void>;
}

const AUDIENCE = 'https://api.botframework.com';
const METADATA = '/v1/.well-known/openidconfiguration';
const KEYS = '/v1/.well-known/keys';

/** Starts it on loopback, with the token and key services of the stand-in. */
export async function startGoBetween({ appId, appPassword, tenantId }: Identity): Promise<GoBetween> {
  const signer = createSigner({ appId, now: Date.now });
  const tokens = createTokenService({
    identity: { tenantId, clientId: appId, clientSecret: appPassword, certificates: [] },
    time: Date.now,
    tokenSeconds: () => 3599,
    rolesFor: (resource) => (resource === AUDIENCE ? [] : null),
  });
  const passed: Passed[] = [];
  const watchers = new Set<() => void>();
  const ends = { botUrl: '', emulatorUrl: '' };
  let url = '';

  /** Passes a call on, and its answer back. */
  async function pass(
    request: Request,
    response: Response,
    to: Pick<Passed, 'from' | 'path'> & { url: string; token?: string },
  ) {
    const { method } = request;
    const raw = Buffer.isBuffer(request.body) && request.body.length > 0 ? request.body : undefined;
    const answer = await fetch(to.url, {
      method,
      redirect: 'manual',
      ...(raw === undefined ? {} : { body: new Uint8Array(raw) }),
      headers: {
        'content-type': request.headers['content-type'] ?? 'application/json',
        ...(to.token === undefined ? {} : { authorization: `Bearer ${to.token}` }),
      },
    });
    const text = await answer.text();
    passed.push({
      ...{ from: to.from, method, path: to.path, status: answer.status },
      ...{ body: parsed(raw?.toString() ?? ''), answer: parsed(text) },
    });
    response
      .status(answer.status)
      .type(answer.headers.get('content-type') ?? 'application/json')
      .send(text);
    for (const watcher of watchers) watcher();
  }

  const app = express().disable('x-powered-by').disable('etag');
  app.get(METADATA, (_request, response) => void response.json(signer.metadata(`${url}${KEYS}`)));
  app.get(KEYS, (_request, response) => void response.json(signer.keys()));
  app.use(tokens.router);
  app.use(express.raw({ type: () => true, limit: '2mb' }));
  // The emulator looks whether anybody is there.
  app.head('/api/messages', (_request, response) => void response.status(405).end());
  app.post('/api/messages', (request, response) =>
    pass(request, response, {
      from: 'emulator',
      path: '/api/messages',
      url: ends.botUrl,
      token: signer.token(`${url}/connector/`),
    }),
  );
  app.use('/connector', (request, response, next) => {
    const path = request.url.replace(/^\/+/, '/');
    if (tokens.verify(request.headers.authorization)?.aud !== AUDIENCE) {
      passed.push({ from: 'bot', method: request.method, path, body: null, status: 401, answer: null });
      response.status(401).end();
      return;
    }
    pass(request, response, {
      from: 'bot',
      path: decodeURIComponent(path),
      url: `${ends.emulatorUrl}/_connector${path}`,
    }).catch(next);
  });
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    messagesUrl: `${url}/api/messages`,
    serviceUrl: `${url}/connector/`,
    loginUrl: url,
    openIdMetadataUrl: `${url}${METADATA}`,
    passed,
    connect: (found) => void Object.assign(ends, found),
    waitFor(what, test, timeout = 30_000) {
      return new Promise((resolve, reject) => {
        const end = (then: () => void) => {
          clearTimeout(timer);
          watchers.delete(look);
          then();
        };
        const look = () => {
          const found = test(passed);
          if (found) end(() => resolve(found));
        };
        const timer = setTimeout(() => end(() => reject(new Error(`Waited in vain for ${what}.`))), timeout);
        watchers.add(look);
        look();
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
