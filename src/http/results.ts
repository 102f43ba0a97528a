import { type Request, type Response, Router } from 'express';
import { AppError, sentenceFor } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import type { FileAnswer, NoResults, Results } from '../model/results.ts';
import { only } from './answers.ts';
import { renderMessage, renderResults } from './results-page.ts';
import { STYLE_HASH } from './results-style.ts';

/** What the results page needs. `downloadHosts` are CSP sources of where Defender's links lead: `https://*.example.net`. */
export interface ResultsOptions {
  results: Results;
  publicUrl: string;
  downloadHosts: readonly string[];
  log: Log;
}

/** `GET /<token>` shows results and changes nothing; `POST /<token>/files/<index>` leads to a fresh download link. */
export function createResults(options: ResultsOptions): Router {
  const router = Router();
  const headers = headersFor(options.publicUrl, options.downloadHosts);
  router.use((_request, response, next) => {
    response.set(headers);
    next();
  });
  router
    .route('/:token')
    .get((request, response) =>
      showing(options, request, response, () => showResults(options.results, request, response)),
    )
    .all(only('GET', 'HEAD'));
  router
    .route('/:token/files/:index')
    .post((request, response) => showing(options, request, response, () => leadToFile(options, request, response)))
    .all(only('POST'));
  return router;
}

async function showResults(results: Results, request: Request, response: Response): Promise<void> {
  const token = tokenOf(request);
  const machine = typeof request.query.machine === 'string' ? request.query.machine : null;
  const known = machine === null || /^\d{1,3}$/.test(machine);
  const answer =
    token === null || !known ? UNKNOWN : await results.open(token, machine === null ? null : Number(machine));
  if (answer.kind === 'page' && token !== null) response.type('html').send(renderResults(answer.page, token));
  else if (answer.kind !== 'page') sendMessage(response, answer, null);
}

async function leadToFile({ results, publicUrl }: ResultsOptions, request: Request, response: Response): Promise<void> {
  if (isForeign(request, publicUrl)) return sendMessage(response, FOREIGN, null);
  const token = tokenOf(request);
  const index = String(request.params.index);
  if (token === null || !/^\d{1,3}$/.test(index)) return sendMessage(response, UNKNOWN, null);
  const answer = await results.file(token, Number(index));
  if (answer.kind !== 'link') return sendMessage(response, answer, `/results/${token}`);
  // Not response.redirect(): that writes the link into a body as well.
  response.status(303).setHeader('Location', answer.url).end();
}

/** Runs a route; trouble becomes a page for people and a line in the log, which names the route and never the token. */
async function showing({ log }: ResultsOptions, request: Request, response: Response, run: () => Promise<void>) {
  try {
    await run();
  } catch (error) {
    const ours = error instanceof AppError;
    const route = `${request.method} /results${request.route?.path ?? ''}`;
    if (ours) log.warn({ route, error }, 'Results could not be shown');
    else log.error({ route, error }, 'Results could not be shown');
    if (response.headersSent) return void response.destroy();
    response.status(ours ? 503 : 500).type('html');
    response.send(renderMessage("That didn't work", sentenceFor(error)));
  }
}

type Message = Exclude<FileAnswer, { kind: 'link' }> | { kind: 'foreign' };

const UNKNOWN: NoResults = { kind: 'unknown' };
const FOREIGN: Message = { kind: 'foreign' };

function sendMessage(response: Response, message: Message, back: string | null): void {
  const [status, title, sentence] = wordsFor(message);
  const canGoBack = message.kind === 'not_ready' || message.kind === 'trouble' || message.kind === 'gone';
  response
    .status(status)
    .type('html')
    .send(renderMessage(title, sentence, canGoBack ? back : null));
}

const AGAIN = 'Choose Open results on the card of the request, in its channel, for a new one.';

function wordsFor(message: Message): [status: number, title: string, sentence: string] {
  switch (message.kind) {
    case 'unknown':
      return [404, "This link isn't valid", `Perhaps it was cut when it was copied. ${AGAIN}`];
    case 'expired':
      return [410, 'This link has ended', `Links to results work only for a while. ${AGAIN}`];
    case 'refused':
      return [403, 'These results are not for you', message.sentence];
    case 'foreign':
      return [
        403,
        'Start from the results page',
        `Downloads start with the button on the results page itself. ${AGAIN}`,
      ];
    case 'not_ready':
      return [404, 'Not ready yet', message.sentence];
    case 'trouble':
      return [503, 'Defender can’t be asked', message.sentence];
    case 'gone':
      return [410, 'No longer there', message.sentence];
  }
}

/** The token as it may look; anything else isn't worth a look into the database. */
function tokenOf(request: Request): string | null {
  const token = String(request.params.token);
  return /^[\w-]{20,128}$/.test(token) ? token : null;
}

/**
 * Whether another site's page had a browser send this. Browsers say so in Sec-Fetch-Site, or at least in Origin; `Origin: null`
 * comes from our page too, because of `Referrer-Policy: no-referrer` (Fetch standard, “append a request Origin header”). What
 * says neither is no browser: nobody's page can have it carry somebody else's link, and the token in the address is its right.
 */
function isForeign(request: Request, publicUrl: string): boolean {
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  if (site === undefined) return origin !== undefined && origin !== publicUrl;
  return site !== 'same-origin' || !(origin === undefined || origin === 'null' || origin === publicUrl);
}

function headersFor(publicUrl: string, downloadHosts: readonly string[]): Record<string, string> {
  const wrong = downloadHosts.find((host) => !/^https?:\/\/(?:\*\.)?[\w.-]+(?::(?:\d+|\*))?$/.test(host));
  if (wrong !== undefined) throw new TypeError(`Not a source for a Content-Security-Policy: ${wrong}`);
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      `style-src ${STYLE_HASH}`,
      // Chrome holds the redirect after a form against this too, hence the download hosts.
      `form-action ${["'self'", ...downloadHosts].join(' ')}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Robots-Tag': 'noindex, nofollow, noarchive',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(publicUrl.startsWith('https:') ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
}
