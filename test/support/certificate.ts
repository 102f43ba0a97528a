import { generateKeyPairSync, sign } from 'node:crypto';

export interface CertificateOptions {
  key?: 'ec' | 'rsa';
  /** Of an RSA key. */
  bits?: number;
  /** `YYMMDDhhmmssZ`. */
  from?: string;
  until?: string;
}

/** A self-made certificate for 127.0.0.1, valid until 2049 unless said: just enough DER (RFC 5280) for a test. PEM, the key without a password. */
export function selfMadeCertificate(options: CertificateOptions = {}): { key: string; cert: string } {
  const { key = 'ec', bits = 2048, from = '200101000000Z', until = '491231235959Z' } = options;
  const { publicKey, privateKey } =
    key === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: bits });
  const algorithm = ALGORITHMS[key];
  const name = seq(set(seq(oid([0x55, 0x04, 0x03]), der(0x0c, Buffer.from('stand-in')))));
  const times = seq(der(0x17, Buffer.from(from)), der(0x17, Buffer.from(until)));
  const altNames = seq(der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = der(0xa3, seq(seq(oid([0x55, 0x1d, 0x11]), der(0x04, altNames))));
  const body = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    times,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const base64 = seq(body, algorithm, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const seq = (...parts: Buffer[]) => der(0x30, ...parts);
const set = (...parts: Buffer[]) => der(0x31, ...parts);
const oid = (bytes: number[]) => der(0x06, Buffer.from(bytes));

/** ecdsa-with-SHA256, and sha256WithRSAEncryption with its NULL. */
const ALGORITHMS = {
  ec: seq(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])),
  rsa: seq(oid([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), der(0x05)),
};
