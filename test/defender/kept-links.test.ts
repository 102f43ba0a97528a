import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { ACTION_ID, clientOf, type Handler, json, startStandIn } from './stand-in.ts';

const MINUTE = 60_000;
const RESULT = JSON.stringify({ script_output: 'done', exit_code: 0, script_errors: '' });

describe('The link of a result', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const ways = {
    'of a script': (client: Client, index = 0) => client.scriptResult(ACTION_ID, index, 1_000),
    'of a file': (client: Client, index = 0) => client.fileFacts(ACTION_ID, index, 'run'),
  };
  type Client = ReturnType<typeof clientOf>['client'];

  /** `blob` answers the storage; `links` counts those that were made. */
  async function setUp(blob: Handler) {
    const around = { blob, links: 0, used: [] as string[], now: Date.now() };
    const standIn = await startStandIn((seen, res) => {
      if (seen.path.startsWith('/api/')) {
        around.links += 1;
        return json(res, 200, { value: `${standIn.url}/blob?sig=secret-${around.links}` });
      }
      around.used.push(seen.path.slice(-1));
      around.blob(seen, res);
    });
    const { client, logged } = clientOf(standIn.url, { clock: { now: () => around.now } });
    closing.push(() => client.close(), standIn.close);
    return { around, client, logged };
  }
  const lost: Handler = (_seen, res) => res.destroy();
  const answers =
    (status: number): Handler =>
    (_seen, res) =>
      void res.writeHead(status).end();
  const fine: Handler = (seen, res) => {
    const range = { 'Content-Range': `bytes 0-${RESULT.length - 1}/${RESULT.length}` };
    if (seen.headers.range === undefined) res.writeHead(200).end(RESULT);
    else res.writeHead(206, range).end(RESULT);
  };

  for (const [whose, read] of Object.entries(ways)) {
    const failing = (client: Client, index = 0) => assert.rejects(read(client, index), { name: 'DefenderError' });

    it(`${whose} is used again while the storage can’t be reached, for most of its time, and never told`, async () => {
      const { around, client, logged } = await setUp(lost);
      for (let time = 0; time < 24 * MINUTE; time += MINUTE) {
        await failing(client);
        around.now += MINUTE;
      }
      around.blob = answers(503);
      await failing(client);
      assert.equal(around.links, 1);
      around.now += 2 * MINUTE;
      await failing(client);
      assert.equal(around.links, 2);
      around.blob = fine;
      await read(client);
      assert.equal(around.links, 2);
      await read(client);
      assert.equal(around.links, 3, 'what was read once needs a link no longer');
      assert.ok(!logged.join('\n').includes('secret'));
    });

    it(`${whose} is another one for another result, and where the storage doesn’t take it`, async () => {
      const { around, client } = await setUp(lost);
      await failing(client, 0);
      await failing(client, 1);
      assert.deepEqual(around.used, ['1', '2']);
      for (const [status, next] of [
        [403, '3'],
        [404, '4'],
      ] as const) {
        around.blob = answers(status);
        await failing(client, 0);
        around.blob = lost;
        await failing(client, 0);
        assert.equal(around.used.at(-1), next);
      }
    });
  }
});
