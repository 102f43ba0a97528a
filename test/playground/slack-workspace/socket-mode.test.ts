import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebClient } from '@slack/web-api';
import WebSocket from 'ws';
import { APP, type SlackWorkspace, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';

const TOKENS = { botToken: 'xoxb-t', appToken: 'xapp-t' };
const ANA = { user: 'U0ANA', channel: 'C0SOC' };

interface Envelope {
  envelope_id: string;
  type: string;
  accepts_response_payload: boolean;
  payload: { type?: string };
  retry_attempt?: number;
  retry_reason?: string;
}

describe('Socket Mode of the simulated Slack workspace', () => {
  let workspace: SlackWorkspace;

  beforeEach(async () => {
    const socketTimes = { patience: 60, retries: [0, 5], notice: 20 };
    workspace = await startSlackWorkspace({ ...TOKENS, signingSecret: 's', pace: 'off', socketTimes });
  });
  afterEach(() => workspace.stop());

  const client = (token: string) =>
    new WebClient(token, { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } });
  const address = async (): Promise<string> => String((await client(TOKENS.appToken).apps.connections.open({})).url);
  const complaints = () => workspace.socketMode?.complaints() ?? [];

  /** An app that answers each envelope as told, if at all. */
  async function connect(answer: (envelope: Envelope, link: WebSocket) => unknown) {
    const envelopes: Envelope[] = [];
    const link = new WebSocket(await address());
    const hello = new Promise<{ num_connections: number }>((resolve) => {
      link.on('message', (data) => {
        const frame = JSON.parse(String(data)) as Envelope;
        if (frame.type === 'hello') return resolve(frame as never);
        if (frame.envelope_id === undefined) return;
        envelopes.push(frame);
        const said = answer(frame, link);
        if (said !== undefined) link.send(typeof said === 'string' ? said : JSON.stringify(said));
      });
    });
    const { num_connections } = await hello;
    return { link, envelopes, nth: num_connections };
  }
  const acknowledge = ({ envelope_id }: Envelope) => ({ envelope_id });
  const command = () => workspace.command({ ...ANA, text: 'help' });
  const mention = () => workspace.say({ ...ANA, text: `<@${APP.userId}> help` });

  it('gives an address to the app’s own token alone, and each address for one connection', async () => {
    const url = await address();
    const first = new WebSocket(url);
    await once(first, 'open');
    const second = new WebSocket(url);
    const [error] = (await once(second, 'error')) as [Error];
    assert.match(error.message, /408/);
    assert.equal(workspace.socketMode?.links(), 1);
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => null,
        ({ data }: { data: { error: string } }) => data.error,
      );
    assert.equal(await codeOf(client(TOKENS.botToken).apps.connections.open({})), 'not_allowed_token_type');
    assert.equal(
      await codeOf(client(TOKENS.appToken).chat.postMessage({ channel: 'C0SOC', text: 'x' })),
      'not_allowed_token_type',
    );
    assert.equal(await codeOf(client('xapp-other').apps.connections.open({})), 'invalid_auth');
  });

  it('has no room for an eleventh connection', async () => {
    const nths: number[] = [];
    for (let index = 0; index < 10; index++) nths.push((await connect(acknowledge)).nth);
    assert.deepEqual(nths, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const late = new WebSocket(await address());
    const [data] = (await once(late, 'message')) as [Buffer];
    assert.match(String(data), /"disconnect".*"too_many_websockets"/);
    await once(late, 'close');
  });

  it('wants one acknowledgement in time, of an envelope that it sent, on the connection that it went out on', async () => {
    const answers: ((envelope: Envelope) => unknown)[] = [
      acknowledge,
      () => undefined,
      () => ({ envelope_id: 'another' }),
      () => 'yes',
      ({ envelope_id }) => ({ envelope_id, status: 200 }),
    ];
    const app = await connect((envelope) => answers[app.envelopes.length - 1]?.(envelope));
    const outcomes = [];
    for (const _ of answers) outcomes.push((await command()).failure);
    assert.deepEqual(outcomes, [null, ...Array(answers.length - 1).fill('timeout')]);
    assert.equal(complaints().length, 3);
    app.link.send(JSON.stringify(acknowledge(app.envelopes[0] as Envelope)));
    // Too late is nobody's fault: only the first, which comes a second time, is one more.
    app.link.send(JSON.stringify(acknowledge(app.envelopes[1] as Envelope)));
    app.link.close();
    await once(app.link, 'close');
    assert.equal(complaints().length, 4);

    const there = await connect(() => undefined);
    const here = await connect((envelope) => {
      there.link.send(JSON.stringify(acknowledge(envelope)));
      return undefined;
    });
    const both = await Promise.all([command(), command()]);
    assert.deepEqual([here.envelopes.length, there.envelopes.length], [1, 1]);
    assert.deepEqual(
      both.map(({ failure }) => failure),
      ['timeout', 'timeout'],
    );
    assert.match(complaints().at(-1) ?? '', /another connection/);
  });

  it('takes words with the acknowledgement where they are shown, and nowhere else', async () => {
    const app = await connect(({ envelope_id }) => ({ envelope_id, payload: { text: 'Got it.' } }));
    const said = await command();
    assert.deepEqual([said.failure, said.body], [null, '{"text":"Got it."}']);
    const odd = await workspace.shortcut({ user: 'U0ANA', callbackId: 'x' });
    const event = await workspace.openHome({ user: 'U0ANA' });
    assert.deepEqual([odd.failure, event.failure], ['timeout', 'timeout']);
    assert.deepEqual(
      app.envelopes.slice(0, 3).map(({ type, accepts_response_payload }) => [type, accepts_response_payload]),
      [
        ['slash_commands', true],
        ['interactive', false],
        ['events_api', false],
      ],
    );
    assert.match(complaints().at(-1) ?? '', /takes no payload/);
    app.link.close();
    await once(app.link, 'close');
    await connect(({ envelope_id }) => ({ envelope_id, payload: {} }));
    assert.equal((await workspace.shortcut({ user: 'U0ANA', callbackId: 'x' })).failure, null);
  });

  it('tries an event again whose acknowledgement it never got, in another envelope, and nothing else', async () => {
    const app = await connect(acknowledge);
    workspace.socketMode?.loseAnswers(2);
    assert.equal((await mention())?.failure, null);
    assert.deepEqual(
      app.envelopes.map(({ retry_attempt, retry_reason }) => [retry_attempt, retry_reason]),
      [
        [0, ''],
        [1, 'timeout'],
        [2, 'timeout'],
      ],
    );
    assert.equal(new Set(app.envelopes.map(({ envelope_id }) => envelope_id)).size, 3);
    workspace.socketMode?.loseAnswers(1);
    assert.equal((await command()).failure, 'timeout');
    assert.equal(app.envelopes.length, 4);
    assert.deepEqual(complaints(), []);
  });

  it('ends a connection that it announced the end of', async () => {
    const app = await connect(acknowledge);
    workspace.socketMode?.dismiss('warning');
    assert.equal((await command()).failure, null, 'there is no other');
    await once(app.link, 'close');
    assert.equal((await command()).failure, 'connection');
  });
});
