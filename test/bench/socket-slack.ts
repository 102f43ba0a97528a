import { createInterface } from 'node:readline';
import { startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import type { Deliveries, Sent } from './drive.ts';

/**
 * Slack in Socket Mode in a process of its own, which nothing else keeps busy: says its address, then takes a load by line and
 * answers with what became of it. The clock of each delivery runs from the moment it was due until its acknowledgement is read.
 */
const [botToken = '', appToken = ''] = process.argv.slice(2);
const slack = await startSlackWorkspace({ botToken, appToken, signingSecret: 'not needed', pace: 'off' });

async function send(body: string, due: number): Promise<Sent> {
  await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
  const { status, body: words } = await slack.deliverRaw({ body });
  return { ms: performance.now() - due, status: status ?? 0, body: words };
}

process.stdout.write(`${slack.apiUrl}\n`);
for await (const line of createInterface(process.stdin)) {
  const { bodies, perSecond } = JSON.parse(line) as Deliveries;
  const began = performance.now() + 100;
  const sent = await Promise.all(bodies.map((body, index) => send(body, began + (index * 1_000) / perSecond)));
  process.stdout.write(`${JSON.stringify(sent)}\n`);
}
process.exit(0);
