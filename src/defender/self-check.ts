import type { DefenderConfig } from '../config.ts';
import { createTokens, rolesOf } from '../entra/index.ts';
import { DefenderError } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import type { LibraryFile } from '../model/machine.ts';
import { createExchange, type Incoming, TransportError, withDeadline } from '../outbound/exchange.ts';
import { parseJson } from '../outbound/json.ts';
import { createApi } from './http.ts';
import { readAll, readFirst } from './pages.ts';
import { forbiddenSentence } from './permissions.ts';
import { said, unansweredOr } from './read-errors.ts';
import { refusalOf } from './refusals.ts';
import { DEFENDER, forDefender } from './sign-in.ts';
import { parseAction } from './submit.ts';
import { troubleOf } from './trouble.ts';
import { libraryFileShape, machineShape } from './wire.ts';

/** Looks at Defender that change nothing. Each throws DefenderError where there is no answer, or a no. */
export interface DefenderCheck {
  /** Signs in; the application permissions in the token. */
  roles(): Promise<string[]>;
  /** Reads one machine; whether there is any. */
  anyMachine(): Promise<boolean>;
  library(): Promise<LibraryFile[]>;
  liveResponse(): Promise<Probe>;
  close(): void;
}

/** What asking for a live response on no machine has shown. */
export type Probe =
  /** The application may: Defender got as far as looking for the machine. */
  | { verdict: 'allowed' }
  | { verdict: 'refused'; code: string; message: string }
  /** The answer says nothing about the permission. */
  | { verdict: 'unknown'; message: string }
  /** What answered isn't Defender: a success that is no JSON. */
  | { verdict: 'foreign'; status: number }
  /** Never seen: Defender took it. `action` names what it made of it, where it says so. */
  | { verdict: 'accepted'; action: string | null };

/**
 * The machine that the probe names. Ids of machines are hexadecimal digits and this is none; were a name taken in their place, it is
 * longer than any label of a host name (63 characters) or host name of Linux (64). So there can't be such a machine.
 */
export const NO_MACHINE = 'liveresponse-doctor-asks-whether-it-may-and-there-is-no-machine-of-this-name';

/** Even on a machine it would run nothing, and find no file to collect. */
const NOTHING = {
  Commands: [{ type: 'GetFile', params: [{ key: 'Path', value: 'C:\\liveresponse-doctor\\there-is-no-such-file' }] }],
  Comment: 'liveresponse doctor: a look at permissions, on a machine that does not exist',
};

/** Nobody shares a budget with it: it makes five calls. */
const UNLIMITED = {
  takeRead: async () => ({ wait: 0, outage: false }),
  readEnded: async () => undefined,
  blockReads: async () => undefined,
};
const UNCOUNTED = { defenderCall: () => undefined, throttled: () => undefined };

/** Creates the look at one tenant. `patience`: milliseconds for each call. */
export function createDefenderCheck(config: DefenderConfig, patience: number, log: Log): DefenderCheck {
  const exchange = createExchange();
  const clock = { now: () => Date.now() };
  const signIn = createTokens({ ...config, target: DEFENDER, exchange, deadline: patience, counted: () => undefined });
  const tokens = forDefender(signIn);
  const timing = { deadline: patience, patience: 0, pause: 200 };
  const { apiUrl } = config;
  const api = createApi({ apiUrl, tokens, exchange, timing, budget: UNLIMITED, clock, log, metrics: UNCOUNTED });
  return {
    async roles() {
      const token = withDeadline(patience, (signal) => tokens.get({ rejected: null, signal }));
      return rolesOf(await token.catch(entraIsSilentOr));
    },
    async anyMachine() {
      const read = { endpoint: 'machines', path: '/machines?$top=1', purpose: 'people' } as const;
      const lenient = { none404: true, skipUnreadable: true, top: 1 };
      return (await readFirst({ api, log }, read, machineShape, lenient)).entries.length > 0;
    },
    library() {
      const read = { endpoint: 'library', path: '/libraryfiles', purpose: 'people' } as const;
      return readAll({ api, log }, read, libraryFileShape, { skipUnreadable: true });
    },
    async liveResponse() {
      return verdictOf(
        await api.post('submit', `/machines/${NO_MACHINE}/runliveresponse`, NOTHING).catch(unansweredOr),
      );
    },
    close: exchange.close,
  };
}

/** Signing in takes nobody's answer but Entra's. */
function entraIsSilentOr(error: unknown): never {
  if (!(error instanceof TransportError)) throw error;
  const why = error.kind === 'deadline' ? "didn't answer in time" : `can't be reached (${error.message})`;
  throw new DefenderError('defender_unreachable', `Microsoft Entra ${why}.`);
}

/** Permissions are looked at before machines: that there is no such machine is told only to those who may ask. */
function verdictOf(incoming: Incoming): Probe {
  if (incoming.status >= 200 && incoming.status < 300) {
    if (parseJson(incoming.body.toString()) === undefined) return { verdict: 'foreign', status: incoming.status };
    return { verdict: 'accepted', action: parseAction(incoming)?.id ?? null };
  }
  const trouble = troubleOf(incoming);
  const { status, code, shape } = trouble;
  if (status === 404 && shape === 'service' && /^(?:Resource)?NotFound$/i.test(code)) return { verdict: 'allowed' };
  const refusal = [401, 403, 404].includes(status) ? refusalOf(trouble) : null;
  if (refusal !== null) return { verdict: 'refused', ...refusal };
  if (status === 403)
    return { verdict: 'refused', code, message: `${forbiddenSentence(trouble, 'submit')}${said(trouble)}` };
  return { verdict: 'unknown', message: `Defender answered ${status}${code && ` ${code}`}.${said(trouble)}` };
}
