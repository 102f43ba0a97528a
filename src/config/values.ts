import { isIP } from 'node:net';
import { isDefenderApi, isLoopback } from '../model/hosts.ts';

/** Why a value doesn't do, as the end of a sentence that begins with the variable's name. Never holds the value itself. */
export class Unfit extends Error {}

/** Turns the text of a variable into a value, or throws Unfit. */
export type Parse<T> = (value: string) => T;

const LOGIN_HOSTS = new Set(['login.microsoftonline.com', 'login.microsoftonline.us']);

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Text without blanks around it, at least so long. */
export function words(minimum: number): Parse<string> {
  return (value) => {
    if (value !== value.trim()) throw new Unfit('has blanks or line ends around it; remove them.');
    if (value.length < minimum) throw new Unfit(`is too short; it needs at least ${minimum} characters.`);
    return value;
  };
}

/** A file or folder; relative ones count from where the process was started. */
export const path: Parse<string> = (value) => {
  if (value.includes('\0')) throw new Unfit("isn't a path.");
  return words(1)(value);
};

/** A TCP port; 0 lets the system choose a free one. */
export const port: Parse<number> = (value) => {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= 65535)) throw new Unfit('must be a port: a whole number from 0 to 65535.');
  return number;
};

/** A TCP port, or `off` as null. */
export const portOrOff: Parse<number | null> = (value) => {
  if (value === 'off') return null;
  try {
    return port(value);
  } catch {
    throw new Unfit('must be a port, a whole number from 0 to 65535, or “off”.');
  }
};

/** An address to listen on: an IP address or a host name. */
export const host: Parse<string> = (value) => {
  if (isIP(value) === 0 && !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(value)) {
    throw new Unfit('must be an IP address or host name to listen on, such as 0.0.0.0 or 127.0.0.1.');
  }
  return value;
};

/** A duration as policies write them, from seconds to an hour; in milliseconds. */
export const duration: Parse<number> = (value) => {
  const [, digits, unit] = /^(\d{1,5})([smh])$/.exec(value) ?? [];
  const milliseconds = Number(digits) * (unit === 's' ? 1_000 : unit === 'm' ? 60_000 : 3_600_000);
  if (!(milliseconds >= 1_000 && milliseconds <= 3_600_000)) {
    throw new Unfit('must be a number and s, m or h, from 1s to 1h, such as 2m.');
  }
  return milliseconds;
};

/** A level of the log. */
export const logLevel: Parse<LogLevel> = (value) => {
  const level = LOG_LEVELS.find((known) => known === value);
  if (level === undefined) throw new Unfit(`must be one of ${LOG_LEVELS.join(', ')}.`);
  return level;
};

/** An Entra application's id. Real ones are GUIDs; the address is what matters here, and local stand-ins number theirs freely. */
export const client: Parse<string> = (value) => {
  if (!/^[\w.-]+$/.test(value)) throw new Unfit('must be an id like 00000000-0000-0000-0000-000000000000.');
  return value;
};

/** An id of an Entra application or tenant, in small letters: it is compared with what tokens and activities carry. */
export const guid: Parse<string> = (value) => {
  if (!GUID.test(value)) throw new Unfit('must be an id like 00000000-0000-0000-0000-000000000000.');
  return value.toLowerCase();
};

/** An Entra tenant: its id, or one of its domain names. The words that stand for any tenant won't do for an application alone. */
export const tenant: Parse<string> = (value) => {
  if (!/^[\w.-]+$/.test(value) || /^\.+$|^(?:common|organizations|consumers)$/i.test(value)) {
    throw new Unfit('must be the id of the Entra tenant, or one of its domain names.');
  }
  return value;
};

/** The value of a client secret; its id, which stands beside it in the portal, is a common mistake. */
export const clientSecret: Parse<string> = (value) => {
  if (GUID.test(value)) throw new Unfit("looks like the secret's id; take its value.");
  return words(1)(value);
};

/**
 * The managed identity that acts as the application `clientId`: `system`, or its client id. Another id would have other permissions,
 * and Defender would name a requestor that we don't take for ourselves.
 */
export function managedIdentity(clientId: string | undefined): Parse<{ clientId: string | null }> {
  return (value) => {
    if (value === 'system') return { clientId: null };
    try {
      client(value);
    } catch {
      throw new Unfit('must be “system”, or the client id of a managed identity of this machine.');
    }
    if (clientId !== undefined && value.toLowerCase() !== clientId.toLowerCase()) {
      throw new Unfit('must be the id in DEFENDER_CLIENT_ID, or “system”.');
    }
    return { clientId: value };
  };
}

