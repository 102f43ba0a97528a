import { randomUUID } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type { TokenService } from '../entra-tokens.ts';
import { object } from './json.ts';
import { groupsOf, principalNameOf } from './people.ts';
import { record, type ServeDeps, serve } from './serve.ts';
import type { State } from './state.ts';
import type { TeamsPerson } from './view.ts';
import { type Answer, accepted } from './wire.ts';

export interface GraphDeps extends ServeDeps {
  tokens: TokenService;
  /** What tokens for Graph may be for. */
  audiences(): readonly string[];
  /** The server's root, for links to the next page. */
  baseUrl(): string;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups */
const MOST_GROUPS = 20;
const PAGE = 100;
const LARGEST_PAGE = 999;

/** Any of the roles in each list. */
const READS_USERS = ['User.Read.All', 'Directory.Read.All'];
const READS_GROUPS = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'];

/** The bit of Microsoft Graph that tells who somebody is and which groups they are in. */
export function createGraph(deps: GraphDeps): Router {
  const router = express.Router();
  const route = (needs: readonly (readonly string[])[], run: (request: Request) => Answer) =>
    serve(deps, { operation: 'graph', answer: (request) => forbidden(deps, request, needs) ?? run(request) });

  router.use('/v1.0', express.json({ limit: '1mb' }));
  router.post(
    '/v1.0/users/:id/checkMemberGroups',
    route([READS_USERS, READS_GROUPS], (request) => checkMemberGroups(deps, request)),
  );
  router.get(
    '/v1.0/users/:id',
    route([READS_USERS], (request) => readUser(deps, request)),
  );
  router.get(
    '/v1.0/groups/:id/transitiveMembers/microsoft.graph.user',
    route([READS_USERS, READS_GROUPS], (request) => readTransitiveMembers(deps, request)),
  );
  router.use('/v1.0', (request: Request, response: Response) => {
    const answer = refused(400, 'BadRequest', 'Resource not found for the segment.');
    record(deps.state, request, answer);
    response.status(answer.status).json(answer.body);
  });
  return router;
}

/** No, in Graph's shape. */
function refused(status: number, code: string, message: string): Answer {
  const innerError = { date: new Date().toISOString().slice(0, 19), 'request-id': randomUUID() };
  return { status, body: { error: { code, message, innerError } }, error: code, problems: [message] };
}

const notFound = (id: string): Answer =>
  refused(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

function forbidden(deps: GraphDeps, request: Request, needs: readonly (readonly string[])[]): Answer | null {
  const claims = deps.tokens.verify(request.headers.authorization);
  if (claims === null || !deps.audiences().includes(claims.aud)) {
    return refused(401, 'InvalidAuthenticationToken', 'Access token validation failure. Invalid audience.');
  }
  return needs.every((roles) => roles.some((role) => claims.roles.includes(role)))
    ? null
    : refused(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

/** Members and guests of the tenant. Whoever only sits in a shared channel isn't in its directory. */
function inDirectory(state: State, id: string): TeamsPerson | null {
  const person = state.people.find((one) => one.id === id.toLowerCase()) ?? state.principal(id);
  return person?.tenantId === state.tenantId ? person : null;
}

function checkMemberGroups({ state, baseUrl }: GraphDeps, request: Request): Answer {
  const ids = object(request.body)?.groupIds;
  if (!Array.isArray(ids) || ids.length === 0) {
    return refused(400, 'Request_BadRequest', 'The collection groupIds must have at least one item.');
  }
  if (ids.length > MOST_GROUPS) {
    return refused(400, 'Directory_ResultSizeLimitExceeded', `At most ${MOST_GROUPS} groups can be checked at once.`);
  }
  if (ids.some((id) => typeof id !== 'string' || !GUID.test(id))) {
    return refused(400, 'Request_BadRequest', 'Invalid object identifier in groupIds.');
  }
  const id = String(request.params.id);
  const person = inDirectory(state, id);
  if (person === null) return notFound(id);
  const groups = groupsOf(person.id, state.groups);
  const value = ids.filter((group: string) => groups.includes(group.toLowerCase()));
  return accepted(200, { '@odata.context': `${baseUrl()}/v1.0/$metadata#Collection(Edm.String)`, value });
}

/** What a user has by default, and what must be asked for. */
const BY_DEFAULT = ['id', 'displayName', 'givenName', 'surname', 'mail', 'userPrincipalName'];

/** The selected properties; an unknown name is refused as Graph does. */
function selected(person: TeamsPerson, select: unknown): Record<string, unknown> | Answer {
  const [givenName, surname] = person.name.split(' ');
  const all: Record<string, unknown> = {
    id: person.id,
    displayName: person.name,
    givenName,
    surname,
    mail: principalNameOf(person),
    userPrincipalName: principalNameOf(person),
    userType: person.role === 'guest' ? 'Guest' : 'Member',
    accountEnabled: person.enabled,
  };
  const names = typeof select === 'string' && select !== '' ? select.split(',') : BY_DEFAULT;
  const strange = names.find((name) => !(name in all));
  if (strange !== undefined) {
    return refused(400, 'Request_BadRequest', `Could not find a property named '${strange}' on type 'user'.`);
  }
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}

const isAnswer = (value: Record<string, unknown> | Answer): value is Answer => 'status' in value && 'error' in value;

function readUser({ state, baseUrl }: GraphDeps, request: Request): Answer {
  const id = String(request.params.id);
  const person = inDirectory(state, id);
  if (person === null) return notFound(id);
  const user = selected(person, request.query.$select);
  return isAnswer(user)
    ? user
    : accepted(200, { '@odata.context': `${baseUrl()}/v1.0/$metadata#users/$entity`, ...user });
}

function readTransitiveMembers({ state, baseUrl }: GraphDeps, request: Request): Answer {
  const id = String(request.params.id).toLowerCase();
  if (!state.groups.some((group) => group.id === id)) return notFound(id);
  const top = request.query.$top === undefined ? PAGE : Number(request.query.$top);
  if (!Number.isInteger(top) || top < 1 || top > LARGEST_PAGE) {
    return refused(400, 'Request_BadRequest', `Invalid page size: it must be from 1 to ${LARGEST_PAGE}.`);
  }
  const start = Number(request.query.$skiptoken ?? 0);
  if (!Number.isInteger(start) || start < 0) return refused(400, 'Directory_ExpiredPageToken', 'Unknown page token.');
  const people = state.people.filter((one) => groupsOf(one.id, state.groups).includes(id));
  const page = people.slice(start, start + top).map((person) => selected(person, request.query.$select));
  const wrong = page.find(isAnswer);
  if (wrong) return wrong;
  const next = new URL(`${baseUrl()}/v1.0/groups/${id}/transitiveMembers/microsoft.graph.user`);
  for (const [name, value] of Object.entries(request.query)) next.searchParams.set(name, String(value));
  next.searchParams.set('$skiptoken', String(start + top));
  const link = start + top < people.length ? { '@odata.nextLink': next.href } : {};
  return accepted(200, { '@odata.context': `${baseUrl()}/v1.0/$metadata#users`, ...link, value: page });
}
