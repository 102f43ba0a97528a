import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, ExpressReceiver } from '@slack/bolt';

/** What the bot is compared with: Bolt that checks the signature, acknowledges, and does nothing else. */
const receiver = new ExpressReceiver({ signingSecret: process.argv[2] ?? '', endpoints: '/slack/events' });
const app = new App({ receiver, authorize: async () => ({}), convoStore: false });
app.command(/.*/, ({ ack }) => ack());
app.action(/.*/, ({ ack }) => ack());
const server = createServer(receiver.app);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events\n`);
});
// It ends with whoever started it, however that ends.
process.stdin.once('end', () => process.exit(0)).resume();
