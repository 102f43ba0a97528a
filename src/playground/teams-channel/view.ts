/** Somebody of the tenant, or somebody who only sits in a channel of it. */
export interface TeamsPerson {
  /** Entra object id. */
  id: string;
  /** How the Bot Framework names them to this bot: `29:…`. */
  mri: string;
  name: string;
  /** Of their home tenant. */
  tenantId: string;
  role: 'user' | 'guest' | 'anonymous';
  enabled: boolean;
  /** Ids of the Entra groups they are in, also through other groups. */
  groups: string[];
  /** Whether the bot may write to them alone. */
  personalApp: boolean;
}

/** A conversation: a channel of the team, a group chat, or somebody's chat with the bot. */
export interface TeamsConversation {
  /** `19:…@thread.tacv2` (channel), `19:…@thread.v2` (group chat), `a:…` (personal). Never with `;messageid=`. */
  id: string;
  name: string;
  kind: 'channel' | 'groupChat' | 'personal';
  /** A channel's kind of membership. */
  membership: 'standard' | 'private' | 'shared';
  members: string[];
  /** Whether the app is in it. */
  installed: boolean;
}

/** A message, as everybody in its conversation sees it. */
export interface TeamsMessage {
  id: string;
  conversation: string;
  /** The message that began its thread; null for one that begins a thread, and in chats. */
  root: string | null;
  /** An Entra object id, or `bot`. */
  from: string;
  at: number;
  text: string | null;
  textFormat: string | null;
  summary: string | null;
  /** The content of its Adaptive Card, as posted or edited last. */
  card: unknown;
  /** Entities of the activity (mentions). */
  entities: unknown[];
  edits: number;
}

/** What one person alone sees of a card: the answer to an invoke, until the card is edited for everybody. */
export interface TeamsPersonalView {
  message: string;
  person: string;
  card: unknown;
}

/** A message that Teams shows to a clicker alone, for a moment. */
export interface TeamsNotice {
  person: string;
  message: string;
  text: string;
  /** An error of ours, or Teams' own “Something went wrong”. */
  error: boolean;
  at: number;
}

/** A dialog that is open for somebody. */
export interface TeamsDialog {
  person: string;
  message: string;
  title: string;
  card: unknown;
}

/** One activity sent to the bot and how it answered. */
export interface TeamsDelivery {
  id: string;
  kind: 'message' | 'action' | 'refresh' | 'submit' | 'dialog' | 'dialog_submit' | 'search' | 'update' | 'raw';
  what: string;
  person: string | null;
  /** Null when no answer came. */
  status: number | null;
  body: string;
  ms: number;
  failure: 'timeout' | 'connection' | 'status' | null;
  /** Why Teams could do nothing with the answer, or how it departs from what Teams wants. */
  problem?: string;
}

/** One call of the bot. No tokens. */
export interface TeamsCall {
  at: number;
  method: string;
  path: string;
  status: number;
  /** The service's code; null where it accepted. */
  error: string | null;
  /** Why the stand-in refused, for whoever looks into it. */
  problems: string[];
}

/** Everything there is to see. */
export interface TeamsView {
  tenantId: string;
  team: { id: string; name: string };
  bot: { id: string; name: string };
  people: TeamsPerson[];
  conversations: TeamsConversation[];
  messages: TeamsMessage[];
  personalViews: TeamsPersonalView[];
  notices: TeamsNotice[];
  dialogs: TeamsDialog[];
  deliveries: TeamsDelivery[];
  calls: TeamsCall[];
}
