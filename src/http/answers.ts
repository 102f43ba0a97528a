import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Log } from '../flow/ports.ts';

/** Answers that are the same for every route: headers, what isn't there, and what went wrong. They tell nothing about us. */
export function createAnswers(log: Log): {
  headers: RequestHandler;
  notFound: RequestHandler;
  failed: ErrorRequestHandler;
} {
  return {
    headers: (_request, response, next) => {
      response.set({
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
        'Cache-Control': 'no-store',
      });
      next();
    },
    notFound: (_request, response) => {
      response.status(404).type('text').send('Not found.\n');
    },
    // Express knows an error handler by its four parameters.
    failed: (error: unknown, request, response, next) => {
      const status = clientFault(error);
      // The pattern, never the path: that may hold a token.
      const route = `${request.method} ${typeof request.route?.path === 'string' ? request.route.path : 'unmatched'}`;
      if (status === null) log.error({ route, error }, 'A request failed');
      if (response.headersSent) return next(error);
      response.status(status ?? 500).type('text');
      response.send(status === null ? 'Something went wrong.\n' : 'That request is not understood.\n');
    },
  };
}

/** The 4xx status that express or a body parser gave an error, such as 413; null for trouble of our own. */
function clientFault(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

/** Answers any other method of a route with 405. */
export function only(...methods: string[]): RequestHandler {
  return (_request, response) => {
    response.status(405).set('Allow', methods.join(', ')).type('text').send('Method not allowed.\n');
  };
}
