// A part of `npm run screenshots`: every state that people may meet in Slack, light and dark.
import type { Browser } from 'playwright-core';
import { openAlbum } from './screenshots-album.ts';
import * as cards from './screenshots-cards.ts';
import { writeIndex } from './screenshots-index.ts';
import { severalMachines } from './screenshots-many.ts';
import { recorded } from './screenshots-recorded.ts';
import { setStage } from './screenshots-stage.ts';
import * as talk from './screenshots-talk.ts';

/** Takes the pictures of all states; `image` says where a picture of a name belongs. Fails where a state does not appear. */
export async function takeStatePictures(browser: Browser, image: (name: string) => string): Promise<void> {
  const stage = await setStage();
  try {
    const album = await openAlbum(browser, stage.url, stage.textOf);
    const show = { stage, album };
    await cards.theWholeWay(show);
    await cards.decisions(show);
    await cards.inLine(show);
    await severalMachines(show);
    await cards.waitingForTheMachine(show);
    await cards.turnedAway(show);
    await cards.openEnds(show, () => talk.home(show));
    await talk.answers(show);
    await talk.form(show);
    await cards.deletion(show);
    await cards.badEnds(show);
    await cards.expiry(show);
    await talk.notInTheChannel(show);
    await recorded(show);
    const complaints = album.complaints();
    if (complaints.length > 0) throw new Error(`The browser complained:\n${complaints.join('\n')}`);
    writeIndex(await album.bind(image));
  } finally {
    await stage.close();
  }
}