/** Something that is on or not set at all. */
export const yes: Parse<true> = (value) => {
  if (value !== 'true') throw new Unfit('must be true; remove it to switch it off.');
  return true;
};

/** Slack's bot token. */
export const botToken: Parse<string> = (value) => {
  if (!/^xoxb-[\w-]+$/.test(value)) throw new Unfit('must be a bot token, which begins with xoxb-.');
  return value;
};

/** Slack's app-level token, for Socket Mode. */
export const appToken: Parse<string> = (value) => {
  if (!/^xapp-[\w-]+$/.test(value)) throw new Unfit('must be an app-level token, which begins with xapp-.');
  return value;
};

/** The address of a PostgreSQL database. */
export const databaseUrl: Parse<string> = (value) => {
  const url = parseUrl(value);
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new Unfit('must be an address like postgres://user:password@host:5432/database.');
  }
  return value;
};

/** What an Entra token is asked for. */
export const scope: Parse<string> = (value) => {
  if (!/^https:\/\/[\w.-]+(?:\/[\w.-]+)*\/\.default$/.test(value)) {
    throw new Unfit('must be a scope that begins with https:// and ends with /.default.');
  }
  return value;
};

/** The address that people reach: https (http only on loopback), without a path. Without a slash at its end. */
export const publicUrl: Parse<string> = (value) => {
  const url = webAddress(value);
  if (url.pathname !== '/') throw new Unfit('must not have a path: only https:// and the host.');
  return url.origin;
};

/** The Defender API, or a stand-in on loopback. Without a slash at its end. */
export const defenderApi: Parse<string> = (value) => {
  const url = allowed(value, isDefenderApi, "isn't one of Microsoft's addresses for Defender; see docs/defender.md.");
  return url.href.replace(/\/+$/, '');
};

/** Entra's sign-in address, or a stand-in on loopback. Without a slash at its end. */
export const login: Parse<string> = (value) => {
  const url = allowed(
    value,
    (hostname) => LOGIN_HOSTS.has(hostname),
    'must be https://login.microsoftonline.com, or .us for the government clouds.',
  );
  return url.href.replace(/\/+$/, '');
};

/** Slack's Web API, or a stand-in on loopback. With a slash at its end: the SDK appends the method's bare name. */
export const slackApi: Parse<string> = (value) => {
  const url = webAddress(value);
  if (!isLoopback(url.hostname) && url.href.replace(/\/*$/, '/') !== 'https://slack.com/api/') {
    throw new Unfit('must be https://slack.com/api/; another address is only accepted on loopback.');
  }
  return url.href.replace(/\/*$/, '/');
};

/** Microsoft Graph, or a stand-in on loopback. Without a slash at its end. */
export const graph: Parse<string> = (value) => {
  const isGraph = (hostname: string) => hostname === 'graph.microsoft.com';
  const only = 'must be https://graph.microsoft.com; another address is only accepted on loopback.';
  return allowed(value, isGraph, only).href.replace(/\/+$/, '');
};

/** A stand-in on loopback for something that has only one address otherwise. Without a slash at its end. */
export const standIn: Parse<string> = (value) => {
  const only = 'is only for a local stand-in, and must be on loopback; remove it.';
  return allowed(value, () => false, only).href.replace(/\/+$/, '');
};

/** An address of one of these hosts without a path, or any address on loopback. */
function allowed(value: string, isHost: (hostname: string) => boolean, otherwise: string): URL {
  const url = webAddress(value);
  if (isLoopback(url.hostname)) return url;
  if (!isHost(url.hostname) || url.port !== '') throw new Unfit(otherwise);
  if (url.pathname !== '/') throw new Unfit('must not have a path: only https:// and the host.');
  return url;
}

function webAddress(value: string): URL {
  const url = parseUrl(value);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Unfit('must be an address that begins with https://.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new Unfit('must begin with https://; plain http is only accepted on loopback.');
  }
  if (url.username !== '' || url.password !== '') throw new Unfit('must not hold a user name or password.');
  if (/[?#]/.test(value)) throw new Unfit('must not have a query or fragment (“?…” or “#…”).');
  return url;
}

/** `URL.parse` is missing in the oldest Node that we run on. */
function parseUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}
