import assert from 'node:assert/strict';
import {
  type DefenderTenant,
  startDefenderTenant,
  type TenantOptions,
} from '../../../src/playground/defender-tenant/index.ts';

/** What came back. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  body: any;
}

/** A tenant that stands still until told otherwise, and a client with a token. */
export interface Caller {
  tenant: DefenderTenant;
  token: string;
  signIn(form?: Record<string, string>, tenantId?: string): Promise<Reply>;
  send(method: string, path: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, body: unknown): Promise<Reply>;
  submit(machine: string, body?: unknown): Promise<Reply>;
  order(name: string, body: unknown): Promise<Reply>;
}

async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: `text` has it.
  }
  return { status: response.status, headers: response.headers, text, body };
}

/** A submission that the tenant accepts. */
export function submission(runId = 'LR-8K3F2Q.1', script = 'Get-Processes.ps1', ...more: unknown[]): object {
  const first = { type: 'RunScript', params: [{ key: 'ScriptName', value: script }] };
  return { Commands: [first, ...more], Comment: `[${runId}] for the tests` };
}

/** Starts both. The caller closes `tenant`. */
export async function startCaller(options: TenantOptions = {}): Promise<Caller> {
  const tenant = await startDefenderTenant({ speed: 0, random: () => 0.5, ...options });
  const caller: Caller = {
    tenant,
    token: '',
    async signIn(form = {}, tenantId = tenant.tenantId) {
      const whole = {
        grant_type: 'client_credentials',
        client_id: tenant.clientId,
        client_secret: tenant.clientSecret,
        scope: tenant.scope,
        ...form,
      };
      const body = new URLSearchParams(Object.entries(whole).filter(([, value]) => value !== ''));
      return read(await fetch(`${tenant.loginUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body }));
    },
    async send(method, path, { body, headers = {} } = {}) {
      const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
      const init = { method, headers: { Authorization: `Bearer ${caller.token}`, ...json, ...headers } };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return read(await fetch(`${tenant.apiUrl}${path}`, body === undefined ? init : { ...init, body: text }));
    },
    get: (path) => caller.send('GET', path),
    post: (path, body) => caller.send('POST', path, { body }),
    submit: (machine, body = submission()) =>
      caller.post(`/api/machines/${tenant.machines.find(machine)?.id ?? machine}/runliveresponse`, body),
    order: (name, body) => caller.send('POST', `/_control/${name}`, { body, headers: { Authorization: '' } }),
  };
  const signedIn = await caller.signIn();
  assert.equal(signedIn.status, 200);
  caller.token = signedIn.body.access_token;
  return caller;
}

/** Asserts the usual error body, with code and status. */
export function assertRefused(reply: Reply, status: number, code: string): void {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.body?.error?.code, code, reply.text);
  assert.equal(typeof reply.body.error.message, 'string');
  assert.equal(typeof reply.body.error.target, 'string');
}

/** Waits until the condition holds; fails after two seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail(`never came true: ${what}`);
}
