import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { rolesOf } from '../../src/entra/index.ts';
import { AppError, DefenderError } from '../../src/errors.ts';
import { clientOf, json, type StandIn, startStandIn, TENANT } from './stand-in.ts';

const READ = { fresh: true, purpose: 'people' as const };

describe('signing in to Defender', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function setUp(more: Parameters<typeof clientOf>[1] = {}) {
    const standIn = await startStandIn((_seen, res) => json(res, 200, { value: [] }));
    const setup = clientOf(standIn.url, more);
    closing.push(() => setup.client.close(), standIn.close);
    return { standIn, ...setup };
  }

  async function failure(work: Promise<unknown>): Promise<DefenderError> {
    const error = await work.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof DefenderError, String(error));
    assert.equal(error.cause, undefined);
    return error;
  }

  const refuse = (standIn: StandIn, description: string, status = 401) => {
    standIn.signIn = (_seen, res) => json(res, status, { error: 'invalid_client', error_description: description });
  };

  it('posts the client credentials form to the token endpoint alone, over plain http on loopback', async () => {
    const { standIn, client } = await setUp();
    let form = '';
    standIn.signIn = (seen, res) => {
      assert.equal(seen.path, `/${TENANT}/oauth2/v2.0/token`, 'and without a query');
      form = seen.body;
      json(res, 200, { token_type: 'Bearer', expires_in: 3599, access_token: 'abc' });
    };
    await client.library(READ);
    const fields = new URLSearchParams(form);
    assert.equal(fields.get('grant_type'), 'client_credentials');
    assert.equal(fields.get('scope'), 'https://api.securitycenter.microsoft.com/.default');
    assert.equal(fields.get('client_secret'), 'hush-hush');
    assert.deepEqual(
      standIn.seen.map((seen) => seen.headers.authorization),
      ['Bearer abc'],
    );
  });

  it('keeps the path of a stand-in in front', async () => {
    const { standIn, client } = await setUp();
    const below = clientOf(standIn.url, { loginUrl: `${standIn.url}/entra/` });
    closing.push(() => below.client.close());
    await failure(below.client.checkToken());
    assert.deepEqual(
      standIn.seen.map(({ method, path }) => [method, path]),
      [['POST', `/entra/${TENANT}/oauth2/v2.0/token`]],
    );
    await client.checkToken();
    assert.equal(standIn.tokens.length, 1);
  });

  it('keeps the token, and signs in once for calls that start together', async () => {
    const { standIn, client } = await setUp();
    await Promise.all([client.library(READ), client.library(READ), client.library(READ)]);
    await client.library(READ);
    assert.equal(standIn.tokens.length, 1);
  });

  it('tells the roles of the token', async () => {
    const { standIn, client } = await setUp();
    standIn.roles = ['Machine.LiveResponse', 'Machine.Read.All'];
    assert.deepEqual(await client.checkToken(), ['Machine.LiveResponse', 'Machine.Read.All']);
    assert.deepEqual(rolesOf('opaque'), []);
    assert.deepEqual(rolesOf('a.b.c'), []);
  });

  for (const [number, mend] of [
    ['7000215', /value of the secret.*DEFENDER_CLIENT_SECRET.*AADSTS7000215/],
    ['7000222', /expired.*DEFENDER_CLIENT_SECRET/],
    ['700016', /DEFENDER_CLIENT_ID/],
    ['90002', /DEFENDER_TENANT_ID/],
    ['500011', /DEFENDER_SCOPE/],
    ['650052', /licence/],
  ] as const) {
    it(`says what to mend for AADSTS${number}`, async () => {
      const { standIn, client } = await setUp();
      refuse(standIn, `AADSTS${number}: Some words. Trace ID: 1 Correlation ID: 2 Timestamp: 3`);
      const error = await failure(client.checkToken());
      assert.equal(error.code, 'defender_sign_in');
      assert.match(error.message, mend);
    });
  }

  it("passes on Entra's first words for other failures, without ids or secrets", async () => {
    const { standIn, client } = await setUp();
    refuse(standIn, 'AADSTS99999: Something odd happened.\r\nTrace ID: 1-2-3\r\nCorrelation ID: 4');
    const error = await failure(client.checkToken());
    assert.equal(error.code, 'defender_sign_in');
    assert.match(error.message, /Microsoft Entra said: AADSTS99999: Something odd happened\.$/);
  });

  it('is unreachable where nobody or nonsense answers', async () => {
    const { standIn, client, counted } = await setUp();
    for (const answer of ['<html>', '', 'null']) {
      standIn.signIn = (_seen, res) => res.writeHead(502).end(answer);
      const error = await failure(client.checkToken());
      assert.equal(error.code, 'defender_unreachable', answer);
      assert.match(error.message, /sign-in service.*answered 502/);
    }
    standIn.signIn = (_seen, res) => res.destroy();
    assert.equal((await failure(client.checkToken())).code, 'defender_unreachable');
    assert.ok(counted.every((call) => call === 'token unreachable'));
  });

  it('follows no redirect and ends at the deadline', async () => {
    const { standIn, client } = await setUp({ timing: { deadline: 150 } });
    standIn.signIn = (_seen, res) => json(res, 307, {}, { Location: `${standIn.url}/elsewhere` });
    await failure(client.checkToken());
    assert.equal(standIn.seen.length, 0);
    standIn.signIn = (_seen, res) => {
      res.writeHead(200);
      const timer = setInterval(() => res.write(' '), 10);
      res.on('close', () => clearInterval(timer));
    };
    assert.equal((await failure(client.library(READ))).code, 'defender_unreachable');
  });

  it('sends neither secret nor token over plain http, except on this machine', () => {
    const api = 'https://api.security.microsoft.com';
    const refused = (error: unknown) => error instanceof AppError && error.code === 'config';
    assert.throws(() => clientOf(api, { loginUrl: 'http://login.example' }), refused);
    assert.throws(() => clientOf('http://api.security.microsoft.com', { loginUrl: api }), refused);
  });
});
