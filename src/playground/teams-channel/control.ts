import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { TeamsChannel } from './channel.ts';
import { Oddity } from './deliver.ts';
import { Fault } from './faults.ts';
import { TokenOddity } from './sign.ts';

const oddity = { oddity: Oddity.optional() };
const index = z.int().nonnegative().optional();
const inputs = z.record(z.string(), z.string()).optional();
const data = z.record(z.string(), z.unknown()).optional();
const onlooker = { person: z.string(), message: z.string(), ...oddity };

const Say = z.strictObject({
  person: z.string(),
  conversation: z.string(),
  text: z.string(),
  root: z.string().nullable().optional(),
  html: z.string().optional(),
  mentions: z.enum(['real', 'none']).optional(),
  ...oddity,
});
const Click = z.strictObject({
  ...onlooker,
  title: z.string().optional(),
  verb: z.string().optional(),
  index,
  inputs,
  data,
  earlier: z.boolean().optional(),
});
const Look = z.strictObject(onlooker);
const Submit = z.strictObject({ ...onlooker, title: z.string().optional(), index, inputs, data });
const SubmitDialog = z.strictObject({
  person: z.string(),
  actionTitle: z.string().optional(),
  index,
  inputs,
  data,
  ...oddity,
});
const Search = z.strictObject({
  person: z.string(),
  dataset: z.string(),
  query: z.string(),
  skip: z.int().nonnegative().optional(),
  top: z.int().positive().optional(),
  inputs,
  message: z.string().optional(),
  ...oddity,
});
const Update = z.strictObject({ kind: z.enum(['added', 'removed']), conversation: z.string(), ...oddity });
const Raw = z.strictObject({
  body: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  token: TokenOddity.nullable().optional(),
});
const Change = z.strictObject({
  person: z.string(),
  name: z.string().optional(),
  role: z.enum(['user', 'guest', 'anonymous']).optional(),
  enabled: z.boolean().optional(),
});

const ServiceUrl = z.strictObject({
  path: z.string().regex(/^\/?[a-z]+\/?$/),
  old: z.enum(['gone', 'works']).default('gone'),
});

/** The channel by remote control, for tests whose bot lives elsewhere: JSON in, JSON out, 400 with `error` on trouble. */
export function createControl(channel: () => TeamsChannel): Router {
  const router = express.Router();
  router.use(express.json({ limit: '1mb' }));
  router.get('/state', (_request, response) => void response.json(channel().state()));
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
  post('/say', Say, (input) => channel().say(dropUndefined(input)));
  post('/click', Click, (input) => channel().click(dropUndefined(input)));
  post('/look', Look, (input) => channel().look(dropUndefined(input)));
  post('/submit', Submit, (input) => channel().submit(dropUndefined(input)));
  post('/submit-dialog', SubmitDialog, (input) => channel().submitDialog(dropUndefined(input)));
  post('/close-dialog', z.strictObject({ person: z.string() }), ({ person }) => channel().closeDialog(person));
  post('/search', Search, (input) => channel().search(dropUndefined(input)));
  post('/update', Update, (input) => channel().update(input.kind, input.conversation, dropUndefined(input).oddity));
  post('/raw', Raw, (input) => channel().deliverRaw(dropUndefined(input)));
  post('/replay', z.strictObject({ id: z.string() }), ({ id }) => channel().replay(id));
  post('/fault', Fault, (input) => channel().fault(input));
  post('/clear-faults', z.strictObject({}), () => channel().clearFaults());
  post('/bot', z.strictObject({ url: z.url() }), ({ url }) => channel().setBotUrl(url));
  post('/service-url', ServiceUrl, ({ path, old }) => channel().setServiceUrl(path, old));
  post('/person', Change, ({ person, ...change }) => channel().changePerson(person, dropUndefined(change)));
  post('/groups', z.strictObject({ person: z.string(), groups: z.array(z.string()) }), ({ person, groups }) =>
    channel().setGroups(person, groups),
  );
  post('/graph-roles', z.strictObject({ roles: z.array(z.string()) }), ({ roles }) => channel().setGraphRoles(roles));
  return router;
}

type Dropped<T> = T extends object ? { [K in keyof T]: Dropped<Exclude<T[K], undefined>> } : T;

/** zod's optional keys may hold undefined; ours may be missing only. */
function dropUndefined<T extends object>(input: T): Dropped<T> {
  return JSON.parse(JSON.stringify(input)) as Dropped<T>;
}
