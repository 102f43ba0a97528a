import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { CONVERSATIONS, PEOPLE, type TokenOddity } from '../../../src/playground/teams-channel/index.ts';
import { APP_ID, assertRefused, type Caller, type Reply, startCaller } from './caller.ts';

const CLAIMS = { issuer: 'https://api.botframework.com', audience: APP_ID, algorithms: ['RS256'], clockTolerance: 300 };

describe('Tokens for the bot in the simulated Teams', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.close());

  const wrong: [string, Record<string, string>, number, string, number][] = [
    ['a wrong secret', { client_secret: 'nope' }, 401, 'invalid_client', 7000215],
    ['no proof at all', { client_secret: '' }, 401, 'invalid_client', 7000216],
    ['another application', { client_id: randomUUID() }, 400, 'unauthorized_client', 700016],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    ['a scope without .default', { scope: 'https://api.botframework.com' }, 400, 'invalid_scope', 1002012],
    ['a resource nobody knows', { scope: 'https://example.com/.default' }, 400, 'invalid_resource', 500011],
  ];
  for (const [what, form, status, error, code] of wrong) {
    it(`are not given for ${what}`, async () => {
      const reply = await caller.signIn(form);
      assert.deepEqual([reply.status, reply.body.error, reply.body.error_codes], [status, error, [code]]);
      assert.match(reply.body.error_description, new RegExp(`^AADSTS${code}: `));
    });
  }

  it('are not given by another tenant', async () => {
    assert.deepEqual((await caller.signIn({}, 'botframework.com')).body.error_codes, [90002]);
  });

  it('are refused where they are for somebody else, missing, or past their time', async () => {
    const ask = () => caller.connector('GET', `/${encodeURIComponent(CONVERSATIONS.soc)}/members`);
    const user = () => caller.send('GET', `${caller.channel.graphUrl}/v1.0/users/${PEOPLE.ana}`);
    assert.equal((await ask()).status, 200);
    assertRefused(await user(), 401, 'InvalidAuthenticationToken');
    caller.token = (await caller.signIn({ scope: 'https://graph.microsoft.com/.default' })).body.access_token;
    assert.equal((await ask()).status, 401);
    assert.equal((await user()).status, 200);
    caller.now += 3_600_000;
    assertRefused(await user(), 401, 'InvalidAuthenticationToken');
    caller.token = '';
    assert.equal((await ask()).status, 401);
  });

  it('are not to be found in what there is to see', async () => {
    await caller.channel.say({ person: PEOPLE.ana, conversation: CONVERSATIONS.soc, text: '@Live Response help' });
    const seen = JSON.stringify(caller.channel.state());
    assert.ok(!seen.includes(caller.token));
    assert.ok(!seen.includes(caller.last().authorization.slice(7)));
  });

  it('fail on demand', async () => {
    caller.channel.fault({ kind: 'status', on: 'token', status: 503 });
    assert.equal((await caller.signIn()).status, 503);
    caller.channel.fault({ kind: 'reset', on: 'token' });
    await assert.rejects(caller.signIn());
    caller.channel.fault({ kind: 'slow', on: 'token', delay: 20 });
    assert.equal((await caller.signIn()).status, 200);
  });
});

describe('Signing in to the simulated Teams with a certificate', () => {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const registered = pair();
  const other = pair();

  async function signIn(key: typeof registered): Promise<Reply> {
    const certificates = [registered.publicKey.export({ type: 'spki', format: 'pem' }).toString()];
    const caller = await startCaller({ certificates });
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'PS256' })
      .setIssuer(APP_ID)
      .setSubject(APP_ID)
      .setAudience(`${caller.channel.loginUrl}/${caller.channel.tenantId}/oauth2/v2.0/token`)
      .setExpirationTime('5m')
      .sign(key.privateKey);
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    try {
      return await caller.signIn({ client_secret: '', client_assertion_type: type, client_assertion: assertion });
    } finally {
      await caller.close();
    }
  }

  it('works with the key that is registered, and with no other', async () => {
    assert.equal((await signIn(registered)).status, 200);
    assert.deepEqual((await signIn(other)).body.error_codes, [700027]);
  });
});

describe('Tokens on activities of the simulated Teams', () => {
  let caller: Caller;
  before(async () => {
    caller = await startCaller();
  });
  after(() => caller.close());

  const say = async (token?: TokenOddity | null): Promise<string> => {
    const oddity = token === undefined ? {} : { oddity: { token } };
    const words = { person: PEOPLE.ana, conversation: CONVERSATIONS.soc, text: '@Live Response help' };
    await caller.channel.say({ ...words, ...oddity });
    return caller.last().authorization.replace('Bearer ', '');
  };
  const keys = async (): Promise<{ keys: { kid: string; endorsements: string[] }[] }> => {
    const metadata = await caller.send('GET', caller.channel.openIdMetadataUrl);
    assert.equal(metadata.body.issuer, CLAIMS.issuer);
    return (await caller.send('GET', metadata.body.jwks_uri)).body;
  };
  const verify = async (token: string): Promise<JWTPayload> => {
    const { jwks_uri } = (await caller.send('GET', caller.channel.openIdMetadataUrl)).body;
    return (await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), CLAIMS)).payload;
  };

  it('hold against the published keys, name the service URL, and are endorsed for Teams', async () => {
    const token = await say();
    const { serviceurl } = await verify(token);
    assert.equal(serviceurl, caller.channel.serviceUrl);
    assert.equal(serviceurl, caller.last().activity.serviceUrl);
    const { kid } = decodeProtectedHeader(token);
    const endorsements = (await keys()).keys.find((key) => key.kid === kid)?.endorsements;
    assert.deepEqual(endorsements, ['msteams']);
  });

  /** Each must fail for its own reason alone. */
  const broken: [TokenOddity, string][] = [
    ['garbage', 'ERR_JWS_INVALID'],
    ['expired', 'ERR_JWT_EXPIRED'],
    ['not_before', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['wrong_audience', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['wrong_issuer', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['unknown_key', 'ERR_JWKS_NO_MATCHING_KEY'],
    ['wrong_key', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['alg_none', 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['hs256', 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ];
  for (const [oddity, code] of broken) {
    it(`don't hold when they are made “${oddity}”`, async () => {
      const token = await say(oddity);
      await assert.rejects(verify(token), { code });
    });
  }

  it('hold and yet prove nothing where service URL or endorsement are wrong', async () => {
    assert.equal((await verify(await say('missing_service_url'))).serviceurl, undefined);
    const { serviceurl } = await verify(await say('wrong_service_url'));
    assert.notEqual(serviceurl, caller.last().activity.serviceUrl);
    const token = await say('other_endorsements');
    await verify(token);
    const { kid } = decodeProtectedHeader(token);
    const key = (await keys()).keys.find((one) => one.kid === kid);
    assert.ok(key && !key.endorsements.includes('msteams'));
  });

  it('are missing altogether on demand', async () => {
    assert.equal(await say(null), '');
  });
});
