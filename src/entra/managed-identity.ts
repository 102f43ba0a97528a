import { AsyncLocalStorage } from 'node:async_hooks';
import { AuthError, type INetworkModule, ManagedIdentityApplication } from '@azure/msal-node';
import { z } from 'zod';
import { isLoopback } from '../model/hosts.ts';
import type { Ask } from './application.ts';
import { createNetwork, type NetworkOptions, type Service, UNANSWERED } from './network.ts';

export interface ManagedIdentityOptions extends NetworkOptions {
  /** Null: the system-assigned identity. */
  clientId: string | null;
  scope: string;
}

/**
 * The managed identity of the machine that this runs on. Where its endpoint is, MSAL learns from the variables that the platform
 * sets (`IDENTITY_ENDPOINT` and `IDENTITY_HEADER` on App Service and Container Apps; Azure Arc's likewise), and without any it is the
 * metadata service of a virtual machine.
 */
export function createManagedIdentity(options: ManagedIdentityOptions): Ask {
  const network = createNetwork(options, ENDPOINT);
  const application = new ManagedIdentityApplication({
    managedIdentityIdParams: options.clientId === null ? {} : { userAssignedClientId: options.clientId },
    // Whoever needs a token tries again, within a deadline of its own; MSAL would wait over a minute.
    system: { networkClient: SHARED, disableInternalRetries: true },
  });
  return (fresh) =>
    caller.run(network, () => application.acquireToken({ resource: options.scope, forceRefresh: fresh }));
}

/** MSAL keeps one source of managed identities for the whole process, with the first network it got. So that one finds its caller's. */
const caller = new AsyncLocalStorage<INetworkModule>();
const SHARED: INetworkModule = {
  sendGetRequestAsync: (url, request) => current().sendGetRequestAsync(url, request),
  sendPostRequestAsync: (url, request) => current().sendPostRequestAsync(url, request),
};

function current(): INetworkModule {
  const network = caller.getStore();
  if (network === undefined) throw new AuthError(UNANSWERED, '', 'asked from nowhere');
  return network;
}

/** Error answers have an `error`, or on App Service a `message`. */
const answerShape = z.union([
  z.looseObject({ access_token: z.string().min(1), expires_on: z.union([z.string().min(1), z.number()]) }),
  z.looseObject({ error: z.union([z.string().min(1), z.looseObject({})]) }),
  z.looseObject({ message: z.string().min(1) }),
]);

/** Answers that pass: the metadata service is being updated, starting, or asked too often (its documented error handling). */
const PASSING = new Set([404, 408, 410, 429]);

/** Whoever can answer in its place gets to act as us, so only what cannot leave this machine is asked, and plain http is fine there. */
const ENDPOINT: Service = {
  route(_method, url) {
    if (isLoopback(url.hostname) || isLinkLocal(url.hostname)) return { address: url.href };
    return { refused: `The managed identity endpoint is at ${url.hostname}, which is not on this machine.` };
  },
  answers: answerShape,
  isVerdict: (status) => status < 500 && !PASSING.has(status),
};

/** As the URL parser writes it, whatever way the address was spelled. */
function isLinkLocal(hostname: string): boolean {
  return /^169\.254(?:\.\d{1,3}){2}$/.test(hostname);
}
