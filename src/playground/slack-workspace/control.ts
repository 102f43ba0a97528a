import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { Fault } from './faults.ts';
import type { SlackWorkspace } from './workspace.ts';

const Signing = z.strictObject({
  secret: z.string().optional(),
  skew: z.number().optional(),
  unsigned: z.boolean().optional(),
});
const oddity = { signing: Signing.optional(), times: z.int().positive().optional() };
const Command = z.strictObject({
  user: z.string(),
  channel: z.string(),
  text: z.string(),
  command: z.string().optional(),
  ...oddity,
});
const Click = z.strictObject({
  user: z.string(),
  channel: z.string(),
  ts: z.string(),
  actionId: z.string(),
  value: z.string().optional(),
  ...oddity,
});
const Say = z.strictObject({
  user: z.string(),
  channel: z.string(),
  text: z.string(),
  threadTs: z.string().nullable().optional(),
});
const Raw = z.strictObject({ body: z.string(), headers: z.record(z.string(), z.string()).optional() });
const Replay = z.strictObject({ id: z.string() });
const Someone = z.strictObject({
  id: z.string(),
  guest: z.boolean().optional(),
  deleted: z.boolean().optional(),
  teamId: z.string().optional(),
});
const UserGroup = z.strictObject({
  id: z.string(),
  users: z.array(z.string()).optional(),
  disabled: z.boolean().optional(),
});
const Subscription = z.strictObject({
  plan: z.enum(['paid', 'free']).optional(),
  scopes: z.array(z.string()).optional(),
});
const BotUrl = z.strictObject({ url: z.url() });

/** The workspace by remote control, for tests whose bot lives elsewhere: JSON in, JSON out, 400 with `error` on trouble. */
export function createControl(workspace: () => SlackWorkspace): Router {
  const router = express.Router();
  router.use(express.json({ limit: '1mb' }));
  router.get('/state', (_request, response) => void response.json(workspace().state()));
  const post = <T>(path: string, schema: z.ZodType<T>, act: (input: T) => unknown): void => {
    router.post(path, async (request: Request, response: Response) => {
      try {
        const result = await act(schema.parse(request.body));
        response.json(result ?? { ok: true });
      } catch (error) {
        response.status(400).json({ error: error instanceof Error ? error.message : 'unknown trouble' });
      }
    });
  };
  post('/command', Command, (input) => workspace().command(dropUndefined(input)));
  post('/click', Click, (input) => workspace().click(dropUndefined(input)));
  post('/say', Say, (input) => workspace().say(dropUndefined(input)));
  post('/raw', Raw, (input) => workspace().deliverRaw(dropUndefined(input)));
  post('/replay', Replay, ({ id }) => workspace().replay(id));
  post('/fault', Fault, (input) => workspace().fault(input));
  post('/member', Someone, (input) => {
    const { id, ...changes } = dropUndefined(input);
    workspace().setMember(id, changes);
  });
  post('/user-group', UserGroup, (input) => workspace().setUserGroup(dropUndefined(input)));
  post('/subscription', Subscription, (input) => workspace().setSubscription(dropUndefined(input)));
  post('/bot', BotUrl, (input) => workspace().setBotUrl(input.url));
  return router;
}

type Dropped<T> = T extends object ? { [K in keyof T]: Dropped<Exclude<T[K], undefined>> } : T;

/** zod's optional keys may hold undefined; ours may be missing only. */
function dropUndefined<T extends object>(input: T): Dropped<T> {
  return JSON.parse(JSON.stringify(input)) as Dropped<T>;
}
