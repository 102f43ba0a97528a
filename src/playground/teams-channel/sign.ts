import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';

/** How a token departs from the one that the Bot Framework would send. */
export const TokenOddity = z.enum([
  'garbage',
  'expired',
  'not_before',
  'wrong_audience',
  'wrong_issuer',
  'wrong_service_url',
  'missing_service_url',
  /** A key that is published nowhere. */
  'unknown_key',
  /** The id of the published key over the signature of another. */
  'wrong_key',
  'alg_none',
  /** HMAC with the published key as the secret. */
  'hs256',
  /** A published key that vouches for other channels only. */
  'other_endorsements',
]);
export type TokenOddity = z.output<typeof TokenOddity>;

const ISSUER = 'https://api.botframework.com';
const MINUTE = 60;
/** Well beyond the five minutes of tolerance for clocks. */
const LONG = 15 * MINUTE;

interface SigningKey {
  kid: string;
  private: KeyObject;
  /** The channels that the key vouches for. */
  endorsements: string[];
}

const named = ({ kid }: SigningKey) => ({ kid, x5t: kid });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function mintKey(kid: string, endorsements: string[]): SigningKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, private: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })), endorsements };
}

/** Minting takes its time, so it's done once in a process, when first needed. */
const once = (kid: string, endorsements: string[]): (() => SigningKey) => {
  let key: SigningKey | undefined;
  return () => {
    key ??= mintKey(kid, endorsements);
    return key;
  };
};
const publishedKey = once('stand-in-1', ['msteams']);
const elsewhereKey = once('stand-in-2', ['directline', 'webchat']);
const secretKey = once('never-published', ['msteams']);

/** The Bot Framework's signing keys, and the tokens it puts on activities. */
export function createSigner(deps: { appId: string; now: () => number }) {
  const jwk = (key: SigningKey) => {
    const { n, e } = createPublicKey(key.private).export({ format: 'jwk' });
    return { kty: 'RSA', use: 'sig', kid: key.kid, x5t: key.kid, n, e, endorsements: key.endorsements };
  };

  const sign = (head: object, claims: object, signature: (text: string) => string): string => {
    const text = `${part(head)}.${part(claims)}`;
    return `${text}.${signature(text)}`;
  };
  const rs256 = (key: SigningKey) => (text: string) =>
    createSign('RSA-SHA256').update(text).sign(key.private, 'base64url');

  return {
    /** https://login.botframework.com/v1/.well-known/openidconfiguration, for keys at `jwksUri`. */
    metadata: (jwksUri: string) => ({
      issuer: ISSUER,
      authorization_endpoint: 'https://invalid.botframework.com',
      jwks_uri: jwksUri,
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    }),
    keys: () => ({ keys: [jwk(publishedKey()), jwk(elsewhereKey())] }),

    /** A token for an activity that names this service URL. */
    token(serviceUrl: string, oddity?: TokenOddity): string {
      if (oddity === 'garbage') return 'not.a.token';
      const now = Math.floor(deps.now() / 1000);
      const shift = oddity === 'expired' ? -LONG - 5 * MINUTE : oddity === 'not_before' ? LONG : 0;
      const url = oddity === 'wrong_service_url' ? 'https://smba.example.net/amer/' : serviceUrl;
      const claims = {
        ...(oddity === 'missing_service_url' ? {} : { serviceurl: url }),
        nbf: now + shift,
        exp: now + shift + 5 * MINUTE,
        iss: oddity === 'wrong_issuer' ? 'https://sts.example.net/' : ISSUER,
        aud: oddity === 'wrong_audience' ? '00000000-0000-4000-8000-000000000000' : deps.appId,
      };
      const published = publishedKey();
      const head = { typ: 'JWT', alg: 'RS256', ...named(published) };
      switch (oddity) {
        case 'alg_none':
          return sign({ ...head, alg: 'none' }, claims, () => '');
        case 'hs256': {
          const pem = createPublicKey(published.private).export({ type: 'spki', format: 'pem' });
          const hmac = (text: string) => createHmac('sha256', pem).update(text).digest('base64url');
          return sign({ ...head, alg: 'HS256' }, claims, hmac);
        }
        case 'unknown_key':
          return sign({ ...head, ...named(secretKey()) }, claims, rs256(secretKey()));
        case 'wrong_key':
          return sign(head, claims, rs256(secretKey()));
        case 'other_endorsements':
          return sign({ ...head, ...named(elsewhereKey()) }, claims, rs256(elsewhereKey()));
        default:
          return sign(head, claims, rs256(published));
      }
    },
  };
}

export type Signer = ReturnType<typeof createSigner>;
