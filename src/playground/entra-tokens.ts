import { createHmac, createPublicKey, createVerify, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';

/*
 * For whoever signs in with MSAL (looked at: msal-node 7.2.3, msal-common 16.17):
 * - A plain-http authority is refused at the first token request (`authority_uri_insecure`), whatever the protocolMode. So
 *   name `https://127.0.0.1:<port>/<tenant>` as the authority, list `127.0.0.1:<port>` in
 *   `knownAuthorities` (else MSAL asks login.microsoftonline.com for instance discovery), and let the `networkClient`
 *   turn `https:` into `http:` for exactly that host.
 * - MSAL then calls GET /<tenant>/v2.0/.well-known/openid-configuration once, checks that the issuer has the authority's
 *   scheme, host and port (hence the https addresses below), and POSTs to the token endpoint that document names.
 * - For login.microsoftonline.com and .us both are built in: only the POST is made.
 * - Tokens are cached in the ConfidentialClientApplication; after a 401 ask with `skipCache: true`.
 */

/** Where tokens are asked for. */
export const TOKEN_ENDPOINT = '/:tenant/oauth2/v2.0/token';

/** An application of a tenant, and what proves it. */
export interface TokenIdentity {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** PEM; an assertion signed with the key of one of them is accepted in place of the secret. */
  certificates: readonly string[];
}

export interface TokenServiceOptions {
  identity: TokenIdentity;
  /** Milliseconds since 1970. */
  time(): number;
  /** How long a token lasts. */
  tokenSeconds(): number;
  /** The roles in a token for a resource; null for one that the tenant doesn't know. */
  rolesFor(resource: string): readonly string[] | null;
  /** Told of each answer of the token endpoint: Entra's error code, null for a token. */
  answered?(request: Request, status: number, error: string | null): void;
}

/** What a token of ours says. */
export interface TokenClaims {
  aud: string;
  exp: number;
  tid: string;
  appid: string;
  roles: string[];
}

export interface TokenService {
  /** The sign-in routes, to be mounted at the root. */
  router: Router;
  /** The claims of a bearer token that we issued and that hasn't expired; null for any other. */
  verify(authorization: string | undefined): TokenClaims | null;
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const claimsShape = z.object({
  aud: z.string(),
  exp: z.number(),
  tid: z.string(),
  appid: z.string(),
  roles: z.array(z.string()),
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The stand-in for Entra's token service: client credentials by secret or certificate, with Entra's own refusals. */
export function createTokenService(options: TokenServiceOptions): TokenService {
  const { identity } = options;
  const key = randomBytes(32);
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url');

  function issue(resource: string): Answer {
    const now = Math.floor(options.time() / 1000);
    const seconds = options.tokenSeconds();
    const claims = {
      aud: resource,
      iss: `https://sts.windows.net/${identity.tenantId}/`,
      iat: now,
      nbf: now,
      exp: now + seconds,
      appid: identity.clientId,
      tid: identity.tenantId,
      // Roles are those of one resource: a token for another carries none.
      roles: options.rolesFor(resource) ?? [],
      uti: randomBytes(12).toString('base64url'),
      ver: '1.0',
    };
    const body = `${part({ typ: 'JWT', alg: 'RS256', kid: 'stand-in' })}.${part(claims)}`;
    const access_token = `${body}.${sign(body)}`;
    return { status: 200, body: { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token } };
  }

  function verify(authorization: string | undefined): TokenClaims | null {
    const [head, body, signature] = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]?.split('.') ?? [];
    if (head === undefined || body === undefined || signature === undefined) return null;
    if (!same(sign(`${head}.${body}`), signature)) return null;
    const claims = claimsShape.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    return claims.exp * 1000 > options.time() ? claims : null;
  }

  function answer(request: Request): Answer {
    if (request.is('application/x-www-form-urlencoded') === false) {
      return aadError(400, 'invalid_request', 900144, 'The request body must be a form.', options.time());
    }
    const form = new URLSearchParams(String(request.body ?? ''));
    const wrong = wrongWith(String(request.params.tenant), form, options);
    return wrong ?? issue((form.get('scope') ?? '').replace(/\/\.default$/, ''));
  }

  const router = express.Router();
  router.get('/:tenant/v2.0/.well-known/openid-configuration', (req, res) => {
    if (req.params.tenant !== identity.tenantId) {
      send(res, aadError(400, 'invalid_tenant', 90002, `Tenant '${req.params.tenant}' not found.`, options.time()));
    } else res.json(discovery(`https://${req.headers.host}/${identity.tenantId}`));
  });
  router.post(TOKEN_ENDPOINT, express.text({ type: () => true }), (req, res) => {
    const { status, body } = answer(req);
    options.answered?.(req, status, typeof body.error === 'string' ? body.error : null);
    send(res, { status, body });
  });
  return { router, verify };
}

function send(res: Response, answer: Answer): void {
  res.set('Cache-Control', 'no-store, no-cache').status(answer.status).json(answer.body);
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function discovery(base: string): Record<string, unknown> {
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
  };
}

function wrongWith(tenant: string, form: URLSearchParams, options: TokenServiceOptions): Answer | null {
  const { identity } = options;
  const fail = (status: number, error: string, code: number, text: string) =>
    aadError(status, error, code, text, options.time());
  for (const name of ['grant_type', 'client_id', 'scope']) {
    if ((form.get(name) ?? '') === '') {
      return fail(400, 'invalid_request', 900144, `The request body must contain the parameter '${name}'.`);
    }
  }
  if (tenant !== identity.tenantId) return fail(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`);
  if (form.get('grant_type') !== 'client_credentials') {
    return fail(400, 'unsupported_grant_type', 70003, `The grant '${form.get('grant_type')}' is not supported.`);
  }
  if (form.get('client_id') !== identity.clientId) {
    return fail(400, 'unauthorized_client', 700016, `No application '${form.get('client_id')}' in this directory.`);
  }
  return wrongScope(form.get('scope') ?? '', options) ?? wrongProof(form, options);
}

function wrongScope(scope: string, options: TokenServiceOptions): Answer | null {
  const fail = (error: string, code: number, text: string) => aadError(400, error, code, text, options.time());
  if (!scope.endsWith('/.default') || scope.includes(' ')) {
    return fail('invalid_scope', 1002012, `The scope '${scope}' is not valid: it must end in /.default.`);
  }
  const resource = scope.replace(/\/\.default$/, '');
  if (options.rolesFor(resource) !== null) return null;
  return fail('invalid_resource', 500011, `The resource '${resource}' was not found in the tenant.`);
}

function wrongProof(form: URLSearchParams, options: TokenServiceOptions): Answer | null {
  const { identity } = options;
  const fail = (code: number, text: string) => aadError(401, 'invalid_client', code, text, options.time());
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if (secret !== null) {
    if (same(secret, identity.clientSecret)) return null;
    return fail(7000215, 'Invalid client secret provided: send the secret value, not the secret id.');
  }
  if (assertion === null) return fail(7000216, "'client_assertion' or 'client_secret' is required for this grant.");
  if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') {
    return fail(900144, "The parameter 'client_assertion_type' is missing or wrong.");
  }
  return assertionHolds(assertion, identity, options.time())
    ? null
    : fail(700027, 'The client assertion failed signature validation, or has expired.');
}

const assertionShape = z.object({ iss: z.string(), sub: z.string(), aud: z.string(), exp: z.number() });

function assertionHolds(assertion: string, identity: TokenIdentity, now: number): boolean {
  const [head = '', body = '', signature = ''] = assertion.split('.');
  const signed = identity.certificates.some((pem) => signedBy(pem, head, body, signature));
  if (!signed) return false;
  const claims = assertionShape.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  return (
    claims.success &&
    claims.data.iss === identity.clientId &&
    claims.data.sub === identity.clientId &&
    claims.data.aud.includes(identity.tenantId) &&
    claims.data.exp * 1000 > now
  );
}

function signedBy(pem: string, head: string, body: string, signature: string): boolean {
  const header = z.object({ alg: z.enum(['RS256', 'PS256']) }).safeParse(parse(head));
  if (!header.success) return false;
  // RSA_PKCS1_PSS_PADDING is 6, RSA_PKCS1_PADDING is 1.
  const padding = header.data.alg === 'PS256' ? 6 : 1;
  const key = { key: createPublicKey(pem), padding, saltLength: 32 };
  return createVerify('sha256').update(`${head}.${body}`).verify(key, Buffer.from(signature, 'base64url'));
}

function parse(segment: string): unknown {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString());
  } catch {
    return null;
  }
}

function aadError(status: number, error: string, code: number, text: string, now: number): Answer {
  const [trace, correlation] = [randomUUID(), randomUUID()];
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}
