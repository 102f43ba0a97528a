import { AuthError, type AuthenticationResult, ServerError } from '@azure/msal-node';
import { EntraError } from '../errors.ts';
import type { Credential } from '../model/credential.ts';
import type { Time } from '../model/request.ts';
import { orDeadline } from '../outbound/exchange.ts';
import { type Ask, createApplication } from './application.ts';
import { createManagedIdentity } from './managed-identity.ts';
import { type NetworkOptions, REFUSED_PLACE, UNANSWERED } from './network.ts';
import { expiredSentence, signInSentence, type Target, unreachableSentence } from './sentences.ts';

export type { Outcome } from './network.ts';
export type { Target } from './sentences.ts';

export interface TokenOptions extends NetworkOptions {
  /** Of Microsoft Entra, or of a stand-in. A managed identity doesn't ask there, and needs no tenant and no application. */
  loginUrl: string;
  tenantId: string;
  clientId: string;
  credential: Credential;
  /** Ends in `/.default`. */
  scope: string;
  target: Target;
  now?: () => Time;
}

/** Access tokens for one scope, kept until shortly before they expire. */
export interface Tokens {
  /**
   * A token; another one than `rejected`, which the API did not accept. Throws EntraError, or TransportError when the
   * signal ends the wait.
   */
  get(options: { rejected: string | null; signal: AbortSignal }): Promise<string>;
}

/** A token that runs out so soon isn't worth giving. Milliseconds. */
const MARGIN = 60_000;

/** Signs in with MSAL when a token is first asked for, not before. */
export function createTokens(options: TokenOptions): Tokens {
  const { credential, target, now = Date.now } = options;
  const signIn = signInOf(options);
  const asking = new Map<boolean, Promise<string>>();
  let kept: { token: string; until: Time } | null = null;

  async function ask(fresh: boolean): Promise<string> {
    if (credential.kind === 'certificate' && credential.certificate.expires <= now()) {
      throw new EntraError('entra_sign_in', expiredSentence(target, credential.certificate));
    }
    try {
      const { accessToken, expiresOn } = tokenIn(await signIn(fresh), target);
      kept = { token: accessToken, until: (expiresOn?.getTime() ?? 0) - MARGIN };
      return accessToken;
    } catch (error) {
      const said = entraError(error, options);
      // MSAL renews long before the end, and gives nothing when that fails; the token it has is still good.
      if (!fresh && said.code === 'entra_unreachable' && kept !== null && now() < kept.until) return kept.token;
      throw said;
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

function signInOf(options: TokenOptions): Ask {
  const { credential } = options;
  return credential.kind === 'managed_identity'
    ? createManagedIdentity({ ...options, clientId: credential.clientId })
    : createApplication({ ...options, credential });
}

function tokenIn(result: AuthenticationResult | null, target: Target): AuthenticationResult {
  if (result === null) throw new EntraError('entra_sign_in', `I can't sign in to ${target.name}: no token came.`);
  return result;
}

/** MSAL's errors quote requests and answers, so they aren't kept as causes. */
function entraError(error: unknown, { target, credential }: TokenOptions): EntraError {
  if (error instanceof EntraError) return error;
  if (error instanceof ServerError) {
    const number = /AADSTS(\d+)/.exec(error.errorMessage)?.[1] ?? null;
    const failure = { number, description: error.errorMessage };
    return new EntraError('entra_sign_in', signInSentence(target, credential, failure));
  }
  if (error instanceof AuthError && error.errorCode === REFUSED_PLACE) {
    return new EntraError('entra_sign_in', `I can't sign in to ${target.name}. ${error.errorMessage}`);
  }
  if (error instanceof AuthError && error.errorCode !== UNANSWERED) {
    return new EntraError('entra_sign_in', `I can't sign in to ${target.name} (${error.errorCode}).`);
  }
  const why = error instanceof AuthError ? error.errorMessage : '';
  return new EntraError('entra_unreachable', unreachableSentence(credential, why));
}
