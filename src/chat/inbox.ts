import type { Click, TypedLine } from '../flow/ports.ts';
import type { PrivateAnswer } from '../model/notice.ts';

/**
 * Where a platform's `listen` takes what people typed and clicked. Both resolve when what was asked is stored (or
 * answered), which is the moment to acknowledge; they reject when nothing was stored. The same delivery key twice gives the
 * same outcome twice.
 */
export interface Inbox {
  /** The answer for the author's eyes, or null where it follows on the private handle. */
  typed(line: TypedLine): Promise<PrivateAnswer | null>;
  /** The answer for the clicker's eyes, or null where the card will say all there is to say. */
  clicked(click: Click): Promise<PrivateAnswer | null>;
}
