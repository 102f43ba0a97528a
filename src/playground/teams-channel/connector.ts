import express, { type Request, type Response, type Router } from 'express';
import type { TokenService } from '../entra-tokens.ts';
import { readContent } from './content.ts';
import { createConversation } from './conversations.ts';
import type { Operation } from './faults.ts';
import { readMember, readMembers, readPage } from './members.ts';
import type { Pacing } from './pacing.ts';
import { record, type ServeDeps, serve } from './serve.ts';
import { findThread, type Thread } from './threads.ts';
import { type Answer, accepted, refused, unauthorized } from './wire.ts';

/** What the Connector wants to see as the audience of a token. */
export const CONNECTOR_AUDIENCE = 'https://api.botframework.com';

export interface ConnectorDeps extends ServeDeps {
  tokens: TokenService;
  pacing: Pacing;
  /** The first part of the path, as in `/amer/v3/…`: others don't exist. */
  isRegion(region: string): boolean;
}

/** The Connector API: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference */
export function createConnector(deps: ConnectorDeps): Router {
  const router = express.Router();
  const base = '/:region/v3/conversations';
  /** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context */
  const teams = '/:region/v3/teams/:team/conversations';
  router.use([base, teams], (request, response, next) => {
    if (deps.isRegion(String(request.params.region))) next();
    else notFound(deps, request, response);
  });
  // Larger than what is accepted, so that a refusal can say why.
  router.use([base], express.json({ limit: '2mb' }), badJson(deps));

  const route = (operation: Operation, pace: 'send' | 'read', run: (request: Request) => Answer) =>
    serve(deps, {
      operation,
      conversation: conversationOf,
      answer: (request) => authorized(deps, request) ?? paced(deps, pace, conversationOf(request)) ?? run(request),
    });
  const inThread = (run: (thread: Thread, request: Request) => Answer) => (request: Request) => {
    const found = findThread(deps.state, String(request.params.id));
    return 'refusal' in found ? found.refusal : run(found, request);
  };

  router.post(
    base,
    route('create', 'send', (request) => createConversation(deps.state, request.body)),
  );
  router.post(
    `${base}/:id/activities{/:replyTo}`,
    route(
      'post',
      'send',
      inThread((thread, request) => post(deps, thread, request)),
    ),
  );
  router.put(
    `${base}/:id/activities/:activity`,
    route(
      'edit',
      'send',
      inThread((thread, request) => edit(deps, thread, request)),
    ),
  );
  router.get(
    `${base}/:id/members/:member`,
    route('member', 'read', (request) =>
      readMember(deps.state, String(request.params.id), String(request.params.member)),
    ),
  );
  router.get(
    `${base}/:id/members`,
    route('members', 'read', (request) => readMembers(deps.state, String(request.params.id))),
  );
  router.get(
    `${base}/:id/pagedmembers`,
    route('members', 'read', (request) => readPage(deps.state, String(request.params.id), request.query)),
  );
  router.get(
    teams,
    route('members', 'read', () =>
      accepted(200, {
        conversations: deps.state
          .snapshot()
          .conversations.flatMap(({ id, name, kind, membership, installed }) =>
            kind === 'channel' && installed ? [{ id, name, type: membership }] : [],
          ),
      }),
    ),
  );
  router.use([base, teams], (request, response) => notFound(deps, request, response));
  return router;
}

function notFound(deps: ServeDeps, request: Request, response: Response): void {
  const answer = refused(404, 'ServiceError', 'No such resource.', [
    'There is no such route, or the service has moved.',
  ]);
  record(deps.state, request, answer);
  response.status(404).json(answer.body);
}

/** What isn't JSON at all is refused as such. */
function badJson(deps: ServeDeps) {
  return (error: unknown, request: Request, response: Response, next: (error?: unknown) => void): void => {
    if (!(error instanceof Error)) {
      next(error);
      return;
    }
    const answer = refused(400, 'BadSyntax', 'The body can’t be read as JSON.', [error.message]);
    record(deps.state, request, answer);
    response.status(400).json(answer.body);
  };
}

/** The conversation a call is about, without its thread; for a new one, where it is to begin. */
function conversationOf(request: Request): string | null {
  const id = request.params.id ?? request.body?.channelData?.channel?.id ?? null;
  return typeof id === 'string' ? (id.split(';')[0] ?? null) : null;
}

function authorized(deps: ConnectorDeps, request: Request): Answer | null {
  const claims = deps.tokens.verify(request.headers.authorization);
  if (claims === null) return unauthorized('The token is missing, not ours, or past its time.');
  return claims.aud === CONNECTOR_AUDIENCE ? null : unauthorized(`The token is for ${claims.aud}.`);
}

/** Where it is too much, says so. That the bot went too fast stays on record. */
function paced(deps: ConnectorDeps, kind: 'send' | 'read', conversation: string | null): Answer | null {
  const wait = deps.pacing.take(kind, conversation ?? 'new chats');
  if (wait === null) return null;
  const why = 'The bot goes faster than a conversation allows.';
  const answer = refused(429, 'TooManyRequests', 'API calls quota exceeded.', [why]);
  return deps.pacing.namesWait ? { ...answer, headers: { 'Retry-After': String(wait) } } : answer;
}

function post({ state }: ConnectorDeps, thread: Thread, request: Request): Answer {
  const content = readContent(state, request.body);
  if ('refusal' in content) return content.refusal;
  const { conversation, root } = thread;
  const message = state.addMessage({
    id: state.nextId(),
    conversation: conversation.id,
    root,
    from: 'bot',
    ...content.words,
  });
  return accepted(201, { id: message.id }, content.warnings);
}

function edit({ state }: ConnectorDeps, thread: Thread, request: Request): Answer {
  const message = state.message(String(request.params.activity));
  if (message === null || message.conversation !== thread.conversation.id) {
    return refused(404, 'ActivityNotFoundInConversation', 'The activity is not in this conversation.');
  }
  if (message.from !== 'bot') {
    return refused(403, 'NotEnoughPermissions', 'Only the bot’s own messages can be changed.');
  }
  if (thread.root !== null && thread.root !== (message.root ?? message.id)) {
    return refused(404, 'ActivityNotFoundInConversation', 'The activity is not in this thread.');
  }
  const content = readContent(state, request.body);
  if ('refusal' in content) return content.refusal;
  state.editMessage(message, content.words);
  return accepted(200, { id: message.id }, content.warnings);
}
