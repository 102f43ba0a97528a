import { signedHeaders } from '../../../../src/playground/slack-workspace/sign.ts';
import { type FormBot, SIGNING_SECRET } from '../form-bot.ts';
import type { Trace } from './trace.ts';

/** What people do, or Slack by itself, and what must come of it whichever way it is delivered. */
export interface Story {
  name: string;
  play(bot: FormBot): Promise<unknown>;
  comesTo(trace: Trace): void;
}

export const ANA = { user: 'U0ANA', channel: 'C0SOC' };

/** Calls as a trace has them, all of them successful. */
export const called = (...methods: string[]) => methods.map((method) => [method, null]);

/** Sends anything else that Slack sends, signed. */
export function deliver({ workspace }: FormBot, body: string, type: string): Promise<unknown> {
  const headers = { 'content-type': type, ...signedHeaders(body, { secret: SIGNING_SECRET, now: Date.now() }) };
  return workspace.deliverRaw({ body, headers });
}
