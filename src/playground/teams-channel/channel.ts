import type { Click, Clicked } from './click.ts';
import type { Oddity } from './deliver.ts';
import type { Submit, SubmitDialog, Submitted } from './dialogs.ts';
import type { FaultInput } from './faults.ts';
import type { Onlooker } from './invoke.ts';
import type { Found, Search } from './search.ts';
import type { TokenOddity } from './sign.ts';
import type { Said, Say } from './talk.ts';
import type { TeamsDelivery, TeamsPerson, TeamsView } from './view.ts';

/** A simulated Teams, with Entra, the Bot Framework and Graph behind it, that listens on loopback. */
export interface TeamsChannel {
  /** The server's root, for `/_control/…`. */
  url: string;
  /** Where the bot answers to, as activities name it; ends with a slash. */
  readonly serviceUrl: string;
  /** For TEAMS_LOGIN_URL. */
  loginUrl: string;
  /** For TEAMS_OPENID_METADATA_URL. */
  openIdMetadataUrl: string;
  /** For GRAPH_URL. */
  graphUrl: string;
  tenantId: string;
  /** A copy of everything there is to see. */
  state(): TeamsView;
  /** Calls back after each change, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** Resolves with what `test` gives as soon as it is truthy; rejects after `timeout` ms (5,000 unless set). */
  waitFor<T>(test: (state: TeamsView) => T | null | undefined | false, timeout?: number): Promise<T>;
  setBotUrl(url: string): void;
  /** Moves the service: new activities name the new URL. The old one answers 404 afterwards, or goes on. */
  setServiceUrl(path: string, old?: 'gone' | 'works'): void;
  /** A message of a person; not delivered where Teams wouldn't. */
  say(words: Say): Promise<Said>;
  /** A click on an Action.Execute, and its answer as Teams shows it. */
  click(how: Click): Promise<Clicked>;
  /** A message comes into somebody's view: their client asks for their own card where `refresh` says so; else null. */
  look(who: Onlooker): Promise<Clicked | null>;
  /** A click on an Action.Submit: opens a dialog, or sends a message with a value. */
  submit(how: Submit): Promise<Submitted>;
  submitDialog(how: SubmitDialog): Promise<Submitted>;
  closeDialog(person: string): void;
  /** Typing into a list of choices that searches. */
  search(how: Search): Promise<Found>;
  /** Changes what Entra and Teams know of somebody, who may not hear of it: the account is disabled, the app removed. */
  changePerson(person: string, change: Partial<Pick<TeamsPerson, 'name' | 'role' | 'enabled'>>): void;
  /** Puts somebody into Entra groups, and out of all others. */
  setGroups(person: string, groups: readonly string[]): void;
  /** What the application may ask Graph from now on; tokens given before keep what they say. */
  setGraphRoles(roles: readonly string[]): void;
  /** Adds the app to a conversation or removes it. */
  update(kind: 'added' | 'removed', conversation: string, oddity?: Oddity): Promise<TeamsDelivery[]>;
  deliverRaw(raw: {
    body: string;
    headers?: Record<string, string>;
    token?: TokenOddity | null;
  }): Promise<TeamsDelivery>;
  /** Sends an earlier delivery once more, letter by letter and with its old token. */
  replay(id: string): Promise<TeamsDelivery>;
  /** Trouble for the next calls of the bot. */
  fault(fault: FaultInput): void;
  clearFaults(): void;
  stop(): Promise<void>;
}
