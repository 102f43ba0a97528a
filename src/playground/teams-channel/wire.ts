/** What a route answers, and what is remembered of it. */
export interface Answer {
  status: number;
  /** Undefined sends nothing. */
  body?: unknown;
  headers?: Record<string, string>;
  /** The service's code; null where it accepted. */
  error: string | null;
  /** Why, for whoever looks into it; or warnings about what was accepted. */
  problems?: string[];
}

/** Yes, with what the service says. */
export const accepted = (status: number, body: unknown, problems: string[] = []): Answer => ({
  status,
  body,
  error: null,
  problems,
});

/** No, in the Connector's shape. */
export const refused = (status: number, code: string, message: string, problems: string[] = []): Answer => ({
  status,
  body: { error: { code, message } },
  error: code,
  problems: problems.length > 0 ? problems : [message],
});

/** What the Connector says to a missing, foreign or expired token. */
export const unauthorized = (why: string): Answer => ({
  status: 401,
  body: { message: 'Authorization has been denied for this request.' },
  error: 'Unauthorized',
  problems: [why],
});
