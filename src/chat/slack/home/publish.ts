import type { WebClient } from '@slack/web-api';
import type { Clock, Log } from '../../../flow/ports.ts';
import { type Home, homeSaying } from '../../../model/home.ts';
import { slackCode } from '../failures.ts';
import type { Permalinks } from './permalinks.ts';
import { homeView } from './view.ts';

const NOT_LOADED = 'I couldn’t look up what is here. Nothing is lost; refresh in a minute.';

/**
 * Shows a person their Home tab as `load` gives it; null shows nothing new. One after the other for each person, so that an older
 * state never takes the place of a newer one; of those that wait, the last counts. Never rejects: what is lost comes with the next
 * opening.
 */
export type PublishHome = (user: string, load: () => Promise<Home | null>) => Promise<void>;

type Work = () => Promise<void>;

/** Creates the publisher. */
export function createPublishHome(deps: {
  client: WebClient;
  permalinks: Permalinks;
  clock: Clock;
  log: Log;
}): PublishHome {
  const { client, permalinks, clock, log } = deps;
  const turns = createTurns();

  async function loaded(load: () => Promise<Home | null>): Promise<Home | null> {
    try {
      return await load();
    } catch (error) {
      log.error({ platform: 'slack', error }, 'A home could not be looked up');
      return homeSaying(clock.now(), NOT_LOADED);
    }
  }

  async function publish(user: string, load: () => Promise<Home | null>): Promise<void> {
    try {
      const home = await loaded(load);
      if (home === null) return;
      const cards = home.sections.flatMap(({ entries }) => entries.flatMap(({ message }) => message ?? []));
      await client.views.publish({ user_id: user, view: homeView(home, await permalinks(cards)) });
    } catch (error) {
      log.warn({ platform: 'slack', code: slackCode(error) }, 'A home could not be shown');
    }
  }

  return (user, load) => turns(user, () => publish(user, load));
}

/** Of each key's work one at a time; what waits gives way to what comes after it. */
function createTurns(): (key: string, work: Work) => Promise<void> {
  const busy = new Map<string, { next: Work | null }>();
  return async (key, work) => {
    const turn = busy.get(key);
    if (turn !== undefined) {
      turn.next = work;
      return;
    }
    const mine: { next: Work | null } = { next: work };
    busy.set(key, mine);
    while (mine.next !== null) {
      const now = mine.next;
      mine.next = null;
      await now();
    }
    busy.delete(key);
  };
}
