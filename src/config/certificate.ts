import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Certificate } from '../model/credential.ts';
import type { Time } from '../model/request.ts';
import { type Parse, path, Unfit } from './values.ts';

/** Entra takes no shorter ones. */
const SHORTEST_KEY = 2048;

const BLOCK = /-----BEGIN (?<label>[A-Z0-9 ]+)-----[\s\S]*?-----END \k<label>-----/g;
const CERTIFICATE = 'CERTIFICATE';
const PRIVATE_KEY = /^(?:RSA |EC )?PRIVATE KEY$/;

/**
 * The certificate in a PEM file: one private key without a password, its certificate, and perhaps those that issued it, in any
 * order. Throws Unfit, also for one that isn't valid at the time `now`.
 */
export function certificateFile(now: Time): Parse<Certificate> {
  return (value) => certificateIn(read(path(value)), now);
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no such file';
    throw new Unfit(`leads to no file that this process can read (${code}).`);
  }
}

function certificateIn(content: Buffer, now: Time): Certificate {
  const blocks = [...content.toString('latin1').matchAll(BLOCK)].map((match) => ({
    label: match.groups?.label ?? '',
    pem: match[0],
  }));
  if (blocks.length === 0) {
    throw new Unfit('must be a PEM file; make one of a .pfx: openssl pkcs12 -in app.pfx -out app.pem -noenc');
  }
  const key = keyIn(blocks);
  const certificates = blocks.filter(({ label }) => label === CERTIFICATE).map(({ pem }) => readable(pem));
  if (certificates.length === 0) throw new Unfit('holds no certificate; put it into the file of its private key.');
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw new Unfit("holds no certificate that belongs to the file's private key.");
  refuseOutOfTime(own, now);
  const issuers = certificates.filter((certificate) => certificate !== own);
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    chain: [own, ...issuers].map((certificate) => certificate.toString()).join(''),
    thumbprint: own.fingerprint256.replaceAll(':', ''),
    expires: Date.parse(own.validTo),
  };
}

function keyIn(blocks: readonly { label: string; pem: string }[]): KeyObject {
  const keys = blocks.filter(({ label }) => PRIVATE_KEY.test(label)).map(({ pem }) => pem);
  const [pem, ...others] = keys;
  if (blocks.some(({ label }) => label === 'ENCRYPTED PRIVATE KEY') || pem?.includes('4,ENCRYPTED')) {
    throw new Unfit('holds a private key with a password; take it off: openssl pkey -in app.pem -out key.pem');
  }
  if (pem === undefined) throw new Unfit('holds no private key; put it into the file of the certificate.');
  if (others.length > 0) throw new Unfit('holds several private keys; leave one.');
  const key = privateKey(pem);
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < SHORTEST_KEY) {
    throw new Unfit(`must hold an RSA key of at least ${SHORTEST_KEY} bits: Microsoft Entra takes no other.`);
  }
  return key;
}

/** The errors of OpenSSL aren't kept: what they say depends on the key. */
function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Unfit("holds a private key that can't be read.");
  }
}

function readable(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new Unfit("holds a certificate that can't be read.");
  }
}

function refuseOutOfTime(certificate: X509Certificate, now: Time): void {
  const day = (time: string): string => new Date(time).toISOString().slice(0, 10);
  if (Date.parse(certificate.validTo) <= now) {
    const mend = 'make a new one and upload it in Microsoft Entra';
    throw new Unfit(`holds a certificate that expired on ${day(certificate.validTo)}; ${mend}.`);
  }
  if (Date.parse(certificate.validFrom) > now) {
    throw new Unfit(`holds a certificate that isn't valid before ${day(certificate.validFrom)}.`);
  }
}
