// A part of `npm run screenshots`: the states that last milliseconds, or hours, or hang on chance, posted as the bot would.
import { pin } from '../test/browser/wall.ts';
import { recordedCards } from './card-records.ts';
import type { StateName } from './card-states.ts';
import type { Show } from './screenshots-cards.ts';

/** Each card that is made from records, in the order of the list. */
export async function recorded({ stage, album }: Show): Promise<void> {
  await album.become('lea');
  for (const [name, card] of Object.entries(recordedCards(Date.now()))) {
    await album.shootState(name as StateName, await pin(stage.slack, card));
  }
}
