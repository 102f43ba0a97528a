import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { ConfidentialClientApplication, type INetworkModule } from '@azure/msal-node';
import type { DefenderTenant } from '../../../src/playground/defender-tenant/index.ts';
import { assertRefused, type Caller, startCaller } from './caller.ts';

describe('signing in to the simulated tenant', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.tenant.close());

  it('gives a decodable token of three parts with audience, expiry and roles', async () => {
    const { body } = await caller.signIn();
    const parts = String(body.access_token).split('.');
    assert.equal(parts.length, 3);
    const claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString());
    assert.equal(claims.aud, 'https://api.securitycenter.microsoft.com');
    assert.deepEqual(claims.roles, ['Machine.LiveResponse', 'Machine.Read.All', 'Library.Manage']);
    assert.ok(claims.exp * 1000 > Date.now());
    assert.equal(body.expires_in, 3599);
    assert.equal(body.token_type, 'Bearer');
  });

  const wrong: [string, Record<string, string>, number, string, number][] = [
    ['a wrong secret', { client_secret: 'nope' }, 401, 'invalid_client', 7000215],
    ['no proof at all', { client_secret: '' }, 401, 'invalid_client', 7000216],
    ['another application', { client_id: 'someone' }, 400, 'unauthorized_client', 700016],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    ['a scope without .default', { scope: 'https://api.securitycenter.microsoft.com' }, 400, 'invalid_scope', 1002012],
    ['a resource nobody knows', { scope: 'https://example.com/.default' }, 400, 'invalid_resource', 500011],
    ['no scope', { scope: '' }, 400, 'invalid_request', 900144],
  ];
  for (const [what, form, status, error, code] of wrong) {
    it(`refuses ${what} as Entra does`, async () => {
      const reply = await caller.signIn(form);
      assert.equal(reply.status, status);
      assert.equal(reply.body.error, error);
      assert.deepEqual(reply.body.error_codes, [code]);
      assert.match(reply.body.error_description, new RegExp(`^AADSTS${code}: `));
    });
  }

  it('refuses another tenant', async () => {
    const reply = await caller.signIn({}, 'elsewhere');
    assert.equal(reply.status, 400);
    assert.deepEqual(reply.body.error_codes, [90002]);
  });

  it('gives a token for another audience, which the API then refuses with 403', async () => {
    const { body } = await caller.signIn({ scope: 'https://api.security.microsoft.com/.default' });
    caller.token = body.access_token;
    assertRefused(await caller.get('/api/machines'), 403, 'Forbidden');
  });

  it('refuses calls without a token, with a forged one, and with one past its time', async () => {
    assertRefused(await caller.send('GET', '/api/machines', { headers: { Authorization: '' } }), 401, 'Unauthorized');
    const [head, body] = caller.token.split('.');
    const forged = { Authorization: `Bearer ${head}.${body}.AAAA` };
    assertRefused(await caller.send('GET', '/api/machines', { headers: forged }), 401, 'Unauthorized');
    assert.equal((await caller.get('/api/machines')).status, 200);
    caller.tenant.control.advance(3_600_000);
    assertRefused(await caller.get('/api/machines'), 401, 'Unauthorized');
  });

  it('never shows a token or a secret in what it observed', () => {
    const seen = JSON.stringify(caller.tenant.state());
    assert.ok(!seen.includes(caller.token));
    assert.ok(!seen.includes(caller.tenant.clientSecret));
  });
});

function loopbackNetwork(tenant: DefenderTenant): INetworkModule {
  const host = new URL(tenant.loginUrl).host;
  const send = async (method: string, url: string, options?: { headers?: Record<string, string>; body?: string }) => {
    const init = {
      method,
      headers: options?.headers ?? {},
      ...(method === 'POST' ? { body: options?.body ?? '' } : {}),
    };
    const response = await fetch(url.replace(`https://${host}/`, `http://${host}/`), init);
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as never,
    };
  };
  return {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
}

describe('MSAL against the simulated tenant', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.tenant.close());

  function application(scheme: 'http' | 'https', clientSecret = caller.tenant.clientSecret) {
    const { tenant } = caller;
    const host = new URL(tenant.loginUrl).host;
    const authority = `${scheme}://${host}/${tenant.tenantId}`;
    return new ConfidentialClientApplication({
      auth: { clientId: tenant.clientId, clientSecret, authority, knownAuthorities: [host] },
      system: { networkClient: loopbackNetwork(tenant) },
    });
  }

  it('signs in with an https authority that the network client carries over http', async () => {
    const answer = await application('https').acquireTokenByClientCredential({ scopes: [caller.tenant.scope] });
    caller.token = answer?.accessToken ?? '';
    assert.equal((await caller.get('/api/machines')).status, 200);
  });

  it('refuses a plain-http authority by itself', async () => {
    const asked = async () => application('http').acquireTokenByClientCredential({ scopes: [caller.tenant.scope] });
    await assert.rejects(asked, { errorCode: 'authority_uri_insecure' });
  });

  it('reports a wrong secret with the AADSTS code', async () => {
    const asked = application('https', 'wrong').acquireTokenByClientCredential({ scopes: [caller.tenant.scope] });
    await assert.rejects(asked, { errorCode: 'invalid_client', errorNo: 7000215 });
  });
});

describe('signing in with a certificate', () => {
  const pair = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });

  async function signIn(registered: string, privateKey: string): Promise<unknown> {
    const caller = await startCaller({ certificates: [registered] });
    const { tenant } = caller;
    const host = new URL(tenant.loginUrl).host;
    const application = new ConfidentialClientApplication({
      auth: {
        clientId: tenant.clientId,
        clientCertificate: { thumbprintSha256: 'ab'.repeat(32), privateKey },
        authority: `https://${host}/${tenant.tenantId}`,
        knownAuthorities: [host],
      },
      system: { networkClient: loopbackNetwork(tenant) },
    });
    try {
      return await application.acquireTokenByClientCredential({ scopes: [tenant.scope] });
    } finally {
      await tenant.close();
    }
  }

  it('works with the key that is registered, and with no other', async () => {
    const [ours, other] = [pair(), pair()];
    assert.ok(await signIn(ours.publicKey, ours.privateKey));
    await assert.rejects(signIn(ours.publicKey, other.privateKey), { errorCode: 'invalid_client', errorNo: 700027 });
  });
});
