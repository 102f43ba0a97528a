import type { ButtonClick, Oddity, TypedCommand } from './deliver.ts';
import type { FaultInput } from './faults.ts';
import type { HomePeople } from './home-people.ts';
import type { ModalPeople } from './modal-people.ts';
import type { Member } from './people.ts';
import type { SocketMode } from './socket-mode.ts';
import type { Delivery, Snapshot } from './state.ts';
import type { Subscription, UserGroup } from './user-groups.ts';

/** A simulated Slack workspace that listens on loopback. */
export interface SlackWorkspace extends ModalPeople, HomePeople {
  /** For SLACK_API_URL: ends with `/api/`. */
  apiUrl: string;
  /** The server's root, for `/_control/…`. */
  url: string;
  /** A copy of everything there is to see. */
  state(): Snapshot;
  /** The same without a copy, for looking only: a long day has too much in it to copy at each look. */
  look(): Pick<Readonly<Snapshot>, 'messages' | 'ephemerals'>;
  /** Calls back after each change, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** Resolves with the state as soon as `test` gives something truthy; rejects after `timeout` ms (5,000 unless set). */
  waitFor<T>(test: (state: Snapshot) => T | null | undefined | false, timeout?: number): Promise<T>;
  command(typed: TypedCommand): Promise<Delivery>;
  click(click: ButtonClick): Promise<Delivery>;
  /** An ordinary message; null where the bot isn't told of it. */
  say(
    words: { user: string; channel: string; text: string; threadTs?: string | null } & Oddity,
  ): Promise<Delivery | null>;
  deliverRaw(raw: { body: string; headers?: Record<string, string> }): Promise<Delivery>;
  /** Sends an earlier delivery once more, letter by letter and with its old signature. */
  replay(id: string): Promise<Delivery>;
  /** Trouble for the next calls of the bot. */
  fault(fault: FaultInput): void;
  clearFaults(): void;
  /** What Slack can do with the app's connections; null over HTTP. */
  socketMode: Pick<
    SocketMode,
    'links' | 'complaints' | 'dismiss' | 'cut' | 'freeze' | 'loseAnswers' | 'sendRaw'
  > | null;
  setBotUrl(url: string): void;
  /** Somebody becomes a guest, leaves the company, … */
  setMember(id: string, changes: Partial<Omit<Member, 'id'>>): void;
  /** A user group as it is from now on, new or changed; what isn't said stays. */
  setUserGroup(group: Pick<UserGroup, 'id'> & Partial<UserGroup>): void;
  /** What the workspace pays for, and what the app's token may do, from now on. */
  setSubscription(changes: Partial<Subscription>): void;
  /** Adds the bot to a channel, as `/invite` does. */
  invite(channel: string): void;
  stop(): Promise<void>;
}
