import { AuthError, ConfidentialClientApplication, type INetworkModule, ServerError } from '@azure/msal-node';
import { z } from 'zod';
import { DefenderError } from '../errors.ts';
import type { Metrics } from '../flow/ports.ts';
import type { Credential } from '../model/credential.ts';
import { type Exchange, orDeadline, TransportError, withDeadline } from './exchange.ts';
import { signInSentence } from './sign-in.ts';
import { parseJson } from './trouble.ts';

export interface TokenOptions {
  loginUrl: string;
  tenantId: string;
  clientId: string;
  credential: Credential;
  scope: string;
  exchange: Exchange;
  metrics: Pick<Metrics, 'defenderCall'>;
  /** Milliseconds for one exchange with the token service. */
  deadline: number;
}

/** Access tokens for Defender, kept until shortly before they expire. */
export interface Tokens {
  /**
   * A token; another one than `rejected`, which the API did not accept. Throws DefenderError, or TransportError when the
   * signal ends the wait.
   */
  get(options: { rejected: string | null; signal: AbortSignal }): Promise<string>;
}

const ANSWER_LIMIT = 256 * 1024;
const UNANSWERED = 'unanswered';

/** A token or an error: anything else didn't come from Entra. */
const answerShape = z.union([
  z.looseObject({ access_token: z.string().min(1) }),
  z.looseObject({ error: z.string().min(1) }),
]);

/** Signs in with MSAL by the client credentials grant. */
export function createTokens(options: TokenOptions): Tokens {
  const application = createApplication(options);
  const asking = new Map<boolean, Promise<string>>();

  async function ask(fresh: boolean): Promise<string> {
    try {
      const result = await application.acquireTokenByClientCredential({
        scopes: [options.scope],
        skipCache: fresh,
        // Else the environment variable MSAL_FORCE_REGION would send the secret to another host.
        azureRegion: 'DisableMsalForceRegion',
      });
      if (result === null) throw new DefenderError('defender_sign_in', "I can't sign in to Defender: no token came.");
      return result.accessToken;
    } catch (error) {
      throw signInError(error);
    }
  }

  /** Calls that start together share one sign-in. */
  function share(fresh: boolean): Promise<string> {
    const running = asking.get(fresh) ?? ask(fresh).finally(() => asking.delete(fresh));
    asking.set(fresh, running);
    return running;
  }

  return {
    async get({ rejected, signal }) {
      const token = await orDeadline(share(false), signal);
      return token === rejected ? orDeadline(share(true), signal) : token;
    },
  };
}

const claimsShape = z.object({ roles: z.array(z.string()).optional() });

/** The application permissions that a token grants; none where it can't be read. Nothing is verified: for display only. */
export function rolesOf(token: string): string[] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return claimsShape.parse(claims).roles ?? [];
  } catch {
    return [];
  }
}

/**
 * MSAL takes no authority over plain http. So it always gets one over https, with its endpoints given, which also saves the
 * discovery calls; our network client then speaks to `loginUrl`, whatever its scheme.
 */
function createApplication(options: TokenOptions): ConfidentialClientApplication {
  const login = new URL(options.loginUrl);
  const authority = `https://${login.host}/${options.tenantId}`;
  return new ConfidentialClientApplication({
    auth: {
      clientId: options.clientId,
      clientSecret: options.credential.kind === 'secret' ? options.credential.secret : '',
      authority,
      knownAuthorities: [login.host],
      authorityMetadata: JSON.stringify({
        issuer: `${authority}/v2.0`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        jwks_uri: `${authority}/discovery/v2.0/keys`,
      }),
    },
    system: { networkClient: createNetwork(options, login) },
  });
}

function createNetwork(options: TokenOptions, login: URL): INetworkModule {
  async function post(address: string, headers: Record<string, string>, body: string) {
    const url = new URL(address);
    if (url.host !== login.host) throw new TransportError('unreachable', 'sign-in at another host');
    const incoming = await withDeadline(options.deadline, (signal) =>
      options.exchange.send({
        method: 'POST',
        // Without the query that MSAL adds (client-request-id): Entra needs none.
        url: `${login.origin}${login.pathname.replace(/\/+$/, '')}${url.pathname}`,
        headers,
        body,
        limit: ANSWER_LIMIT,
        signal,
      }),
    );
    const answer = answerShape.safeParse(parseJson(incoming.body.toString()));
    // Trouble of the service itself, or of something in between, is no verdict about our settings.
    const verdict = incoming.status < 500 && incoming.status !== 429 && answer.success;
    if (!verdict) throw new TransportError('unreachable', `it answered ${incoming.status}`);
    return { status: incoming.status, headers: incoming.headers, body: answer.data };
  }
  return {
    sendGetRequestAsync: () => Promise.reject(new TransportError('unreachable', 'no discovery calls are made')),
    async sendPostRequestAsync<T>(url: string, request: { headers?: Record<string, string>; body?: string } = {}) {
      try {
        const response = await post(url, request.headers ?? {}, request.body ?? '');
        options.metrics.defenderCall('token', response.status === 200 ? 'ok' : 'refused');
        return { ...response, body: response.body as T };
      } catch (error) {
        options.metrics.defenderCall('token', 'unreachable');
        // MSAL lets only errors of its own kind through as they are.
        throw new AuthError(UNANSWERED, '', error instanceof TransportError ? error.message : 'no answer');
      }
    },
  };
}

/** MSAL's errors quote requests and answers, so they aren't kept as causes. */
function signInError(error: unknown): DefenderError {
  if (error instanceof DefenderError) return error;
  if (error instanceof ServerError) {
    const number = /AADSTS(\d+)/.exec(error.errorMessage)?.[1] ?? null;
    return new DefenderError('defender_sign_in', signInSentence({ number, description: error.errorMessage }));
  }
  if (error instanceof AuthError && error.errorCode !== UNANSWERED) {
    return new DefenderError('defender_sign_in', `I can't sign in to Defender (${error.errorCode}).`);
  }
  const why = error instanceof AuthError ? ` (${error.errorMessage})` : '';
  return new DefenderError('defender_unreachable', `The sign-in service of Microsoft Entra doesn't answer${why}.`);
}
