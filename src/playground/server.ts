import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { z } from 'zod';
import { answering } from './answering.ts';
import { createHomeRoutes, createModalRoutes, type HomeSide, type ModalSide } from './slack-routes.ts';
import { APP, type SlackWorkspace } from './slack-workspace/index.ts';
import { createTeamsRoutes, type TeamsSide, teamsView } from './teams-routes.ts';

export interface PlaygroundDeps {
  slack: Pick<SlackWorkspace, 'state' | 'onChange' | 'command' | 'click' | 'say'> & ModalSide & HomeSide;
  teams: TeamsSide;
  defender: {
    state(): unknown;
    setSpeed(speed: number): void;
    /** Calls back after each change; the answer, if it is a function, ends that. */
    onChange(listener: () => void): unknown;
  };
  /** Where vite put the page. */
  pageDir: string;
}

/** The one slash command of the workspace. */
const COMMAND = '/liveresponse';

/** Changes within so many milliseconds reach the page together. */
const COALESCE = 60;

const Line = z.strictObject({
  user: z.string(),
  channel: z.string(),
  /** The whole line as typed, with `/liveresponse` in front or without a slash at all. */
  text: z.string().trim().min(1).max(8000),
  threadTs: z.string().nullable().optional(),
});
const Click = z.strictObject({
  user: z.string(),
  channel: z.string(),
  ts: z.string(),
  actionId: z.string(),
  value: z.string().optional(),
});
const Speed = z.strictObject({ speed: z.number().min(0.1).max(3600) });

/** The playground's page and what it needs. The caller makes it listen, on loopback only. */
export function createPlaygroundServer(deps: PlaygroundDeps): Express {
  const app = express().disable('x-powered-by');
  app.use(guard, express.json({ limit: '64kb', strict: true }));
  app.get('/api/state', (_request, response) => void response.json(view(deps)));
  app.get('/api/events', (request, response) => stream(deps, request, response));
  app.post(
    '/api/command',
    answering(Line, (line) => type(deps, line)),
  );
  app.post(
    '/api/click',
    answering(Click, (click) => deps.slack.click(click)),
  );
  app.post(
    '/api/speed',
    answering(Speed, ({ speed }) => deps.defender.setSpeed(speed)),
  );
  app.use('/api/modal', createModalRoutes(deps.slack));
  app.use('/api/home', createHomeRoutes(deps.slack));
  app.use('/api/teams', createTeamsRoutes(deps.teams));
  app.use(express.static(deps.pageDir));
  app.use((_request, response) => {
    const built = existsSync(join(deps.pageDir, 'index.html'));
    response
      .status(built ? 404 : 503)
      .type('text/plain')
      .send(built ? 'Not found.' : 'The page is not built yet: npm run build');
  });
  return app;
}

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Only pages of this server may use it. A name that leads here by a trick of DNS is refused by its Host header, another
 * site's request by its Origin; JSON bodies keep plain forms out.
 */
function guard(request: Request, response: Response, next: NextFunction): void {
  response.set({
    'Content-Security-Policy': CSP,
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  const host = request.headers.host ?? '';
  const origin = request.headers.origin;
  const foreign = origin !== undefined && origin !== `http://${host}`;
  const form = request.method === 'POST' && !request.is('application/json');
  if (/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host) && !foreign && !form) next();
  else response.status(403).json({ error: 'This playground answers its own page only.' });
}

/** What Slack's composer does with a line: a command goes to the bot, other words to everybody. */
async function type(deps: PlaygroundDeps, line: z.output<typeof Line>): Promise<unknown> {
  const [, name = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line.text) ?? [];
  if (!name.startsWith('/')) {
    const text = line.text.replaceAll(/@live ?response\b/gi, `<@${APP.userId}>`);
    return deps.slack.say({ user: line.user, channel: line.channel, text, threadTs: line.threadTs ?? null });
  }
  if (name !== COMMAND) throw new Error(`${name} is not a command here. Try ${COMMAND} help`);
  if (line.threadTs) throw new Error('Slack takes no commands in threads. Type it in the channel.');
  return deps.slack.command({ user: line.user, channel: line.channel, text: rest });
}

/** What the page shows; the calls to Slack stay here, they aren't part of the picture. */
function view(deps: PlaygroundDeps) {
  const { calls: _calls, deliveries, ...slack } = deps.slack.state();
  const answered = deliveries.map(({ kind, what, user, status }) => ({ kind, what, user, status }));
  return {
    slack: { ...slack, deliveries: answered },
    teams: teamsView(deps.teams),
    app: APP,
    command: COMMAND,
    defender: tenantView(deps),
  };
}

const Tenant = z.looseObject({ calls: z.array(z.looseObject({})).catch([]) });

/** How many calls the page gets. */
const CALLS = 300;

/** The tenant without what the page never shows: its stock of machines and files, and bodies letter by letter. */
function tenantView(deps: PlaygroundDeps): unknown {
  const parsed = Tenant.safeParse(deps.defender.state());
  if (!parsed.success) return null;
  const { machines: _machines, library: _library, faults: _faults, calls, ...rest } = parsed.data;
  return { ...rest, calls: calls.slice(-CALLS).map(({ raw: _raw, ...call }) => call) };
}

/** Server-sent events: the whole view now and after each change. */
function stream(deps: PlaygroundDeps, request: Request, response: Response): void {
  response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }).flushHeaders();
  let timer: NodeJS.Timeout | null = null;
  let last = '';
  const send = (): void => {
    timer = null;
    const next = JSON.stringify(view(deps));
    if (next !== last) response.write(`data: ${next}\n\n`);
    last = next;
  };
  const changed = (): void => {
    timer ??= setTimeout(send, COALESCE);
  };
  const offs = [deps.slack.onChange(changed), deps.teams.onChange(changed), deps.defender.onChange(changed)];
  send();
  request.on('close', () => {
    if (timer) clearTimeout(timer);
    for (const off of offs) if (typeof off === 'function') off();
  });
}
