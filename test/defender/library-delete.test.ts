import assert from 'node:assert/strict';
import type { Removal } from '../../src/flow/ports.ts';
import { clientOf, type Handler, json, refusal, startStandIn } from './stand-in.ts';

const FILES = { value: [{ fileName: 'a b.ps1', sha256: 'A'.repeat(64) }] };
const yes = () => true;

describe('deleting from Defender’s library', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function setUp(handler: Handler) {
    const standIn = await startStandIn(handler);
    const setup = clientOf(standIn.url);
    closing.push(() => setup.client.close(), standIn.close);
    return { standIn, ...setup };
  }

  it('names the file in the address, sends no body, and takes 204 for deleted', async () => {
    const { standIn, client, counted } = await setUp((_seen, res) => void res.writeHead(204).end());
    assert.deepEqual(await client.deleteFile('a b#1/..%.ps1', yes), { outcome: 'deleted' });
    const [sent] = standIn.seen;
    assert.deepEqual([sent?.method, sent?.rawPath], ['DELETE', '/api/libraryfiles/a%20b%231%2F..%25.ps1']);
    assert.deepEqual([sent?.body, sent?.headers['content-type']], ['', undefined]);
    assert.equal(sent?.headers.authorization, `Bearer ${standIn.tokens[0]}`);
    assert.deepEqual(counted, ['token ok', 'library_delete ok']);
  });

  it('sends nothing when the gate says no', async () => {
    const { standIn, client } = await setUp((_seen, res) => void res.writeHead(204).end());
    assert.deepEqual(await client.deleteFile('a.ps1', () => false), {
      outcome: 'not_sent',
      why: 'it was too late to send',
    });
    assert.deepEqual(standIn.seen, []);
  });

  it('goes out again after a 401, through the gate anew, and only then', async () => {
    let gates = 0;
    const { standIn, client } = await setUp((_seen, res) =>
      standIn.seen.length === 1 ? refusal(res, 401, 'Unauthorized', 'expired') : void res.writeHead(204).end(),
    );
    const removal = await client.deleteFile('a.ps1', () => {
      gates += 1;
      return true;
    });
    assert.deepEqual([removal.outcome, gates, standIn.tokens.length], ['deleted', 2, 2]);
  });

  it('reads the library anew afterwards, whatever came of it', async () => {
    const { standIn, client } = await setUp((seen, res) =>
      seen.method === 'DELETE' ? void res.writeHead(500).end() : json(res, 200, FILES),
    );
    await client.library({ fresh: false, purpose: 'people' });
    await client.deleteFile('a.ps1', yes);
    await client.library({ fresh: false, purpose: 'people' });
    assert.deepEqual(
      standIn.seen.map(({ method }) => method),
      ['GET', 'DELETE', 'GET'],
    );
  });

  const ANSWERS: [what: string, handler: Handler, outcome: Removal['outcome'], words: RegExp][] = [
    ['a 404 of the service', (_, res) => refusal(res, 404, 'ResourceNotFound', 'File a.ps1'), 'not_found', /^$/],
    [
      'a 404 of the gateway',
      (_, res) => json(res, 404, { statusCode: 404, message: 'Resource not found' }),
      'refused',
      /doesn't know this address/,
    ],
    [
      'a 403',
      (_, res) => refusal(res, 403, 'Forbidden', 'Missing application roles. API required roles: Library.Manage'),
      'refused',
      /permission Library\.Manage.*Missing application roles/,
    ],
    ['a 400', (_, res) => refusal(res, 400, 'BadRequest', 'no'), 'refused', /doesn't accept the deletion.*no/],
    ['a second 401', (_, res) => refusal(res, 401, 'Unauthorized', 'no'), 'refused', /doesn't accept .* token/],
    ['a 429', (_, res) => refusal(res, 429, '429', 'slow', { 'Retry-After': '7' }), 'throttled', /^$/],
    ['a 500 without a body', (_, res) => void res.writeHead(500).end(), 'unclear', /answered 500/],
    ['a 504', (_, res) => void res.writeHead(504).end('<html>'), 'unclear', /answered 504/],
    ['a redirect', (_, res) => void res.writeHead(307, { Location: '/x' }).end(), 'unclear', /answered 307/],
    ['a connection that ends', (_, res) => void res.destroy(), 'unclear', /gave no answer/],
  ];
  for (const [what, handler, outcome, words] of ANSWERS) {
    it(`takes ${what} for ${outcome}, in one call`, async () => {
      const { standIn, client } = await setUp(handler);
      const removal = await client.deleteFile('a.ps1', yes);
      assert.equal(removal.outcome, outcome);
      assert.match('message' in removal ? removal.message : 'why' in removal ? removal.why : '', words);
      if (removal.outcome === 'throttled') assert.equal(removal.retryAfter, 7_000);
      assert.equal(standIn.seen.length, what === 'a second 401' ? 2 : 1);
    });
  }
});
