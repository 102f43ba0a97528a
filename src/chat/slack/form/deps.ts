import type { Clock, Log } from '../../../flow/ports.ts';
import { answer, type PrivateAnswer } from '../../../model/notice.ts';
import type { Inbox } from '../../inbox.ts';
import type { Modals } from './open.ts';

/** What somebody of another workspace hears. */
export const ELSEWHERE = answer('I work for another Slack workspace, so I did nothing. Ask there.');

/** What the form needs of the rest of Slack. */
export interface FormDeps {
  inbox: Pick<Inbox, 'typed' | 'clicked' | 'tell' | 'suggest'>;
  modals: Modals;
  /** The policy's channels. */
  policyChannels: () => readonly string[];
  /** Whether a delivery about these workspaces is for this bot. */
  isHome: (teams: (string | null | undefined)[]) => boolean;
  /** Sends an answer after the acknowledgement, when there is one. */
  tellLater: (to: string, outcome: Promise<PrivateAnswer | null>) => void;
  clock: Clock;
  log: Log;
  ackBy: number;
}
