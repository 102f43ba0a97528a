import { CloudAdapter, ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import {
  AuthenticationConfiguration,
  AuthenticationConstants,
  type Claim,
  ServiceClientCredentialsFactory,
} from 'botframework-connector';
import { aloud, hush } from './hush.ts';

/** Who signs what Teams sends, in the commercial cloud and the government community cloud. */
export const ISSUER = 'https://api.botframework.com';
export const SCOPE = 'https://api.botframework.com/.default';

/** Proof of what comes in. */
export interface Adapter {
  /**
   * Does the work if the activity is proved to come from Teams to this bot, within so many milliseconds; `unproved` otherwise, and
   * nothing was done. What the work throws is thrown on.
   */
  proved<T>(activity: object, authorization: string, within: number, work: () => Promise<T>): Promise<T | 'unproved'>;
  /** Has the keys fetched before somebody waits for them. Returns at once. */
  warm(): void;
}

/**
 * The SDK's adapter, for the proof of inbound activities: signature, issuer, audience, time, service URL and endorsement. It
 * gets a response that leads nowhere, since it would tell the caller what it thinks.
 */
export function createAdapter(options: { appId: string; tenantId: string; openIdMetadataUrl: string }): Adapter {
  const authentication = new ConfigurationBotFrameworkAuthentication(
    {
      MicrosoftAppId: options.appId,
      MicrosoftAppTenantId: options.tenantId,
      MicrosoftAppType: 'SingleTenant',
      // Setting one of these takes the defaults of all others away.
      ToChannelFromBotLoginUrl: `https://login.microsoftonline.com/${options.tenantId}`,
      ToChannelFromBotOAuthScope: SCOPE,
      ToBotFromChannelTokenIssuer: ISSUER,
      OAuthUrl: AuthenticationConstants.OAuthUrl,
      ToBotFromChannelOpenIdMetadataUrl: options.openIdMetadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: AuthenticationConstants.ToBotFromEmulatorOpenIdMetadataUrl,
      CallerId: '',
    },
    new InboundOnly(options.appId),
    new AuthenticationConfiguration([], refuseOddClaims),
  );
  const adapter = new CloudAdapter(authentication);
  const nothing = async (): Promise<void> => {};
  return {
    warm() {
      // The SDK fetches keys for the first token that comes; one that nobody signed will do.
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${part({ alg: 'RS256', kid: 'none' })}.${part({ iss: ISSUER })}.none`;
      const body = { type: 'message', channelId: 'msteams', serviceUrl: '' };
      const request = { body, headers: { authorization: `Bearer ${token}` }, method: 'POST' };
      hush(() => adapter.process(request, NOWHERE, nothing)).catch(() => undefined);
    },
    proved<T>(activity: object, authorization: string, within: number, work: () => Promise<T>) {
      if (!isFromChannel(authorization)) return Promise.resolve('unproved');
      const request = { body: { ...activity }, headers: { authorization }, method: 'POST' };
      return new Promise<T | 'unproved'>((resolve, reject) => {
        // The SDK fetches keys without a deadline. A proof that comes too late comes for nobody.
        let late = false;
        const timer = setTimeout(() => {
          late = true;
          resolve('unproved');
        }, within);
        hush(() =>
          adapter.process(request, NOWHERE, async () => {
            if (late) return;
            clearTimeout(timer);
            await aloud(work).then(resolve, reject);
          }),
        )
          .catch(() => undefined)
          .finally(() => {
            clearTimeout(timer);
            resolve('unproved');
          });
      });
    },
  };
}

const NOWHERE = { socket: null, status: () => {}, header: () => {}, send: () => {}, end: () => {} };

/**
 * Tokens of the emulator and of other bots are another way in, which checks less; this bot takes what Teams signs, and nothing
 * else. Reads only: the signature is checked afterwards.
 */
function isFromChannel(authorization: string): boolean {
  const [, payload = ''] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(authorization) ?? [];
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null && 'iss' in claims && claims.iss === ISSUER;
  } catch {
    return false;
  }
}

/** A token without an end would hold for ever. */
async function refuseOddClaims(claims: Claim[]): Promise<void> {
  const value = (type: string): unknown => claims.find((claim) => claim.type === type)?.value;
  if (value('iss') !== ISSUER || typeof value('exp') !== 'number') throw new Error('The token lacks a claim.');
}

/** Who the bot is, for what comes in. Nothing goes out through the adapter, and authentication is never off. */
class InboundOnly extends ServiceClientCredentialsFactory {
  readonly #appId: string;

  constructor(appId: string) {
    super();
    this.#appId = appId.toLowerCase();
  }

  override isValidAppId(appId: string): Promise<boolean> {
    return Promise.resolve(appId.toLowerCase() === this.#appId);
  }

  override isAuthenticationDisabled(): Promise<boolean> {
    return Promise.resolve(false);
  }

  override createCredentials(): Promise<{ signRequest(): Promise<never> }> {
    return Promise.resolve({ signRequest: () => Promise.reject(new Error('Nothing goes out this way.')) });
  }
}
