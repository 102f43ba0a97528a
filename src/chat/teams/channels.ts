import NodeCache from 'node-cache';
import { ChatError } from '../../errors.ts';
import type { Log } from '../../flow/ports.ts';
import { createAskOnce } from '../ask-once.ts';
import { createInFlight } from '../in-flight.ts';
import type { Connector, Member } from './connector.ts';
import { ConnectorRefusal, chatError } from './failures.ts';
import type { Places } from './places.ts';
import { channelOf } from './thread.ts';

/** What is to be known of channels. */
export interface Channels {
  /** Whether people of other organisations read it. Throws ChatError where nobody can tell. */
  isShared(channel: string): Promise<boolean>;
  /** How people read it: `#soc`. */
  nameOf(channel: string): string;
  /** An activity came from this team: names and kinds of its channels are asked for now and then. Returns at once. */
  see(team: string, serviceUrl: string): void;
  /** Recalls what is known of the policy's channels. Returns at once. */
  warm(): void;
  /** Resolves when nothing is asked any more. */
  drained(): Promise<void>;
}

/** Seconds: somebody may be added at any time. */
const KEPT = 300;
/** Seconds until a roster that didn't come is asked for again. */
const AGAIN = 15;
/** Seconds: channels are renamed rarely. */
const ASK_EVERY = 3600;
/** Teams leaves out the name of a team's first channel. */
const FIRST = 'General';

/** Creates the look at channels. */
export function createChannels(deps: {
  connector: Connector;
  places: Places;
  tenantId: string;
  /** The policy's. */
  channels: () => readonly string[];
  log: Log;
}): Channels {
  const kept = new NodeCache({ stdTTL: KEPT, checkperiod: 0 });
  const asked = new NodeCache({ stdTTL: ASK_EVERY, checkperiod: 0, maxKeys: 1_000 });
  const inFlight = createInFlight();

  async function ask(team: string, serviceUrl: string): Promise<void> {
    for (const { id, name, type } of await deps.connector.channelsOf(serviceUrl, team)) {
      if (!deps.channels().includes(id)) continue;
      await deps.places.learn(id, { serviceUrl, name: name || FIRST, membership: type ?? null });
    }
  }

  function inBackground(work: () => Promise<unknown>): void {
    inFlight.run(work).catch((error: unknown) => {
      deps.log.debug({ platform: 'teams', error }, 'Names of channels could not be learned');
    });
  }

  /** People of another tenant in the channel's own roster. Guests have an account at home and were let in by an admin. */
  const isForeign = ({ tenantId }: Member): boolean =>
    tenantId === undefined || tenantId.toLowerCase() !== deps.tenantId.toLowerCase();

  async function look(channel: string): Promise<boolean> {
    const place = await deps.places.of(channel);
    if (place?.membership === 'shared') return true;
    if (place?.membership === 'standard' || place?.membership === 'private') return false;
    try {
      const members = await deps.connector.members(await deps.places.serviceUrl(channel), channel);
      return members.length === 0 || members.some(isForeign);
    } catch (error) {
      // Teams has rosters of all that the app may write in. Where it tells of none, an activity of a shared channel would have said so.
      if (error instanceof ConnectorRefusal && [404, 405, 501].includes(error.status) && place !== null) return false;
      throw error instanceof ChatError ? error : chatError(error, 'other');
    }
  }

  const lookOnce = createAskOnce(async (channel) => {
    const shared = await look(channel);
    kept.set(channel, shared);
    return shared;
  }, AGAIN);

  return {
    async isShared(conversation) {
      const channel = channelOf(conversation);
      const known = kept.get<boolean>(channel);
      if (known !== undefined) return known;
      return lookOnce(channel);
    },
    nameOf(conversation) {
      const name = deps.places.known(conversation)?.name;
      return name === null || name === undefined ? 'the channel of this bot’s policy' : `#${name}`;
    },
    see(team, serviceUrl) {
      if (asked.has(team)) return;
      if (asked.keys().length >= 1_000) asked.flushAll();
      asked.set(team, true);
      inBackground(() => ask(team, serviceUrl));
    },
    warm() {
      for (const channel of deps.channels()) inBackground(() => deps.places.of(channel));
    },
    drained: inFlight.drained,
  };
}
