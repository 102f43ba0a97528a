import type { App } from '@slack/bolt';
import type { PersonRef } from '../../../model/person.ts';
import type { InFlight } from '../../in-flight.ts';
import type { Inbox } from '../../inbox.ts';
import { personOf, teamsOf } from '../form/who.ts';
import { BlockActions } from '../payload.ts';
import { proofOf } from '../proof.ts';
import { readAs } from '../unreadable.ts';
import type { PublishHome } from './publish.ts';
import { HomeOpened, teamsOfOpening } from './shapes.ts';
import { readOffset, TURNS } from './view.ts';

/** What the Home tab needs of the rest of Slack. */
export interface HomeDeps {
  inbox: Pick<Inbox, 'home'>;
  publishHome: PublishHome;
  /** Whether a delivery about these workspaces is for this bot. */
  isHome: (teams: (string | null | undefined)[]) => boolean;
  inFlight: InFlight;
}

/** The Home tab: looked up and shown after the acknowledgement, when somebody opens it, turns a page or asks for it anew. */
export function listenToHomes(app: App, deps: HomeDeps): void {
  app.event('app_home_opened', async ({ body, context }) => {
    const opened = readAs(HomeOpened, body);
    const { user, tab } = opened.event;
    // The other tab is the chat with the app.
    if (tab === 'messages' || !deps.isHome(teamsOfOpening(opened))) return;
    const person: PersonRef = { platform: 'slack', id: user, tenant: '', name: user };
    show({ delivery: `slack:${opened.event_id || proofOf(context)}`, person, offset: 0 });
  });

  app.action({ type: 'block_actions', action_id: TURNS }, async ({ body, ack, context }) => {
    const click = readAs(BlockActions, body);
    await ack();
    if (!deps.isHome(teamsOf(click))) return;
    const delivery = `slack:${click.trigger_id || proofOf(context)}`;
    show({ delivery, person: personOf(click), offset: readOffset(click.actions[0].value) });
  });

  function show(asked: Parameters<Inbox['home']>[0]): void {
    void deps.inFlight.run(() => deps.publishHome(asked.person.id, () => deps.inbox.home(asked)));
  }
}
