import type { WebClient } from '@slack/web-api';
import { createChannels } from '../../../src/chat/slack/channels.ts';
import type { PublishHome } from '../../../src/chat/slack/home/publish.ts';
import { createPublishHome } from '../../../src/chat/slack/home/publish.ts';
import { createIdentify } from '../../../src/chat/slack/identify.ts';
import { createPost } from '../../../src/chat/slack/post.ts';
import { createWhisper } from '../../../src/chat/slack/whisper.ts';
import type { Workspace } from '../../../src/chat/slack/workspace.ts';
import type { Chat, Clock } from '../../../src/flow/ports.ts';
import { quiet } from '../world.ts';

/** Something that went to Slack, as JSON carried it there. */
export interface Sent {
  method: string;
  args: Record<string, unknown>;
}

/** What Slack says of the people and the channel. */
export interface Told {
  names: Record<string, string>;
  channel: string;
  shared: boolean;
}

/** The bot's part of Slack, whole, with a Web API that takes everything and remembers it. */
export interface Wire {
  chat: Chat;
  publishHome: PublishHome;
  sent: Sent[];
  /** What Slack tells from now on. */
  told: Told;
}

const TEAM = 'T0CONTOSO';
const home = { team: TEAM, enterprise: null, botUser: 'U0BOT' };
const workspace: Workspace = {
  known: () => home,
  home: () => home,
  soon: async () => home,
  start() {},
  lost() {},
  stop: async () => {},
};

/** Creates it. Answers to response addresses are remembered as the method `respond`. */
export function createWire(deps: { clock: Clock; told: Told }): Wire {
  const sent: Sent[] = [];
  const wire = { told: deps.told };
  const client = recorder(sent, () => wire.told);
  const fetch: typeof globalThis.fetch = async (_url, init) => {
    sent.push({ method: 'respond', args: JSON.parse(String(init?.body)) as Record<string, unknown> });
    return new Response('ok');
  };
  const channels = createChannels({ client, log: quiet });
  const identify = createIdentify({ client, workspace, userGroups: { groupsOf: async () => null } });
  const whisper = createWhisper({ client, clock: deps.clock, loopback: false, fetch });
  const find = async () => 'not_told' as const;
  const lists = { listed: () => new Map() };
  const permalinks = async (messages: readonly string[]) =>
    new Map(messages.map((message) => [message, `https://contoso.slack.com/archives/${message.replace(':', '/p')}`]));
  return Object.assign(wire, {
    sent,
    // The limits of a channel are another story: here nothing waits for its turn.
    chat: { ...createPost({ client, channels, identify, find, whisper, workspace, lists }), pace: WIDE },
    publishHome: createPublishHome({ client, permalinks, clock: deps.clock, log: quiet }),
  });
}

const MANY = [{ count: 10_000, within: 1_000 }];
const WIDE: Chat['pace'] = { posts: MANY, edits: MANY };

/** The methods that the bot calls. What is sent goes through JSON, as on its way. */
function recorder(sent: Sent[], told: () => Told): WebClient {
  let count = 0;
  const take = (method: string) => async (args: Record<string, unknown>) => {
    sent.push({ method, args: JSON.parse(JSON.stringify(args)) as Record<string, unknown> });
    count += 1;
    const channel = String(args.channel ?? 'C0SOC').replace(/^U/, 'D');
    return { ok: true, channel, ts: `1700000000.${count}` };
  };
  const client = {
    chat: {
      postMessage: take('chat.postMessage'),
      update: take('chat.update'),
      postEphemeral: take('chat.postEphemeral'),
    },
    views: { publish: take('views.publish'), open: take('views.open') },
    users: {
      info: async ({ user: id }: { user: string }) => ({
        user: { id, team_id: TEAM, real_name: told().names[id] ?? '', name: 'somebody' },
      }),
    },
    conversations: { info: async () => ({ channel: { name: told().channel, is_ext_shared: told().shared } }) },
  };
  return client as unknown as WebClient;
}
