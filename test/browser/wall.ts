import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebClient } from '@slack/web-api';
import type { Rendered } from '../../src/chat/slack/render.ts';
import { createPlaygroundServer } from '../../src/playground/server.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { startTeamsChannel } from '../../src/playground/teams-channel/index.ts';
import { SECRETS, TEAMS_APP } from '../support/bot.ts';

const PAGE = fileURLToPath(new URL('../../dist/playground/page/', import.meta.url));
const CHANNEL = 'C0SOC';

/** Posts a message into #soc of the stand-in, as the bot does; its ts. */
export async function pin({ apiUrl }: Pick<SlackWorkspace, 'apiUrl'>, message: Rendered): Promise<string> {
  const client = new WebClient(SECRETS.botToken, { slackApiUrl: apiUrl });
  const { ts } = await client.chat.postMessage({ channel: CHANNEL, ...message });
  return ts ?? '';
}

/** The page on a workspace without a bot: what is pinned there stays as it is. */
export async function startWall() {
  const [slack, teams] = await Promise.all([
    startSlackWorkspace({ ...SECRETS, pace: 'off' }),
    startTeamsChannel(TEAMS_APP),
  ]);
  const defender = { state: () => NOTHING, setSpeed: () => {}, onChange: () => () => {} };
  const server = createServer(createPlaygroundServer({ slack, teams, defender, pageDir: PAGE }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    pin: (message: Rendered) => pin(slack, message),
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await Promise.all([slack.stop(), teams.stop()]);
    },
  };
}

const NOTHING = { settings: { speed: 1 }, machines: [], library: [], actions: [], faults: [], calls: [] };

export type Wall = Awaited<ReturnType<typeof startWall>>;
