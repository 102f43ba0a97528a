import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Log } from '../../flow/ports.ts';
import { isLoopback } from '../../model/hosts.ts';
import type { Card } from '../../model/notice.ts';
import { createChannels } from './channels.ts';
import { createClient } from './client.ts';
import { chatError, slackCode } from './failures.ts';
import { createIdentify } from './identify.ts';
import { createPost } from './post.ts';
import { askForAddress } from './socket-address.ts';
import { createWhisper } from './whisper.ts';
import { createWorkspace } from './workspace.ts';

/** Looks at Slack that change nothing, and one card where it is asked for. All throw ChatError. */
export interface SlackCheck {
  /** Whom the token belongs to. `scopes`: null where Slack doesn't say. */
  account(): Promise<{ workspace: string; scopes: string[] | null }>;
  /** Socket Mode: whether Slack would give a connection; none is made. Null over HTTP. */
  connection: (() => Promise<void>) | null;
  /** Null: no such channel, or a private one without the bot. */
  channel(id: string): Promise<SlackChannel | null>;
  /** What Slack says of a user group of the policy. `unpaid`: the workspace's plan has none. */
  userGroup(id: string): Promise<'there' | 'empty' | 'missing' | 'unpaid'>;
  post(channel: string, card: Card): Promise<void>;
}

export interface SlackChannel {
  name: string;
  member: boolean;
  archived: boolean;
  shared: boolean;
}

/** The scopes of the app's manifest: what each is for, and whether the bot is of any use without it. */
export const SLACK_SCOPES: Readonly<Record<string, { reason: string; vital: boolean }>> = {
  commands: { reason: 'the slash command', vital: true },
  'chat:write': { reason: 'cards, replies and private answers', vital: true },
  'users:read': { reason: 'telling members from guests, bots and people of other organisations', vital: true },
  'app_mentions:read': { reason: 'words in threads', vital: false },
  'channels:read': { reason: 'whether a public channel is shared; until then output stays hidden', vital: false },
  'groups:read': { reason: 'whether a private channel is shared; until then output stays hidden', vital: false },
  'usergroups:read': {
    reason: 'who is in the policy’s Slack user groups; until then these give nobody a right',
    vital: false,
  },
};

const Account = z.object({
  team: z.string().nullish(),
  team_id: z.string(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

const flag = z.boolean().optional();
const Info = z.object({
  channel: z.object({
    name: z.string().optional(),
    is_member: flag,
    is_archived: flag,
    is_ext_shared: flag,
    is_pending_ext_shared: flag,
  }),
});

const UserGroup = z.object({ users: z.array(z.string()) });

/** Creates the look at the workspace of one token. `apiUrl` ends with a slash. */
export function createSlackCheck(
  config: { botToken: string; appToken?: string | null; apiUrl: string },
  log: Log,
): SlackCheck {
  const client = createClient({ ...config, log });

  async function ask<T extends z.ZodType>(shape: T, question: () => Promise<unknown>): Promise<z.output<T>> {
    const answer = await question().catch((error: unknown) => {
      throw chatError(error, 'other');
    });
    const parsed = shape.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new ChatError('chat_refused', 'Slack’s address answers, but not as Slack does.', { cause: parsed.error });
  }

  return {
    async account() {
      const { team, team_id, response_metadata } = await ask(Account, () => client.auth.test());
      return { workspace: team || team_id, scopes: response_metadata?.scopes ?? null };
    },
    connection: connectionOf(config, log),
    async channel(id) {
      try {
        const { channel } = await ask(Info, () => client.conversations.info({ channel: id }));
        return {
          name: channel.name === undefined ? id : `#${channel.name}`,
          member: channel.is_member === true,
          archived: channel.is_archived === true,
          shared: channel.is_ext_shared === true || channel.is_pending_ext_shared === true,
        };
      } catch (error) {
        if (error instanceof ChatError && error.code === 'chat_not_in_channel') return null;
        throw error;
      }
    },
    async userGroup(id) {
      const question = () => client.usergroups.users.list({ usergroup: id, include_disabled: false });
      try {
        return (await ask(UserGroup, question)).users.length === 0 ? 'empty' : 'there';
      } catch (error) {
        const code = error instanceof ChatError ? slackCode(error.cause) : null;
        if (code === 'no_such_subteam') return 'missing';
        if (code === 'plan_upgrade_required' || code === 'paid_teams_only') return 'unpaid';
        throw error;
      }
    },
    async post(channel, card) {
      const workspace = createWorkspace({ client, log });
      const chat = createPost({
        client,
        channels: createChannels({ client, log }),
        identify: createIdentify({ client, workspace, userGroups: { groupsOf: async () => null } }),
        lists: { listed: () => new Map() },
        find: async () => 'not_told',
        whisper: createWhisper({
          client,
          clock: { now: () => Date.now() },
          loopback: isLoopback(new URL(config.apiUrl).hostname),
        }),
        // Never started: a refused token must not be asked about again and again.
        workspace: { ...workspace, lost: () => undefined },
      });
      await chat.post(channel, card);
    },
  };
}

function connectionOf(
  { appToken, apiUrl }: { appToken?: string | null; apiUrl: string },
  log: Log,
): SlackCheck['connection'] {
  if (appToken === undefined || appToken === null) return null;
  const client = createClient({ botToken: appToken, apiUrl, log });
  return async () => void (await askForAddress(client, apiUrl));
}
