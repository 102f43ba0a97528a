import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

/** A server that listens on loopback. */
export interface Listener {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** Listens on a loopback port, 0 for any; fails where it is taken. */
export async function listen(app: Express, port: number): Promise<Listener> {
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
