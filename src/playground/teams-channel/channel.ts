import type { Oddity } from './deliver.ts';
import type { FaultInput } from './faults.ts';
import type { TokenOddity } from './sign.ts';
import type { Said, Say } from './talk.ts';
import type { TeamsDelivery, TeamsView } from './view.ts';

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
