import { randomBytes } from 'node:crypto';
import type { Oddity } from './deliver.ts';
import { viewObject } from './modal-methods.ts';
import { buttonsIn, commonTo } from './modal-payloads.ts';
import { LEGACY_TOKEN } from './payloads.ts';
import { APP, TEAM } from './people.ts';
import type { Delivery, State } from './state.ts';

/** A button of somebody's Home tab. */
export interface PressedAtHome extends Oddity {
  user: string;
  actionId: string;
  /** Needed where a view showed several buttons of this action id. */
  value?: string;
}

/** What people do in the App Home. */
export interface HomePeople {
  openHome(opened: { user: string; tab?: 'home' | 'messages' } & Oddity): Promise<Delivery>;
  /** Also one that stood there a moment ago. Throws where there was no such button. */
  pressAtHome(pressed: PressedAtHome): Promise<Delivery>;
}

type About = Pick<Delivery, 'kind' | 'what' | 'user' | 'triggerId'>;

interface Deps {
  state: State;
  interact: (about: About, payload: object, oddity: Oddity) => Promise<Delivery>;
  tell: (about: About, event: object, oddity: Oddity) => Promise<Delivery>;
}

/** Creates what people do in the App Home. */
export function createHomePeople({ state, interact, tell }: Deps): HomePeople {
  return {
    async openHome({ user, tab = 'home', ...oddity }) {
      const about = { kind: 'event', what: `app_home_opened ${tab}`, user, triggerId: null } as const;
      return tell(about, openedEvent(state, user, tab), oddity);
    },

    async pressAtHome({ user, actionId, value, ...oddity }) {
      const payload = pressPayload(state, user, actionId, value);
      return interact({ kind: 'click', what: actionId, user, triggerId: payload.trigger_id }, payload, oddity);
    },
  };
}

/** https://docs.slack.dev/reference/events/app_home_opened */
function openedEvent(state: State, user: string, tab: 'home' | 'messages') {
  const member = state.member(user);
  if (member === null) throw new Error(`Nobody is called ${user}.`);
  const shown = tab === 'home' ? state.homes.of(user) : null;
  const ts = state.nextTs();
  return {
    token: LEGACY_TOKEN,
    team_id: TEAM.id,
    api_app_id: APP.id,
    type: 'event_callback',
    event_id: `Ev${randomBytes(6).toString('hex').toUpperCase()}`,
    event_time: Math.floor(Number(ts)),
    authorizations: [
      { enterprise_id: null, team_id: TEAM.id, user_id: APP.userId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event: {
      type: 'app_home_opened',
      user,
      channel: state.chatWith(user).id,
      tab,
      event_ts: ts,
      ...(shown === null ? {} : { view: viewObject(shown) }),
    },
  };
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload, of a button in a Home tab: it has no channel. */
function pressPayload(state: State, user: string, actionId: string, value: string | undefined) {
  const tab = state.homes.of(user);
  const button = state.homes
    .everShown(user)
    .flatMap(buttonsIn)
    .find(({ element }) => element.action_id === actionId && (value === undefined || element.value === value));
  if (tab === null || button === undefined) throw new Error(`There is no button ${actionId} at home.`);
  return {
    type: 'block_actions',
    ...commonTo(state, user),
    container: { type: 'view', view_id: tab.id },
    trigger_id: state.triggers.mint(user),
    view: viewObject(tab),
    actions: [{ ...button.element, block_id: button.blockId, action_ts: state.nextTs() }],
  };
}
