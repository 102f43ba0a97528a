import NodeCache from 'node-cache';
import type { Connector } from './connector.ts';

/** Seconds: a chat with somebody stays the same chat. */
const KEPT = 24 * 3600;
const MOST_KEPT = 20_000;

/** The chats of people with the bot, by what the Bot Framework calls them. */
export interface PrivateChats {
  /** The conversation with this person, opened where it isn't known. Throws what the connector throws. */
  with(serviceUrl: string, mri: string): Promise<string>;
  /** It turned out to be closed. */
  forget(mri: string): void;
}

/** Creates the memory of private chats. */
export function createPrivateChats(connector: Pick<Connector, 'chatWith'>): PrivateChats {
  const chats = new NodeCache({ stdTTL: KEPT, checkperiod: 0, maxKeys: MOST_KEPT });
  return {
    async with(serviceUrl, mri) {
      const known = chats.get<string>(mri);
      if (known !== undefined) return known;
      const made = await connector.chatWith(serviceUrl, mri);
      if (chats.keys().length >= MOST_KEPT) chats.flushAll();
      chats.set(mri, made);
      return made;
    },
    forget: (mri) => void chats.del(mri),
  };
}
