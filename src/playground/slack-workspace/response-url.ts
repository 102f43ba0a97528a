import { randomBytes } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import { isTrue, readContent } from './content.ts';
import type { Faults } from './faults.ts';
import { APP } from './people.ts';
import type { State } from './state.ts';
import { suffer } from './web-api.ts';

/** https://docs.slack.dev/interactivity/handling-user-interaction: five uses within 30 minutes. */
const USES = 5;
const LIFE = 30 * 60_000;

/** Where a response_url leads: to the person who acted, and to the message they clicked on. */
export interface Target {
  channel: string;
  to: string;
  /** The message or ephemeral that a click came from. */
  origin: { ts: string; ephemeral: boolean } | null;
  threadTs: string | null;
}

/** Mints response_urls and serves them. */
export function createResponseUrls(deps: { state: State; faults: Faults; now: () => number; baseUrl: () => string }) {
  const links = new Map<string, { target: Target; uses: number; until: number }>();

  const serve = (request: Request, response: Response): void => {
    const link = links.get(String(request.params.secret));
    const channel = link?.target.channel ?? null;
    const done = (status: number, error: string | null): void => {
      deps.state.addCall({ method: 'response_url', status, error, channel });
      if (error === null) response.type('text/plain').send('ok');
      else response.status(status).json({ ok: false, error });
    };
    const fault = deps.faults.take({ method: 'response_url', channel, args: request.body ?? {} });
    const refusal = fault && !fault.applied ? null : use(link, request);
    if (fault) {
      deps.state.addCall({ method: 'response_url', status: 0, error: `fault: ${fault.kind}`, channel });
      suffer(fault, response, deps.faults);
    } else if (refusal) done(refusal.status, refusal.error);
    else done(200, null);
  };

  const use = (link: { target: Target; uses: number; until: number } | undefined, request: Request) => {
    if (!link) return { status: 404, error: 'invalid_url' };
    if (deps.now() > link.until) return { status: 404, error: 'expired_url' };
    if (link.uses >= USES) return { status: 404, error: 'used_url' };
    const error = applyResponse(deps.state, link.target, request.body ?? {});
    if (error) return { status: error === 'no_text' ? 400 : 500, error };
    link.uses += 1;
    return null;
  };

  return {
    mint(target: Target): string {
      const secret = randomBytes(12).toString('hex');
      links.set(secret, { target, uses: 0, until: deps.now() + LIFE });
      return `${deps.baseUrl()}/${target.origin ? 'actions' : 'commands'}/${APP.id}/${secret}`;
    },
    router(): Router {
      const router = express.Router();
      router.post(['/actions/:app/:secret', '/commands/:app/:secret'], express.json({ limit: '1mb' }), serve);
      return router;
    },
  };
}

export type ResponseUrls = ReturnType<typeof createResponseUrls>;

/** Does what a body sent to a response_url, or given as an acknowledgement, asks. Answers Slack's error code, or null. */
export function applyResponse(state: State, target: Target, body: Record<string, unknown>): string | null {
  const { origin, channel, to } = target;
  const message = origin && !origin.ephemeral ? state.message(channel, origin.ts) : null;
  const ephemeral = origin?.ephemeral ? state.ephemerals.find((one) => one.ts === origin.ts) : undefined;
  if (isTrue(body.delete_original)) {
    if (ephemeral) state.removeEphemeral(ephemeral);
    if (message) state.removeMessage(message);
    return null;
  }
  const content = readContent(body, 'response_url');
  if ('error' in content) return content.error;
  // After a click the default is to replace, so whoever wants the card kept must say so.
  const replace = origin !== null && (body.replace_original === undefined || isTrue(body.replace_original));
  if (replace && ephemeral) state.editEphemeral(ephemeral, content);
  else if (replace && message) state.editMessage(message, content);
  else if (body.response_type === 'in_channel') {
    const threadTs = typeof body.thread_ts === 'string' ? body.thread_ts : null;
    state.addMessage({
      channel,
      ts: state.nextTs(),
      user: APP.userId,
      ...content,
      threadTs,
      broadcast: false,
      metadata: null,
    });
  } else {
    const threadTs = typeof body.thread_ts === 'string' ? body.thread_ts : target.threadTs;
    state.addEphemeral({ ts: state.nextTs(), channel, to, user: APP.userId, ...content, threadTs });
  }
  return null;
}
