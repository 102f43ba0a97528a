import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, Log, Metrics } from '../../../src/flow/ports.ts';

/** What a test makes the fake answer: an object as JSON with 200, or the whole exchange by hand. */
export type Reaction = Record<string, unknown> | ((request: Call, response: ServerResponse) => void);

export interface Call {
  /** `chat.postMessage`, or the path of anything that isn't the Web API. */
  method: string;
  authorization: string | undefined;
  /** Web API: fields with JSON values parsed. Else the parsed JSON. */
  body: Record<string, unknown>;
}

/** A Web API on this machine that records calls and answers as told. */
export class FakeSlack {
  readonly calls: Call[] = [];
  private readonly reactions = new Map<string, Reaction[]>();
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<FakeSlack> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeSlack(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void fake.serve(request, response));
    return fake;
  }

  get apiUrl(): string {
    return `${this.origin}/api/`;
  }

  /** Answers to the next calls of the method; the last one stays. */
  on(method: string, ...reactions: Reaction[]): void {
    this.reactions.set(method, reactions);
  }

  of(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = (request.url ?? '').replace(/^\/api\//, '');
    const call: Call = { method, authorization: request.headers.authorization, body: await readBody(request) };
    this.calls.push(call);
    const queue = this.reactions.get(method) ?? [];
    const reaction = queue.length > 1 ? queue.shift() : queue[0];
    if (typeof reaction === 'function') return reaction(call, response);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, ...reaction }));
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (request.headers['content-type'] === 'application/json') return JSON.parse(text) as Record<string, unknown>;
  return Object.fromEntries([...new URLSearchParams(text)].map(([key, value]) => [key, parsed(value)]));
}

function parsed(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  return JSON.parse(value);
}

/** A reaction: this status, with nothing useful in the body. */
export const status = (code: number, headers: Record<string, string> = {}): Reaction => {
  return (_call, response) => response.writeHead(code, headers).end('nothing useful');
};

/** A reaction: Slack says no. */
export const refuse = (error: string, more: Record<string, unknown> = {}): Reaction => ({ ok: false, error, ...more });

/** A reaction: the connection breaks without an answer. */
export const hangUp: Reaction = (_call, response) => response.destroy();

export const SECRET = 'a-signing-secret';

/** Headers as Slack signs them. */
export function signed(body: string, at: number, secret = SECRET): Record<string, string> {
  const time = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${signature}` };
}

/** The real time: Bolt looks at it too. */
export const clock: Clock = { now: () => Date.now() };

/** A log that keeps its lines. */
export function memoryLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const keep = (facts: object, message: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

/** Metrics that keep what was turned away and acknowledged. */
export function memoryMetrics(): Metrics & { rejected: string[]; acks: number } {
  const kept = {
    rejected: [] as string[],
    acks: 0,
    command() {},
    acknowledged() {
      kept.acks++;
    },
    rejectedInbound(_platform: string, why: string) {
      kept.rejected.push(why);
    },
    defenderCall() {},
    throttled() {},
    dispatchWait() {},
    reportLag() {},
    policyValid() {},
    policyInForce() {},
  };
  return kept;
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('It never came true.');
}
