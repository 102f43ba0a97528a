import { App, SocketModeReceiver } from '@slack/bolt';

/** What the bot in Socket Mode is compared with: Bolt and Slack's own client, which acknowledge and do nothing else. */
const [slackApiUrl = '', appToken = ''] = process.argv.slice(2);
const receiver = new SocketModeReceiver({ appToken, installerOptions: { clientOptions: { slackApiUrl } } });
const app = new App({ receiver, authorize: async () => ({}), convoStore: false });
app.command(/.*/, ({ ack }) => ack());
app.action(/.*/, ({ ack }) => ack());
await app.start();
process.stdout.write('connected\n');
// It ends with whoever started it, however that ends.
process.stdin.once('end', () => process.exit(0)).resume();
