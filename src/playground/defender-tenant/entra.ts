import { createHmac, createPublicKey, createVerify, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import express, { type Router } from 'express';
import { z } from 'zod';
import type { TenantClock } from './clock.ts';
import { type Faults, faultAnswer } from './faults.ts';
import type { Identity, Settings } from './options.ts';
import type { Answer } from './wire.ts';

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

const LEGACY_RESOURCE_HINTS = [
  'https://api.security.microsoft.com',
  'https://graph.microsoft.com',
  'https://management.azure.com',
];

/** What a token of ours says. */
interface Claims {
  aud: string;
  exp: number;
  tid: string;
  appid: string;
  roles: string[];
}

export interface Entra {
  /** The sign-in routes, to be mounted at the root. */
  router: Router;
  /** The claims of a bearer token that we issued and that hasn't expired; null for any other. */
  verify(authorization: string | undefined): Claims | null;
  /** The audience that the API insists on. */
  audience: string;
}

const claimsShape = z.object({
  aud: z.string(),
  exp: z.number(),
  tid: z.string(),
  appid: z.string(),
  roles: z.array(z.string()),
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The stand-in for Entra's token service. */
export function createEntra(deps: {
  identity: Identity;
  settings: Settings;
  clock: TenantClock;
  faults: Faults;
}): Entra {
  const { identity, settings, clock } = deps;
  const key = randomBytes(32);
  const audience = identity.scope.replace(/\/\.default$/, '');
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url');

  function issue(resource: string): Answer {
    const now = Math.floor(clock.time() / 1000);
    const claims = {
      aud: resource,
      iss: `https://sts.windows.net/${identity.tenantId}/`,
      iat: now,
      nbf: now,
      exp: now + settings.tokenSeconds,
      appid: identity.clientId,
      tid: identity.tenantId,
      // Roles are those of one resource: a token for another carries none.
      roles: resource === audience ? settings.roles : [],
      uti: randomBytes(12).toString('base64url'),
      ver: '1.0',
    };
    const body = `${part({ typ: 'JWT', alg: 'RS256', kid: 'stand-in' })}.${part(claims)}`;
    return {
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: settings.tokenSeconds,
        ext_expires_in: settings.tokenSeconds,
        access_token: `${body}.${sign(body)}`,
      },
    };
  }

  function verify(authorization: string | undefined): Claims | null {
    const [head, body, signature] = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]?.split('.') ?? [];
    if (head === undefined || body === undefined || signature === undefined) return null;
    if (!same(sign(`${head}.${body}`), signature)) return null;
    const claims = claimsShape.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    return claims.exp * 1000 > clock.time() ? claims : null;
  }

  function answer(tenant: string, form: URLSearchParams): Answer {
    const wrong = wrongWith(tenant, form, deps);
    if (wrong !== null) return wrong;
    const resource = (form.get('scope') ?? '').replace(/\/\.default$/, '');
    return issue(resource);
  }

  const router = express.Router();
  router.get('/:tenant/v2.0/.well-known/openid-configuration', (req, res) => {
    if (req.params.tenant !== identity.tenantId) {
      send(res, aadError(400, 'invalid_tenant', 90002, `Tenant '${req.params.tenant}' not found.`, clock));
    } else res.json(discovery(`https://${req.headers.host}/${identity.tenantId}`));
  });
  router.post('/:tenant/oauth2/v2.0/token', express.text({ type: () => true }), (req, res) => {
    const fault = deps.faults.takeEarly({ endpoint: 'token' });
    if (fault?.kind === 'reset') req.socket.resetAndDestroy();
    else if (fault?.kind === 'hang' || fault?.kind === 'hold') return;
    else if (fault !== null) send(res, faultAnswer(fault, clock.time(), identity.tenantId));
    else if (req.is('application/x-www-form-urlencoded') === false) {
      send(res, aadError(400, 'invalid_request', 900144, 'The request body must be a form.', clock));
    } else send(res, answer(req.params.tenant, new URLSearchParams(String(req.body ?? ''))));
  });
  return { router, verify, audience };
}

function send(res: express.Response, answer: Answer): void {
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

function wrongWith(
  tenant: string,
  form: URLSearchParams,
  { identity, clock }: { identity: Identity; clock: TenantClock },
): Answer | null {
  const fail = (status: number, error: string, code: number, text: string) =>
    aadError(status, error, code, text, clock);
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
  return wrongScope(form.get('scope') ?? '', identity, clock) ?? wrongProof(form, identity, clock);
}

function wrongScope(scope: string, identity: Identity, clock: TenantClock): Answer | null {
  if (!scope.endsWith('/.default') || scope.includes(' ')) {
    return aadError(
      400,
      'invalid_scope',
      1002012,
      `The scope '${scope}' is not valid: it must end in /.default.`,
      clock,
    );
  }
  // Entra knows other resources too, and gives a token that Defender then refuses with 403.
  const resource = scope.replace(/\/\.default$/, '');
  if (scope === identity.scope || LEGACY_RESOURCE_HINTS.includes(resource)) return null;
  return aadError(400, 'invalid_resource', 500011, `The resource '${resource}' was not found in the tenant.`, clock);
}

function wrongProof(form: URLSearchParams, identity: Identity, clock: TenantClock): Answer | null {
  const fail = (code: number, text: string) => aadError(401, 'invalid_client', code, text, clock);
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
  return assertionHolds(assertion, identity, clock.time())
    ? null
    : fail(700027, 'The client assertion failed signature validation, or has expired.');
}

const assertionShape = z.object({ iss: z.string(), sub: z.string(), aud: z.string(), exp: z.number() });

function assertionHolds(assertion: string, identity: Identity, now: number): boolean {
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

function aadError(status: number, error: string, code: number, text: string, clock: TenantClock): Answer {
  const [trace, correlation] = [randomUUID(), randomUUID()];
  const timestamp = `${new Date(clock.time()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
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
