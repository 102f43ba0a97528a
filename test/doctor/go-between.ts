import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';

/** An answer on its way back. */
export interface Passing {
  /** With the query. */
  path: string;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A server between a service and who calls it, which changes answers. */
export interface GoBetween {
  url: string;
  close(): Promise<void>;
}

/** Starts one in front of the server at `target`, an origin. */
export async function startGoBetween(target: () => string, change: (passing: Passing) => void): Promise<GoBetween> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const path = request.url ?? '/';
    const answer = await fetch(`${target()}${path}`, {
      method: request.method ?? 'GET',
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(request.method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
    });
    const type = answer.headers.get('content-type');
    const passing: Passing = {
      path,
      status: answer.status,
      headers: type === null ? {} : { 'content-type': type },
      body: await answer.text(),
    };
    change(passing);
    response.writeHead(passing.status, passing.headers).end(passing.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => undefined);
    },
  };
}

/** A server that takes connections and never says a word. */
export async function startSilence(): Promise<GoBetween> {
  const open = new Set<{ destroy(): void }>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
