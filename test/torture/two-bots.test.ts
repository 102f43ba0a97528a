import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Bot, policyWith } from '../support/bot.ts';
import { startPostgres } from '../support/postgres.ts';
import { type Scene, setScene } from './scene.ts';

const PER_MINUTE = 20;
const POLICY = policyWith(`pollEvery: 5s, callsPerMinute: ${PER_MINUTE}`);
const CHANNELS = ['C0SOC', 'C0PRIVATE', 'C0GENERAL', 'C0SHARED'] as const;
const MACHINES = [
  ...['ws-001', 'ws-002', 'ws-018', 'ws-021', 'ws-022', 'ws-033', 'ws-040', 'ws-041', 'ws-042'],
  ...['lt-exec-01', 'srv-file-01', 'srv-sql-01', 'srv-sql-02', 'srv-web-01', 'fab-hmi-02'],
];
/** Two for some machines: the second waits for the first. */
const TARGETS = [...MACHINES, ...MACHINES.slice(0, 7)];

/** Two bots on one PostgreSQL. Slack delivers to either; one of them is killed in the middle of it and comes back. */
describe('two bots on one PostgreSQL', function () {
  this.timeout(240_000);
  let scene: Scene;
  let bots: [Bot, Bot];
  let databaseUrl = '';
  let turn = 0;
  let alive: Bot[] = [];

  before(async () => {
    const { createDatabase } = await startPostgres();
    databaseUrl = await createDatabase();
    scene = await setScene({
      limits: { submissionsPerMinute: PER_MINUTE, readsPerMinute: 100, readsPerHour: 1500, sessions: 50 },
    });
    for (const channel of CHANNELS) scene.slack.invite(channel);
    // At the same time, as instances of one deployment do.
    const start = () => scene.start({ databaseUrl, policy: POLICY });
    bots = await Promise.all([start(), start()]);
    alive = [...bots];
  });

  after(() => scene.close());

  /** The next delivery goes to the next bot. Nothing may be awaited between this and the delivery. */
  const next = (): void => {
    turn += 1;
    const bot = alive[turn % alive.length];
    if (bot !== undefined) scene.slack.setBotUrl(bot.slackUrl);
  };
  const ask = (line: string, channel: string = CHANNELS[turn % CHANNELS.length] ?? 'C0SOC') => {
    next();
    return scene.ask(line, { channel });
  };
  /** Whoever sees that a click failed, clicks again. */
  const click = async (user: string, id: string, action: string): Promise<void> => {
    next();
    const { failure } = await scene.click(user, id, action);
    if (failure !== null) return click(user, id, action);
  };
  const approve = async (id: string) => {
    await scene.shows(id, /Waiting for approval/, 60_000);
    await click('U0LEA', id, 'approve');
  };

  it('lose nothing and double nothing when one is killed midway, and keep to one budget', async () => {
    const [first, second] = bots;
    const actions = () => Object.values(scene.defender.state().executions).reduce((sum, count) => sum + count, 0);
    const ids: string[] = [];
    const approvals: Promise<void>[] = [];
    const send = async (targets: readonly string[]) => {
      for (const name of targets) {
        const id = await ask(lineFor(name, ids.length));
        ids.push(id);
        approvals.push(approve(id));
      }
    };
    await send(TARGETS.slice(0, 12));
    await scene.defenderComesTo(() => actions() >= 4, 60_000);
    alive = [first];
    await second.kill9();
    await send(TARGETS.slice(12, 15));
    const again = await scene.start({ databaseUrl, policy: POLICY, port: second.port });
    bots = [first, again];
    alive = [first, again];
    await send(TARGETS.slice(15));
    await Promise.all(approvals);

    const ends = await Promise.all(ids.map((id) => endOf(id)));
    assert.deepEqual(
      ends.filter((text) => !/Finished/.test(text)),
      [],
    );
    assert.deepEqual(
      ids.map((id) => scene.executions(id)),
      ids.map(() => 1),
    );
    assertSaidOnce(ids);
    assertOneBudget();
  });

  /** Mostly collecting, which costs few of the reads that Defender allows in a minute. */
  function lineFor(machine: string, index: number): string {
    return index % 3 === 0 && index < MACHINES.length
      ? `run ${machine} Get-Processes.ps1`
      : `get ${machine} C:\\Windows\\notes-${index}.txt`;
  }

  /** A kill between the last commit and the first byte leaves a run that only a person can settle: it is sent once more. */
  async function endOf(id: string): Promise<string> {
    const card = await scene.shows(id, /Finished|Failed|Cancelled|Timed out|Still unclear/, 150_000);
    if (/Still unclear/.test(card.text)) {
      assert.equal(scene.executions(id), 0);
      await click('U0LEA', id, 'it_did_not_run');
    }
    return scene.ended(id, 90_000);
  }

  /** What was on its way to Slack at the kill may have arrived twice, in each channel one post at most. */
  function assertSaidOnce(ids: readonly string[]): void {
    let twice = 0;
    for (const id of ids) {
      const said = scene.replies(id);
      twice += said.length - new Set(said).size + scene.cards(id).length - 1;
      for (const text of said) assert.ok(said.filter((other) => other === text).length <= 2);
    }
    assert.ok(twice <= CHANNELS.length, `${twice} posts came twice`);
  }

  function assertOneBudget(): void {
    const sent = scene.defender.state().calls.filter((call) => call.path.endsWith('/runliveresponse'));
    assert.ok(sent.length > PER_MINUTE, 'there was something to wait for');
    assert.deepEqual(
      sent.filter((call) => call.status === 429),
      [],
    );
    for (const [index, call] of sent.entries()) {
      const later = sent[index + PER_MINUTE];
      if (later !== undefined)
        assert.ok(later.at - call.at >= 60_000, `${PER_MINUTE + 1} within ${later.at - call.at} ms`);
    }
  }

  it('count a command and a click that both of them get at the same moment once', async () => {
    const both = await fork(bots.map((bot) => bot.slackUrl));
    try {
      scene.slack.setBotUrl(both.url);
      const id = await scene.ask('get srv-web-01 C:\\Windows\\win.ini', { channel: 'C0GENERAL' });
      await scene.shows(id, /Waiting for approval/);
      scene.slack.setBotUrl(both.url);
      await scene.click('U0LEA', id, 'approve');
      assert.match(await scene.ended(id, 120_000), /Finished/);
      assert.equal(both.answers.length, 4);
      assert.deepEqual([...new Set(both.answers.map((answer) => answer.status))], [200]);
      const named = both.answers.flatMap((answer) => answer.body.match(/LR-[0-9A-Z]{6}/g) ?? []);
      assert.deepEqual([...new Set(named)], [id], 'both told the same request');
      assert.equal(scene.executions(id), 1);
      assert.equal(scene.cards(id).length, 1);
      assert.equal(scene.replies(id).filter((text) => text.startsWith('Lea Lead approved')).length, 1);
      assert.deepEqual(scene.whispers('U0LEA'), []);
    } finally {
      both.close();
    }
  });

  it('send once when two leads give the two approvals at the same moment, each to another bot', async () => {
    const id = await ask('run dc-01 Get-Processes.ps1 --reason "INC-1234 odd logons"', 'C0PRIVATE');
    await scene.shows(id, /2 approvals/);
    await Promise.all([click('U0LEA', id, 'approve'), click('U0LEO', id, 'approve')]);
    assert.match(await scene.ended(id, 120_000), /Finished/);
    assert.equal(scene.executions(id), 1);
    const decisions = scene.replies(id).filter((text) => /approved/.test(text));
    assert.equal(decisions.length, 2);
    assert.equal(decisions.filter((text) => /more approvals are needed/.test(text)).length, 1);
  });

  it('have met no error of their own', () => {
    const trouble = bots.flatMap((bot) => bot.log).filter((line) => /"level":"error"/.test(line));
    assert.deepEqual(trouble, []);
  });
});

/** A place that hands each delivery to all targets at once, and answers with what the first of them says. */
async function fork(targets: readonly string[]) {
  const answers: { status: number; body: string }[] = [];
  const handOn = async (request: IncomingMessage) => {
    const body = await buffer(request);
    const { host: _host, 'content-length': _length, connection: _connection, ...rest } = request.headers;
    const headers = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]));
    const all = targets.map(async (target) => {
      const response = await fetch(target, { method: 'POST', headers, body });
      return { status: response.status, body: await response.text() };
    });
    const [first] = await Promise.all(all);
    answers.push(...(await Promise.all(all)));
    return first ?? { status: 500, body: '' };
  };
  const server = createServer((request, response) => {
    handOn(request).then(
      ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      () => response.writeHead(502).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/slack/events`, answers, close: () => void server.close() };
}
