import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { createEnvelopes, type Outcome } from './envelopes.ts';
import { APP } from './people.ts';

/** How patient Slack is, in milliseconds. */
export interface SocketTimes {
  /** For an acknowledgement. */
  patience: number;
  /** Before each further try to deliver an event: https://docs.slack.dev/apis/events-api#errors */
  retries: readonly number[];
  /** Between pings. */
  ping: number;
  /** From the announcement that a connection ends to its end. */
  notice: number;
}

const TIMES: SocketTimes = { patience: 3_000, retries: [0, 60_000, 300_000], ping: 10_000, notice: 10_000 };

/** An app may have so many connections at once. */
const MOST_LINKS = 10;

/** Commands, events, and all that is clicked and filled in: https://docs.slack.dev/apis/events-api/using-socket-mode#events */
function typeOf(payload: object): 'slash_commands' | 'events_api' | 'interactive' {
  if ('event' in payload) return 'events_api';
  return 'command' in payload ? 'slash_commands' : 'interactive';
}

/** What waits for more than a bare acknowledgement: a click or a shortcut is answered by calls, an event not at all. */
const takesWords = (payload: object): boolean =>
  'command' in payload || ('type' in payload && ANSWERED.includes(String(payload.type)));
const ANSWERED = ['view_submission', 'block_suggestion'];

interface Retry {
  retry_attempt: number;
  retry_reason: string;
}
const FIRST: Retry = { retry_attempt: 0, retry_reason: '' };

export type SocketMode = ReturnType<typeof createSocketMode>;

/** Slack's side of Socket Mode: addresses for one use, connections, and deliveries spread over them. */
export function createSocketMode(deps: {
  baseUrl: () => string;
  times: Partial<SocketTimes> | undefined;
  /** Told whenever a connection has come or gone. */
  changed: () => void;
}) {
  const times = { ...TIMES, ...deps.times };
  const server = new WebSocket.Server({ noServer: true, perMessageDeflate: false });
  const tickets = new Set<string>();
  const links: WebSocket[] = [];
  const complaints: string[] = [];
  const envelopes = createEnvelopes({ patience: times.patience, complain: (words) => void complaints.push(words) });
  const stopped = new AbortController();
  /** They get no more deliveries; those that were only warned still do, where there is no other. */
  const warned = new WeakSet<WebSocket>();
  const dismissed = new WeakSet<WebSocket>();
  const frozen = new WeakSet<WebSocket>();
  let turn = 0;

  const isOpen = (link: WebSocket): boolean => link.readyState === WebSocket.OPEN;
  const dismiss = (link: WebSocket, reason: string): void =>
    link.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'stand-in' } }));

  function greet(link: WebSocket): void {
    link.on('error', () => {});
    if (links.filter(isOpen).length >= MOST_LINKS) {
      dismiss(link, 'too_many_websockets');
      link.close(1000);
      return;
    }
    links.push(link);
    link.on('message', (data) => envelopes.answered(link, String(data)));
    const pings = setInterval(() => isOpen(link) && !frozen.has(link) && link.ping(), times.ping);
    link.on('close', () => {
      clearInterval(pings);
      links.splice(links.indexOf(link), 1);
      envelopes.lost(link);
      deps.changed();
    });
    const { length } = links;
    link.send(JSON.stringify({ type: 'hello', num_connections: length, connection_info: { app_id: APP.id } }));
    deps.changed();
  }

  /** To any of the connections, as Slack does; those that it has dismissed get nothing more. */
  async function once(payload: object, retry: Retry = FIRST): Promise<Outcome> {
    const willing = links.filter((link) => isOpen(link) && !dismissed.has(link));
    const able = willing.length > 0 ? willing : links.filter((link) => isOpen(link) && warned.has(link));
    const link = able[turn++ % able.length];
    if (link === undefined) return { status: null, body: '', failure: 'connection' };
    const type = typeOf(payload);
    return envelopes.send(link, {
      ...{ type, payload, takesWords: takesWords(payload) },
      retry: type === 'events_api' ? retry : {},
    });
  }
  return {
    /** The connections as they are now, oldest first. */
    links: (): number => links.filter(isOpen).length,
    /** What the app did against the rules. */
    complaints: (): string[] => [...complaints],
    /** Answer of `apps.connections.open`. */
    open(): Record<string, unknown> {
      const ticket = randomUUID();
      tickets.add(ticket);
      return { url: `${deps.baseUrl().replace(/^http/, 'ws')}/link/?ticket=${ticket}&app_id=${APP.id}` };
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      const { pathname, searchParams } = new URL(request.url ?? '/', deps.baseUrl());
      if (pathname !== '/link/' || !tickets.delete(searchParams.get('ticket') ?? '')) {
        socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket as IncomingMessage['socket'], head, greet);
    },
    /** An event that isn't acknowledged is tried again and again; anything else isn't. */
    async deliver(payload: object): Promise<Outcome> {
      let outcome = await once(payload);
      if (typeOf(payload) !== 'events_api') return outcome;
      for (const [index, wait] of times.retries.entries()) {
        if (outcome.failure === null || stopped.signal.aborted) break;
        const retry = {
          retry_attempt: index + 1,
          retry_reason: outcome.failure === 'timeout' ? 'timeout' : 'http_error',
        };
        await delay(wait, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
        outcome = await once(payload, retry);
      }
      return outcome;
    },
    /** Tells so many connections, the oldest first, that they end soon, which they do; `close` ends them at once. */
    dismiss(reason: 'warning' | 'refresh_requested' | 'link_disabled', close = false, count = MOST_LINKS): void {
      for (const link of links.filter((one) => isOpen(one) && !dismissed.has(one)).slice(0, count)) {
        dismissed.add(link);
        if (reason === 'warning') warned.add(link);
        dismiss(link, reason);
        if (close) link.close(1000);
        const end = setTimeout(() => link.close(1000), times.notice);
        link.once('close', () => clearTimeout(end));
      }
    },
    /** The next so many acknowledgements get lost on their way to Slack. */
    loseAnswers: envelopes.lose,
    /** Breaks all connections without a word. */
    cut(): void {
      for (const link of [...links]) link.terminate();
    },
    /** The cable is cut: the connections stay, and nothing comes through in either direction. */
    freeze(): void {
      for (const link of links) {
        dismissed.add(link);
        frozen.add(link);
        (link as unknown as { _socket: { pause(): void } })._socket.pause();
      }
    },
    sendRaw(text: string): void {
      for (const link of links.filter(isOpen)) link.send(text);
    },
    stop(): void {
      stopped.abort();
      for (const link of [...links]) link.terminate();
      server.close();
    },
  };
}

/** What HTTP carries in a form or as JSON, as the payload of an envelope. */
export function bodyOf(body: string, headers: Record<string, string>): object {
  if (headers['content-type'] === 'application/json') return JSON.parse(body) as object;
  const fields = new URLSearchParams(body);
  const payload = fields.get('payload');
  return payload === null ? Object.fromEntries(fields) : (JSON.parse(payload) as object);
}
