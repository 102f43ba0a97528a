import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import { isLoopback } from '../../model/hosts.ts';
import { chatError, slackCode } from './failures.ts';
import { Gone } from './socket-link.ts';

const Answer = z.object({ url: z.string() });

/**
 * Where the next connection leads: for one use, soon. `client` holds the app-level token. Throws ChatError, which says what to
 * mend where something has to be mended.
 * https://docs.slack.dev/reference/methods/apps.connections.open
 */
export async function askForAddress(client: WebClient, apiUrl: string): Promise<string> {
  const answer = await client.apps.connections.open({}).catch((error: unknown) => {
    const trouble = chatError(error, 'other');
    const mend = mendFor(slackCode(error));
    throw mend === null ? trouble : new ChatError('chat_refused', mend, { cause: error });
  });
  const { data } = Answer.safeParse(answer);
  if (data !== undefined && isSlacks(data.url, isLoopback(new URL(apiUrl).hostname))) return data.url;
  throw new ChatError('chat_refused', 'Slack’s address answers, but not as Slack does.');
}

/** What we hear there is believed without a signature, so it must be Slack's own host; that of a stand-in on this machine. */
function isSlacks(address: string, loopback: boolean): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  if (loopback) return protocol === 'ws:' && isLoopback(hostname);
  return protocol === 'wss:' && hostname.endsWith('.slack.com');
}

const NEW_TOKEN =
  'Make a new one in the app at api.slack.com under Basic Information, App-Level Tokens, with the scope connections:write.';

/** What an operator has to mend, by Slack's code; what isn't here passes by itself. */
const MENDS: Record<string, string | undefined> = {
  invalid_auth: `Slack doesn't accept SLACK_APP_TOKEN. ${NEW_TOKEN}`,
  not_authed: `Slack doesn't accept SLACK_APP_TOKEN. ${NEW_TOKEN}`,
  token_revoked: `SLACK_APP_TOKEN was revoked. ${NEW_TOKEN}`,
  token_expired: `SLACK_APP_TOKEN has expired. ${NEW_TOKEN}`,
  account_inactive: `SLACK_APP_TOKEN belongs to an app or workspace that isn't there any more. ${NEW_TOKEN}`,
  not_allowed_token_type: `SLACK_APP_TOKEN isn't an app-level token. ${NEW_TOKEN}`,
  missing_scope: `SLACK_APP_TOKEN lacks the scope connections:write. ${NEW_TOKEN}`,
  no_permission: `SLACK_APP_TOKEN lacks the scope connections:write. ${NEW_TOKEN}`,
  link_disabled: 'Socket Mode is switched off in the app at api.slack.com: switch it on under Socket Mode.',
  too_many_websockets:
    'All ten connections that Slack gives an app are in use: stop what else uses SLACK_APP_TOKEN, or run fewer instances.',
};

/** Why there is no connection, as a code of Slack's, of ours, or of the system, and what to do about it where something has to be done. */
export function whyNot(error: unknown): { code: string | null; mend: string | null } {
  const code =
    error instanceof ChatError ? (slackCode(error.cause) ?? error.code) : error instanceof Gone ? error.message : null;
  return { code, mend: mendFor(code) };
}

/** What to do about a code of Slack, where something has to be done. */
export const mendFor = (code: string | null): string | null => (code === null ? null : (MENDS[code] ?? null));
