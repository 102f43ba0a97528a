import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Router } from 'express';
import { AppError } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import { createAnswers } from './answers.ts';
import { createProbes, type Health } from './health.ts';
import type { MetricsText } from './metrics.ts';

/** What the server needs. Ports: 0 lets the system choose; `metricsPort` null means no metrics. */
export interface HttpOptions {
  host: string;
  port: number;
  metricsPort: number | null;
  log: Log;
  health: () => Promise<Health>;
  metrics: MetricsText;
  results: Router;
}

/** The process's HTTP server, before it listens. */
export interface HttpServer {
  app: Express;
  /** Where platforms mount what they receive on: `/slack/events`. */
  platforms: Router;
  /** Throws AppError `config` that names the variable where an address can't be listened on. */
  listen(): Promise<Listening>;
}

export interface Listening {
  port: number;
  metricsPort: number | null;
  /** Takes no new connections, lets open answers finish for so long (milliseconds), then cuts them. */
  close(within?: number): Promise<void>;
}

/** One express app for platforms, probes and results; metrics have a listener of their own. */
export function createHttp(options: HttpOptions): HttpServer {
  const platforms = express.Router();
  const app = createApp(options.log, (routes) => {
    routes.use(createProbes(options.health, options.log));
    routes.use('/results', options.results);
    routes.use(platforms);
  });
  const metricsApp = createApp(options.log, (routes) => {
    routes.get('/metrics', async (_request, response) => {
      response.type(options.metrics.contentType).send(await options.metrics.text());
    });
  });
  return { app, platforms, listen: () => listen(options, app, metricsApp) };
}

function createApp(log: Log, mount: (app: Express) => void): Express {
  const app = express();
  const answers = createAnswers(log);
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').set('case sensitive routing', true);
  app.use(answers.headers);
  mount(app);
  app.use(answers.notFound);
  app.use(answers.failed);
  return app;
}

async function listen(options: HttpOptions, app: Express, metricsApp: Express): Promise<Listening> {
  const main = await open(app, options.host, options.port, 'PORT');
  try {
    const { host, metricsPort } = options;
    const metrics = metricsPort === null ? null : await open(metricsApp, host, metricsPort, 'METRICS_PORT');
    return {
      port: portOf(main),
      metricsPort: metrics === null ? null : portOf(metrics),
      close: async (within = 5_000) => {
        await Promise.all([main, metrics].map((server) => server && close(server, within)));
      },
    };
  } catch (error) {
    await close(main, 0);
    throw error;
  }
}

function open(app: Express, host: string, port: number, name: 'PORT' | 'METRICS_PORT'): Promise<Server> {
  const server = createServer(app);
  // A connection that becomes idle while the server closes would keep it open for as long as it may idle.
  server.on('request', (_request, response) => {
    response.once('close', () => server.listening || server.closeIdleConnections());
  });
  // Proxies keep idle connections for about a minute: ours stay longer, so that none closes under a request on its way.
  server.keepAliveTimeout = 75_000;
  // A client that drips its headers or body must not hold a connection.
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port, name));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve(server);
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number, name: string): Error {
  const sentence = {
    EADDRINUSE: `${name}: ${port} is taken: another program listens there. Stop that one or choose another port.`,
    EACCES: `${name}: this user may not listen on ${port}. Choose a port from 1024 up.`,
    EADDRNOTAVAIL: `HOST: ${host} is no address of this machine.`,
    ENOTFOUND: `HOST: ${host} is a name that leads nowhere.`,
  }[cause.code ?? ''];
  return sentence === undefined ? cause : new AppError('config', sentence, { cause });
}

function close(server: Server, within: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), within);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
