import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { importX509, type JWTVerifyResult, jwtVerify } from 'jose';
import { EntraError } from '../../src/errors.ts';
import type { Credential } from '../../src/model/credential.ts';
import { selfMadeCertificate } from '../support/certificate.ts';
import { aadError, BOT, CLIENT, json, type Service, startService, TENANT, tokensOf } from './service.ts';

const { key, cert } = selfMadeCertificate({ key: 'rsa' });
const issuer = selfMadeCertificate({ key: 'rsa' });
const der = (pem: string): Buffer => new X509Certificate(pem).raw;
const CERTIFICATE = {
  privateKey: key,
  chain: cert + issuer.cert,
  thumbprint: createHash('sha256').update(der(cert)).digest('hex').toUpperCase(),
  expires: Date.UTC(2049, 11, 31),
};
const CREDENTIAL: Credential = { kind: 'certificate', certificate: CERTIFICATE };

describe('Signing in with a certificate', () => {
  let service: Service;
  let tokens: ReturnType<typeof tokensOf>;
  let verified: JWTVerifyResult[] = [];

  /** As strict as Entra: the certificate that the application is known by, the right audience, in its time. */
  const known =
    (pem: string): Service['answer'] =>
    async ({ form }, res) => {
      assert.equal(form.get('client_secret'), null);
      assert.equal(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      try {
        const result = await jwtVerify(form.get('client_assertion') ?? '', await importX509(pem, 'PS256'), {
          algorithms: ['PS256'],
          audience: `https://${new URL(service.url).host}/${TENANT}/oauth2/v2.0/token`,
          issuer: CLIENT,
          subject: CLIENT,
          requiredClaims: ['exp', 'nbf', 'jti'],
          // Seconds, as Entra allows; MSAL rounds the time up.
          clockTolerance: 300,
        });
        verified.push(result);
        json(res, 200, { token_type: 'Bearer', expires_in: 3599, access_token: `token-${verified.length}` });
      } catch {
        aadError(res, 401, 'invalid_client', 'AADSTS700027: The certificate is not registered on application.');
      }
    };

  beforeEach(async () => {
    verified = [];
    service = await startService(known(cert));
    tokens = tokensOf(service.url, { credential: CREDENTIAL, target: BOT });
  });
  afterEach(async () => {
    tokens.close();
    await service.close();
  });

  async function failure(work: Promise<unknown>): Promise<EntraError> {
    const error: unknown = await work.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof EntraError, String(error));
    return error;
  }

  it('proves the application by a signature of its key, for ten minutes and this token service', async () => {
    assert.equal(await tokens.get(), 'token-1');
    const [{ payload, protectedHeader } = assert.fail()] = verified;
    assert.equal((payload.exp ?? 0) - (payload.nbf ?? 0), 600);
    const thumbprint = createHash('sha256').update(der(cert)).digest('base64url');
    assert.equal(protectedHeader['x5t#S256'], thumbprint);
    assert.deepEqual(
      protectedHeader.x5c,
      [cert, issuer.cert].map((pem) => der(pem).toString('base64')),
      'its chain is sent along',
    );
    assert.deepEqual(tokens.counted, ['ok']);
  });

  it('tells which certificate Entra does not know, and until when it is valid', async () => {
    service.answer = known(issuer.cert);
    const { code, message } = await failure(tokens.get());
    assert.equal(code, 'entra_sign_in');
    assert.match(message, /^I can't sign in to the Bot Framework\. .*TEAMS_CERTIFICATE_PATH.*Upload it/);
    assert.ok(message.includes(CERTIFICATE.thumbprint) && message.includes('valid until 2049-12-31'), message);
    assert.ok(!message.includes('PRIVATE'));
    assert.deepEqual(tokens.counted, ['refused']);
  });

  it('asks nobody with one that expired while the process was running', async () => {
    let now = CERTIFICATE.expires - 1;
    const late = tokensOf(service.url, { credential: CREDENTIAL, target: BOT, now: () => now });
    try {
      await late.get();
      now = CERTIFICATE.expires;
      const { code, message } = await failure(late.get());
      assert.equal(code, 'entra_sign_in');
      assert.match(message, /TEAMS_CERTIFICATE_PATH expired on 2049-12-31\. Make a new one.*restart\.$/);
      assert.equal(service.asked.length, 1);
    } finally {
      late.close();
    }
  });
});
