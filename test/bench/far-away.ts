import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

/** Puts a server some way off: what is sent to the returned address arrives after `way` milliseconds, and so does the answer. */
export async function farAway(url: string, way: number): Promise<{ url: string; close(): void }> {
  const { origin, pathname } = new URL(url);
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    await pause(way);
    const onward = request(`${origin}${incoming.url}`, { method: incoming.method, headers: incoming.headers });
    onward.once('error', () => outgoing.destroy());
    onward.once('response', async (answer) => {
      await pause(way);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
