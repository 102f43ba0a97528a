import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import express, { type Express, type RequestHandler, type Response } from 'express';
import type { Actions } from './actions.ts';
import type { TenantClock } from './clock.ts';
import { type Faults, faultAnswer } from './faults.ts';

/** The blob store behind download links, on an origin of its own. */
export interface Downloads {
  app: Express;
  /** A fresh link to a command's result: whoever has it may read until it expires. */
  link(origin: string, actionId: string, index: number, lifetime: number): string;
}

const CONTAINER = 'investigation-actions-data';
const VERSION = '2019-07-07';

/** Serves results by signed, short-lived links only. Expiry is on the simulated clock. */
export function createDownloads(deps: {
  actions: Actions;
  clock: TenantClock;
  faults: Faults;
  record: RequestHandler;
}): Downloads {
  const { actions, clock, faults } = deps;
  const key = randomBytes(32);
  const app = express();
  app.disable('x-powered-by').use(deps.record);
  const signature = (path: string, se: string, until: string) =>
    createHmac('sha256', key).update(`${path} ${se} ${until}`).digest('base64');
  const expiries = new Map<string, string>();
  const names = new Map<string, { actionId: string; index: number }>();

  function allowed(path: string, query: URLSearchParams): boolean {
    const se = query.get('se') ?? '';
    const sig = Buffer.from(query.get('sig') ?? '');
    const until = expiries.get(sig.toString()) ?? '';
    const right = Buffer.from(signature(path, se, until));
    const complete = query.get('sp') === 'r' && query.get('sr') === 'b' && query.get('sv') === VERSION;
    return complete && right.length === sig.length && timingSafeEqual(right, sig) && Number(until) > clock.elapsed();
  }

  app.get('/{*path}', (req, res) => {
    const url = new URL(req.originalUrl, 'http://blob');
    const fault = faults.takeEarly({ endpoint: 'blob' });
    if (fault?.kind === 'hang' || fault?.kind === 'hold') return;
    if (fault?.kind === 'reset') req.socket.resetAndDestroy();
    else if (fault !== null) xml(res, faultAnswer(fault, clock.time(), '').status, 'ServerBusy', 'Ordered by a test.');
    else if (req.headers.authorization !== undefined) {
      xml(res, 400, 'InvalidAuthenticationInfo', 'Authentication information is not given in the correct format.');
    } else if (!allowed(url.pathname, url.searchParams)) {
      xml(
        res,
        403,
        'AuthenticationFailed',
        'Server failed to authenticate the request. Check the signature and its time.',
      );
    } else sendResult(res, req.headers.range, contentOf(url.pathname));
  });
  app.all('/{*path}', (_req, res) => xml(res, 405, 'UnsupportedHttpVerb', 'The resource does not support this verb.'));

  function contentOf(path: string): Buffer | null {
    const name = names.get(path);
    return name === undefined ? null : (actions.byId(name.actionId)?.commands[name.index]?.result ?? null);
  }

  return {
    app,
    link(origin, actionId, index, lifetime) {
      const hash = createHash('sha256').update(`${actionId} ${index}`).digest('hex');
      const path = `/${CONTAINER}/${actionId}/CustomPlaybookCommandOutput/${hash}`;
      names.set(path, { actionId, index });
      const until = String(clock.elapsed() + lifetime);
      const se = new Date(clock.time() + lifetime / Math.max(1, clock.speed)).toISOString().replace(/\.\d+/, '');
      const sig = signature(path, se, until);
      expiries.set(sig, until);
      return `${origin}${path}?${new URLSearchParams({ se, sp: 'r', sv: VERSION, sr: 'b', sig })}`;
    },
  };
}

function sendResult(res: Response, range: string | undefined, content: Buffer | null): void {
  if (content === null) {
    xml(res, 404, 'BlobNotFound', 'The specified blob does not exist.');
    return;
  }
  const blob = { 'x-ms-blob-type': 'BlockBlob', 'x-ms-version': VERSION };
  res.set({ 'Content-Type': 'application/octet-stream', 'Accept-Ranges': 'bytes', ...blob });
  // Azure's two forms of a range; it has none that counts from the end.
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (asked === null) {
    res.status(200).end(content);
    return;
  }
  const from = Number(asked[1]);
  const to = Math.min(asked[2] === '' ? Number.POSITIVE_INFINITY : Number(asked[2]), content.length - 1);
  if (from > to) xml(res, 416, 'InvalidRange', 'The range specified is invalid for the size of the resource.');
  else
    res
      .status(206)
      .set('Content-Range', `bytes ${from}-${to}/${content.length}`)
      .end(content.subarray(from, to + 1));
}

function xml(res: Response, status: number, code: string, message: string): void {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  res.status(status).set('x-ms-error-code', code).type('application/xml').send(body);
}
