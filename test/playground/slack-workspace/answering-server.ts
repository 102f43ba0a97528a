import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Payload {
  type: string;
  view: { id: string; hash: string; state: { values: unknown } };
}

/** Stands in for an app: answers every delivery as told, and remembers the last one. */
export async function answeringServer() {
  let body = '';
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      body = text;
      const { answer } = bot;
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bot = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`,
    answer: '' as object | string,
    payload: (): Payload => JSON.parse(new URLSearchParams(body).get('payload') ?? '') as Payload,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return bot;
}
