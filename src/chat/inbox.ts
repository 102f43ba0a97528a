import type { Click, TypedLine } from '../flow/ports.ts';
import type { Subject, Suggestion } from '../flow/suggest.ts';
import type { Home } from '../model/home.ts';
import type { Card, PrivateAnswer } from '../model/notice.ts';
import type { PersonRef } from '../model/person.ts';

/**
 * Where a platform's `listen` takes what people typed and clicked. These resolve when what was asked is stored (or
 * answered), which is the moment to acknowledge; they reject when nothing was stored. The same delivery key twice gives the
 * same outcome twice.
 */
export interface Inbox {
  /** The answer for the author's eyes, or null where it follows on the private handle. */
  typed(line: TypedLine): Promise<PrivateAnswer | null>;
  /** The answer for the clicker's eyes, or null where the card will say all there is to say. */
  clicked(click: Click): Promise<PrivateAnswer | null>;
  /**
   * Has the private answer to a delivery delivered, once, for a platform that can't give it as the acknowledgement. Resolves when
   * it is stored.
   */
  tell(said: { to: string; delivery: string; answer: PrivateAnswer }): Promise<void>;
  /** The newest card of a request with the buttons that are for this person, where it is shown; null where there is none. */
  cardFor(asked: { requestId: string; person: PersonRef; channel: string | null }): Promise<Card | null>;
  /** What a form may offer for what was typed so far; nothing to people without the right to read. */
  suggest(asked: { person: PersonRef; subject: Subject; query: string; limit: number }): Promise<Suggestion[]>;
  /**
   * What a person reads at home, from the page on that begins at this offset; null where this delivery was taken before. Rejects
   * where nothing could be looked up.
   */
  home(asked: { delivery: string; person: PersonRef; offset: number }): Promise<Home | null>;
  /** The bot was taken out of a channel: audited. */
  removed(channel: string, by: PersonRef | null): Promise<void>;
}
