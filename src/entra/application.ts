import { type AuthenticationResult, ConfidentialClientApplication, type NodeAuthOptions } from '@azure/msal-node';
import { z } from 'zod';
import type { Credential } from '../model/credential.ts';
import { createNetwork, type NetworkOptions, type Service } from './network.ts';

/** Asks MSAL, which keeps tokens until shortly before they expire; `fresh`: for one that it doesn't have yet. */
export type Ask = (fresh: boolean) => Promise<AuthenticationResult | null>;

export interface ApplicationOptions extends NetworkOptions {
  loginUrl: string;
  tenantId: string;
  clientId: string;
  credential: Exclude<Credential, { kind: 'managed_identity' }>;
  scope: string;
}

/** An application of Entra's, which signs in by the client credentials grant. */
export function createApplication(options: ApplicationOptions): Ask {
  const login = new URL(options.loginUrl);
  const application = new ConfidentialClientApplication({
    auth: { clientId: options.clientId, ...authorityOf(login, options.tenantId), ...proofOf(options.credential) },
    system: { networkClient: createNetwork(options, tokenService(login)) },
  });
  return (fresh) =>
    application.acquireTokenByClientCredential({
      scopes: [options.scope],
      skipCache: fresh,
      // Else the environment variable MSAL_FORCE_REGION would send the secret to another host.
      azureRegion: 'DisableMsalForceRegion',
    });
}

/**
 * MSAL takes no authority over plain http. So it always gets one over https, with its endpoints given, which also saves the
 * discovery calls; our network then speaks to `loginUrl`, whatever its scheme.
 */
function authorityOf(login: URL, tenantId: string) {
  const authority = `https://${login.host}/${tenantId}`;
  return {
    authority,
    knownAuthorities: [login.host],
    authorityMetadata: JSON.stringify({
      issuer: `${authority}/v2.0`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    }),
  };
}

/** With its SHA-256 thumbprint MSAL signs by PS256; the chain lets Entra accept by subject and issuer too. */
function proofOf(credential: ApplicationOptions['credential']): Partial<NodeAuthOptions> {
  if (credential.kind === 'secret') return { clientSecret: credential.secret };
  const { thumbprint, privateKey, chain } = credential.certificate;
  return { clientCertificate: { thumbprintSha256: thumbprint, privateKey, x5c: chain } };
}

function tokenService(login: URL): Service {
  return {
    route(method, url) {
      if (method !== 'POST' || url.host !== login.host) return { refused: 'It would be asked for at another host.' };
      // Without the query that MSAL adds (client-request-id): Entra needs none.
      return { address: `${login.origin}${login.pathname.replace(/\/+$/, '')}${url.pathname}` };
    },
    answers: z.union([z.looseObject({ access_token: z.string().min(1) }), z.looseObject({ error: z.string().min(1) })]),
    isVerdict: (status) => status < 500 && status !== 429,
  };
}
