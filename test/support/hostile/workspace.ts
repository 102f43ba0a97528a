import assert from 'node:assert/strict';
import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { createClient } from '../../../src/chat/slack/client.ts';
import { startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { quiet } from '../world.ts';
import type { Sent } from './wire.ts';

const TOKENS = { botToken: 'xoxb-hostile', signingSecret: 'a secret' };

/**
 * Sends what was recorded to the simulated workspace, over HTTP and with the bot's own client: cards as messages and as edits. What it
 * keeps must be what was sent, letter for letter. How many calls it took.
 */
export async function sendToWorkspace(sample: readonly Sent[]): Promise<number> {
  const workspace = await startSlackWorkspace({ ...TOKENS, pace: 'off' });
  try {
    const client = createClient({ botToken: TOKENS.botToken, apiUrl: workspace.apiUrl, log: quiet });
    const first = await client.chat.postMessage({ channel: 'C0SOC', text: 'to be edited' });
    let taken = 0;
    for (const { method, args } of sample) taken += (await send(client, method, args, first.ts ?? '')) ? 1 : 0;
    const kept = workspace.state().messages.map(({ blocks }) => JSON.stringify(withoutIds(blocks)));
    for (const { method, args } of sample) {
      if (method === 'chat.postMessage')
        assert.ok(kept.includes(JSON.stringify(args.blocks)), 'a message is kept whole');
    }
    return taken;
  } finally {
    await workspace.stop();
  }
}

async function send(client: WebClient, method: string, args: Sent['args'], ts: string): Promise<boolean> {
  const { text, blocks } = args as { text: string; blocks: KnownBlock[] };
  const words = { channel: 'C0SOC', text, blocks };
  switch (method) {
    case 'chat.postMessage':
      return (await client.chat.postMessage(words)).ok;
    case 'chat.update':
      return (await client.chat.update({ ...words, ts })).ok;
    case 'chat.postEphemeral':
    case 'acknowledgement':
    case 'respond':
      return (await client.chat.postEphemeral({ ...words, user: 'U0ANA' })).ok;
    case 'views.publish':
      return (await client.apiCall(method, { user_id: 'U0ANA', view: args.view })).ok;
    default:
      return false;
  }
}

/** Slack names the blocks that come without a name. */
function withoutIds(blocks: unknown): unknown {
  return Array.isArray(blocks) ? blocks.map(({ block_id: _, ...block }) => block) : blocks;
}
