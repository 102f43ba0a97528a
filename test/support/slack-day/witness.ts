import type { SlackWorkspaceOptions } from '../../../src/playground/slack-workspace/index.ts';
import { type Calls, createCalls } from './limits.ts';
import { isIn, type Stretch } from './trouble.ts';

/** How the plain text of a card at its end begins. */
export const END = /^(✘ (Denied by|Failed:|Timed out)|– (Withdrawn by|Expired|Cancelled)|(✔|⚠|\?|◌) Finished)/;

/** Listens to what the bot says to Slack, and when. */
export interface Witness {
  hear: NonNullable<SlackWorkspaceOptions['heard']>;
  /** New messages by channel, whatever came of them. */
  posts: Calls;
  edits: Calls;
  /** Calls that Slack refused since there were too many of them, by method. */
  tooMany: Map<string, number>;
  /** When a card of the request said its end for the first time. */
  saidEnd: Map<string, number>;
  total: Map<string, number>;
}

/** Questions that come too often while Slack answers nothing at all take nothing from anybody; messages and edits count always. */
export function createWitness(now: () => number, outage: Stretch): Witness {
  const witness = {
    posts: createCalls(),
    edits: createCalls(),
    tooMany: new Map<string, number>(),
    saidEnd: new Map<string, number>(),
    total: new Map<string, number>(),
  };
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);

  return {
    ...witness,
    hear({ method, channel, status, error, args }) {
      count(witness.total, method);
      if (method === 'chat.postMessage' && channel?.startsWith('C')) witness.posts.note(channel, now());
      if (method === 'chat.update') witness.edits.note('the workspace', now());
      const isSaid = method.startsWith('chat.');
      if (status === 429 && (isSaid || !isIn(outage, now()))) count(witness.tooMany, method);
      const isCard = method === 'chat.update' || (method === 'chat.postMessage' && args.thread_ts === undefined);
      const text = String(args.text ?? '');
      const id = /LR-\w{6}/.exec(text)?.[0];
      if (!isCard || error !== null || id === undefined || !END.test(text) || witness.saidEnd.has(id)) return;
      witness.saidEnd.set(id, now());
    },
  };
}
