import { Router } from 'express';
import { z } from 'zod';
import { answering } from './answering.ts';
import type { SlackWorkspace } from './slack-workspace/index.ts';

/** What the page needs of Slack's shortcuts and modals. */
export type ModalSide = Pick<SlackWorkspace, 'shortcut' | 'suggest' | 'pressInModal' | 'submitModal' | 'closeModal'>;

/** What it needs of the app's Home tab. */
export type HomeSide = Pick<SlackWorkspace, 'openHome' | 'pressAtHome'>;

const id = z.string().min(1).max(255);
/** What was entered, by block. */
const filled = z.record(id, z.string().max(8000)).default({});

const Shortcut = z.strictObject({
  user: id,
  callbackId: id,
  /** The message that it is used on; none for the shortcut of the workspace. */
  message: z.strictObject({ channel: id, ts: id }).exactOptional(),
});
const Typed = z.strictObject({ user: id, block: id, query: z.string().max(200) });
const Press = z.strictObject({ user: id, actionId: id, filled });
const Submit = z.strictObject({ user: id, filled });
const Person = z.strictObject({ user: id });
const PressAtHome = z.strictObject({ user: id, actionId: id, value: z.string().max(2000).exactOptional() });

/** What people do with shortcuts and modals in Slack, for the page. */
export function createModalRoutes(slack: ModalSide): Router {
  const router = Router();
  const post = <T>(path: string, schema: z.ZodType<T>, act: (input: T) => unknown) =>
    router.post(path, answering(schema, act));
  post('/shortcut', Shortcut, (used) => slack.shortcut(used));
  post('/suggest', Typed, (typed) => slack.suggest(typed));
  post('/press', Press, (press) => slack.pressInModal(press));
  post('/submit', Submit, (sent) => slack.submitModal(sent));
  post('/close', Person, ({ user }) => slack.closeModal(user));
  return router;
}

/** What people do in the app's Home tab, for the page. */
export function createHomeRoutes(slack: HomeSide): Router {
  const router = Router();
  router.post(
    '/open',
    answering(Person, ({ user }) => slack.openHome({ user })),
  );
  router.post(
    '/press',
    answering(PressAtHome, (pressed) => slack.pressAtHome(pressed)),
  );
  return router;
}
