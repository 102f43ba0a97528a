import { z } from 'zod';

/** Quotas per application and tenant, on the real clock. */
const limitsShape = z.strictObject({
  submissionsPerMinute: z.number().int().min(1),
  readsPerMinute: z.number().int().min(1),
  readsPerHour: z.number().int().min(1),
  /** Actions in progress at the same time. */
  sessions: z.number().int().min(1),
});

const span = z.tuple([z.number().min(0), z.number().min(0)]);

/** How long things take, each a span in simulated milliseconds. */
const timingsShape = z.strictObject({
  /** From creation to the end, one command. Each further command adds `perCommand`. */
  total: span,
  perCommand: z.number().min(0),
  /** Until the device picks the action up. */
  pending: span,
  /** From the last command's end to the action's. */
  tail: span,
});

/** What can be changed while the tenant runs. All durations in simulated milliseconds. */
export const settingsShape = z.strictObject({
  speed: z.number().min(0),
  /** A fresh action is 404 and missing from lists for so long. */
  lagMs: z.number().min(0),
  roles: z.array(z.string()),
  limits: limitsShape,
  timings: timingsShape,
  /** How a quota 429 tells the wait, and how the 429 for too many sessions does. */
  retryAfter: z.enum(['seconds', 'date', 'none']),
  sessionsRetryAfter: z.enum(['seconds', 'date', 'none']),
  /** How long an action waits for a device that is off, and how it then ends (not documented). */
  queueMs: z.number().min(0),
  queueEnds: z.enum(['TimeOut', 'Failed']),
  /** What a submission to a machine with an action of the API gets: a refusal, or 2xx with that action. */
  onBusy: z.enum(['refuse', 'foreign']),
  linkMs: z.number().min(0),
  /** Entries on a page before a nextLink; and the origin it names, null for this server's own. */
  pageSize: z.number().int().min(1).max(10_000),
  nextLinkOrigin: z.string().nullable(),
  /** Seconds that a token lives, on the real clock. */
  tokenSeconds: z.number().min(1),
});
export type Settings = z.infer<typeof settingsShape>;

/** The settings of an ordinary tenant. */
function defaultSettings(): Settings {
  return {
    speed: 1,
    lagMs: 0,
    roles: ['Machine.LiveResponse', 'Machine.Read.All', 'Library.Manage'],
    limits: { submissionsPerMinute: 10, readsPerMinute: 100, readsPerHour: 1500, sessions: 50 },
    timings: { total: [137_000, 201_000], perCommand: 12_000, pending: [10_000, 25_000], tail: [37_000, 46_000] },
    retryAfter: 'seconds',
    sessionsRetryAfter: 'none',
    queueMs: 2 * 3_600_000,
    queueEnds: 'TimeOut',
    onBusy: 'refuse',
    linkMs: 30 * 60_000,
    pageSize: 10_000,
    nextLinkOrigin: null,
    tokenSeconds: 3599,
  };
}

/** Who the bot is to Entra. */
export interface Identity {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  /** PEM certificates (or public keys) whose key may sign a client assertion instead of the secret. */
  certificates: readonly string[];
}

/** What `startDefenderTenant` takes; all of it optional. */
export interface TenantOptions extends Partial<Settings>, Partial<Identity> {
  /** Loopback ports, 0 (the default) for any. `api` also serves sign-in and control. */
  ports?: { api?: number; blob?: number };
  /** The real clock, for tests. */
  wall?: () => number;
  /** In [0, 1), for tests. */
  random?: () => number;
}

/** Who the bot is, with what isn't told made up. */
export function identityOf(options: TenantOptions): Identity {
  return {
    tenantId: options.tenantId ?? '5c1e8d3a-6f0b-4c52-9d7e-8a41b2f3c601',
    clientId: options.clientId ?? '91d7a4be-2c35-4f68-b0a9-7e5d3c1f8a42',
    clientSecret: options.clientSecret ?? 'a-secret-of-the-playground-only',
    scope: options.scope ?? 'https://api.securitycenter.microsoft.com/.default',
    certificates: options.certificates ?? [],
  };
}

/** The settings to start with. */
export function settingsOf(options: TenantOptions): Settings {
  const known = Object.keys(settingsShape.shape);
  const given = Object.entries(options).filter(([name, value]) => known.includes(name) && value !== undefined);
  return settingsShape.parse({ ...defaultSettings(), ...Object.fromEntries(given) });
}
