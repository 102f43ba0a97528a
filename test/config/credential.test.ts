import assert from 'node:assert/strict';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDefenderConfig, secretsOf } from '../../src/config.ts';
import type { Certificate } from '../../src/model/credential.ts';
import { selfMadeCertificate } from '../support/certificate.ts';
import { GUID, problem, read, SECRET, SLACK, TODAY } from './environment.ts';

describe('How the application proves itself', () => {
  it('is a secret, a certificate or a managed identity: exactly one', () => {
    const none = problem({ ...SLACK });
    assert.match(none, /^DEFENDER_CLIENT_SECRET: is missing.*DEFENDER_CERTIFICATE_PATH or DEFENDER_MANAGED_IDENTITY/);
    const two = problem({ ...SLACK, ...SECRET, DEFENDER_MANAGED_IDENTITY: 'system' });
    assert.equal(two, 'DEFENDER_MANAGED_IDENTITY: is set beside DEFENDER_CLIENT_SECRET; keep one of them.');
    const others = problem({ ...SLACK, DEFENDER_CERTIFICATE_PATH: '/nowhere', ...SECRET });
    assert.equal(others, 'DEFENDER_CERTIFICATE_PATH: is set beside DEFENDER_CLIENT_SECRET; keep one of them.');
  });

  it('may be the managed identity of the machine, or the one that is the application', () => {
    const identity = (value: string) => read({ ...SLACK, DEFENDER_MANAGED_IDENTITY: value }).defender.credential;
    assert.deepEqual(identity('system'), { kind: 'managed_identity', clientId: null });
    assert.deepEqual(identity(GUID.toUpperCase()), { kind: 'managed_identity', clientId: GUID.toUpperCase() });
    const refused = (value: string) => problem({ ...SLACK, DEFENDER_MANAGED_IDENTITY: value });
    assert.match(refused('0a1b2c3d-0000-4000-8000-000000000000'), /^DEFENDER_MANAGED_IDENTITY: .*DEFENDER_CLIENT_ID/);
    assert.match(refused('yes please'), /^DEFENDER_MANAGED_IDENTITY: must be “system”/);
  });
});

describe('A certificate', () => {
  let folder: string;
  const good = selfMadeCertificate({ key: 'rsa' });
  const other = selfMadeCertificate({ key: 'rsa' });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'liveresponse-certificate-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function file(...parts: (string | Buffer)[]): Record<string, string> {
    const path = join(folder, 'app.pem');
    writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
    return { ...SLACK, DEFENDER_CERTIFICATE_PATH: path };
  }

  function certificate(variables: Record<string, string>): Certificate {
    const { credential } = read(variables).defender;
    assert.ok(credential.kind === 'certificate');
    return credential.certificate;
  }

  /** The end of the one problem with the file. */
  function wrong(...parts: (string | Buffer)[]): string {
    const [name, words] = problem(file(...parts)).split(/: (.*)/);
    assert.equal(name, 'DEFENDER_CERTIFICATE_PATH');
    return words ?? '';
  }

  it('is read with its key, its thumbprint and its end', () => {
    const found = certificate(file(good.key, good.cert));
    assert.equal(
      found.thumbprint,
      createHash('sha256').update(new X509Certificate(good.cert).raw).digest('hex').toUpperCase(),
    );
    assert.equal(found.expires, Date.UTC(2049, 11, 31, 23, 59, 59));
    assert.equal(found.privateKey, good.key);
    assert.deepEqual(new X509Certificate(found.chain).raw, new X509Certificate(good.cert).raw);
  });

  it('stands before those that issued it, whatever the order of the file and the words between', () => {
    const bag = 'Bag Attributes\r\n    friendlyName: it-is-me\r\nKey Attributes: <No Attributes>\r\n';
    const crlf = (pem: string) => pem.replaceAll('\n', '\r\n');
    const found = certificate(file(bag, crlf(other.cert), bag, crlf(good.cert), bag, crlf(good.key)));
    const inChain = found.chain.split(/(?<=-----END CERTIFICATE-----\n)/).map((pem) => new X509Certificate(pem).raw);
    assert.deepEqual(
      inChain,
      [good.cert, other.cert].map((pem) => new X509Certificate(pem).raw),
    );
  });

  it('has a key that openssl wrote in its older form too', () => {
    const older = createPrivateKey(good.key).export({ type: 'pkcs1', format: 'pem' });
    assert.equal(certificate(file(older, good.cert)).privateKey, good.key);
  });

  it('is refused by name where the file is missing, no PEM, or lacks one of the two', () => {
    const nowhere = problem({ ...SLACK, DEFENDER_CERTIFICATE_PATH: join(folder, 'nowhere.pem') });
    assert.equal(nowhere, 'DEFENDER_CERTIFICATE_PATH: leads to no file that this process can read (ENOENT).');
    assert.match(problem({ ...SLACK, DEFENDER_CERTIFICATE_PATH: folder }), /\(EISDIR\)/);
    assert.match(wrong(Buffer.from([0x30, 0x82, 0x0a, 0x00])), /PEM file.*openssl pkcs12/);
    assert.match(wrong(good.cert), /no private key/);
    assert.match(wrong(good.key), /no certificate/);
    assert.match(wrong(good.key, other.cert), /no certificate that belongs to/);
    assert.match(wrong(good.key, other.key, good.cert), /several private keys/);
  });

  it('is refused where the key has a password, is of a kind that Entra does not take, or is broken', () => {
    const locked = { cipher: 'aes-256-cbc', passphrase: 'hush' };
    const pkcs8 = createPrivateKey(good.key).export({ type: 'pkcs8', format: 'pem', ...locked });
    const pkcs1 = createPrivateKey(good.key).export({ type: 'pkcs1', format: 'pem', ...locked });
    for (const key of [pkcs8, pkcs1]) assert.match(wrong(key, good.cert), /with a password/);
    const curve = selfMadeCertificate({ key: 'ec' });
    const short = selfMadeCertificate({ key: 'rsa', bits: 1024 });
    for (const { key, cert } of [curve, short]) assert.match(wrong(key, cert), /RSA key of at least 2048 bits/);
    assert.match(wrong('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', good.cert), /can't be read/);
    const torn = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    assert.match(wrong(good.key, torn), /certificate that can't be read/);
  });

  it('is refused once it is expired, and before it begins', () => {
    const past = selfMadeCertificate({ key: 'rsa', from: '250101000000Z', until: '261123120000Z' });
    assert.match(wrong(past.key, past.cert), /expired on 2026-11-23; make a new one/);
    const future = selfMadeCertificate({ key: 'rsa', from: '270101000000Z' });
    assert.match(wrong(future.key, future.cert), /isn't valid before 2027-01-01/);
  });

  it('is read too by commands that need no more than Defender, and its key is a secret for the log', () => {
    const variables = file(good.key, good.cert);
    assert.ok(secretsOf(read(variables)).includes(good.key));
    const entra = { DEFENDER_TENANT_ID: GUID, DEFENDER_CLIENT_ID: GUID, ...variables };
    assert.equal(readDefenderConfig(entra, TODAY).credential.kind, 'certificate');
  });
});
