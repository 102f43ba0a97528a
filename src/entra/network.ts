import { AuthError, type INetworkModule, type NetworkRequestOptions } from '@azure/msal-node';
import type { z } from 'zod';
import { type Exchange, TransportError, withDeadline } from '../outbound/exchange.ts';
import { parseJson } from '../outbound/json.ts';

/** How an exchange with a token service ended, for metrics. */
export type Outcome = 'ok' | 'refused' | 'unreachable';

export interface NetworkOptions {
  exchange: Exchange;
  /** Milliseconds for one exchange. */
  deadline: number;
  counted: (outcome: Outcome) => void;
}

/** What a token service is like. */
export interface Service {
  /** Where a request of MSAL's really goes; a sentence says why it goes nowhere. */
  route(method: 'GET' | 'POST', url: URL): { address: string } | { refused: string };
  /** A token or an error: anything else didn't come from the service. */
  answers: z.ZodType<object>;
  /** Whether an answer with this status is a verdict about us, and not about the service's own trouble. */
  isVerdict(status: number): boolean;
}

/** MSAL lets only errors of its own kind through as they are. These two are ours. */
export const UNANSWERED = 'unanswered';
export const REFUSED_PLACE = 'refused_place';

const ANSWER_LIMIT = 256 * 1024;

/** MSAL's way out: over our exchange, to the service and nowhere else. */
export function createNetwork(options: NetworkOptions, service: Service): INetworkModule {
  async function exchange(method: 'GET' | 'POST', address: string, { headers, body }: NetworkRequestOptions) {
    const incoming = await withDeadline(options.deadline, (signal) =>
      options.exchange.send({
        method,
        url: address,
        headers: headers ?? {},
        ...(body === undefined ? {} : { body }),
        limit: ANSWER_LIMIT,
        signal,
      }),
    );
    const answer = service.answers.safeParse(parseJson(incoming.body.toString()));
    if (!answer.success || !service.isVerdict(incoming.status)) {
      throw new TransportError('unreachable', `it answered ${incoming.status}`);
    }
    return { status: incoming.status, headers: incoming.headers, body: answer.data };
  }

  async function send<T>(method: 'GET' | 'POST', url: string, request: NetworkRequestOptions = {}) {
    const route = service.route(method, new URL(url));
    if ('refused' in route) throw new AuthError(REFUSED_PLACE, '', route.refused);
    try {
      const response = await exchange(method, route.address, request);
      options.counted(response.status === 200 ? 'ok' : 'refused');
      return { ...response, body: response.body as T };
    } catch (error) {
      options.counted('unreachable');
      throw new AuthError(UNANSWERED, '', error instanceof TransportError ? error.message : 'no answer');
    }
  }

  return {
    sendGetRequestAsync: (url, request) => send('GET', url, request),
    sendPostRequestAsync: (url, request) => send('POST', url, request),
  };
}
