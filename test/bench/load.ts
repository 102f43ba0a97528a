import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { signedHeaders } from '../../src/playground/slack-workspace/sign.ts';
import type { Load, Sent } from './drive.ts';

/**
 * The load, in a process of its own: reads a Load from its input and writes what became of it. Arrivals are on time whether
 * the bot keeps up or not, and the clock of each runs from the moment it was due, so a stall counts for all whom it hits.
 */
const agent = new Agent({ keepAlive: true });

function headersOf({ proof }: Load, body: string): Record<string, string> {
  if ('bearer' in proof) return { 'content-type': 'application/json', authorization: `Bearer ${proof.bearer}` };
  const signed = signedHeaders(body, { secret: proof.slackSecret, now: Date.now() });
  return { 'content-type': 'application/x-www-form-urlencoded', ...signed };
}

function post(load: Load, body: string, due: number): Promise<Sent> {
  const { url } = load;
  const headers = headersOf(load, body);
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ ms: performance.now() - due, status: 0, body: error.message });
    const call = request(url, { method: 'POST', headers, agent, timeout: 3_000 }, (response) => {
      text(response).then(
        (words) => resolve({ ms: performance.now() - due, status: response.statusCode ?? 0, body: words }),
        failed,
      );
    });
    call.once('error', failed);
    call.once('timeout', () => call.destroy(new Error('The platform would have given up')));
    call.end(body);
  });
}

const load = JSON.parse(await text(process.stdin)) as Load;
const began = performance.now() + 100;
const sent = await Promise.all(
  load.bodies.map(async (body, index) => {
    const due = began + (index * 1_000) / load.perSecond;
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    return post(load, body, due);
  }),
);
process.stdout.write(JSON.stringify(sent));
agent.destroy();
