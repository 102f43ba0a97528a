import type { ButtonAction } from '../../../src/model/notice.ts';
import type { Platform } from '../../../src/model/person.ts';

/** People of both stand-ins: an analyst, two leads, a guest, and a colleague whom no policy names. */
export type Who = 'ana' | 'lea' | 'leo' | 'gus' | 'max';

/** A message of the bot as everybody in the channel sees it. */
export interface Seen {
  /** All of its words; those of a card begin with its state. */
  text: string;
  buttons: ButtonAction[];
  /** Ids of the people whom it calls. */
  calls: string[];
}

/** What one person alone can read. */
export interface Whispered {
  text: string;
  /** Everything that was sent for it, links included. */
  raw: string;
}

/** What a platform does in its own way. */
export interface Ways {
  platform: Platform;
  /** What the platform calls somebody. */
  id(who: Who): string;
  /** Types words for the bot: in the thread of a request, or in the channel where none is given. */
  type(who: Who, words: string, thread?: string): Promise<unknown>;
  /** Clicks a button of a request's newest card. What the clicker is shown at once, or null where that comes later. */
  press(who: Who, id: string, button: ButtonAction, why?: string): Promise<string | null>;
  /** Clicks a button of the newest private answer to this person that names the request. */
  pressPrivately(who: Who, id: string, button: ButtonAction): Promise<unknown>;
  cards(id: string): Seen[];
  /** Ids of the requests that have a card, in the order of their first ones. */
  requests(): string[];
  /** What the thread of a request says besides cards, oldest first. */
  thread(id: string): Seen[];
  whispers(who: Who): Whispered[];
  /** How often the platform refused a call because the bot was too fast. */
  throttled(): number;
  /** Resolves with what `look` gives as soon as it is truthy, looking again after each change; rejects after so many milliseconds. */
  waitFor<T>(look: () => T | null | undefined | false, within: number): Promise<T>;
}

/** A platform as people use it: the same words and clicks on each. */
export interface Side extends Ways {
  /** What this person is told privately after this. */
  told(who: Who, act: () => Promise<unknown>): Promise<Whispered>;
  /** Types a line and answers with the id that was acknowledged. */
  ask(line: string, who?: Who): Promise<string>;
  /** Types a line and waits until its card asks for approval. */
  waiting(line: string, who?: Who): Promise<string>;
  /** Types in the channel, or in the thread of a request; the private answer. */
  answer(who: Who, words: string, thread?: string): Promise<string>;
  /** Clicks where the click must lead to nothing; why. */
  refusal(who: Who, id: string, button: ButtonAction): Promise<string>;
  card(id: string): Seen;
  /** Waits until the newest card's words match. */
  shows(id: string, words: RegExp, within?: number): Promise<Seen>;
  /** Waits until the thread says something that matches. */
  says(id: string, words: RegExp, within?: number): Promise<Seen>;
  /** Waits until the thread has said how the run ended, and the card too; the thread's words. */
  ended(id: string, within?: number): Promise<Seen>;
  /** The results link that was made for this person. */
  resultsLink(who: Who, id: string): Promise<string>;
}

const PATIENCE = 20_000;
const JOURNEY = 40_000;
const ENDS = /Finished|Failed|Timed out|Cancelled/;
const LINK = /http:\/\/127\.0\.0\.1:\d+\/results\/[\w-]+/;

/** Makes a side of a platform's ways. */
export function createSide(ways: Ways): Side {
  const { platform, cards, thread, whispers } = ways;

  /** A wait that fails says what there was to see instead. */
  async function waitFor<T>(
    what: string,
    look: () => T | null | undefined | false,
    within: number,
    id?: string,
  ): Promise<T> {
    try {
      return await ways.waitFor(look, within);
    } catch (cause) {
      const seen = id === undefined ? [] : [...cards(id), ...thread(id)].map(({ text }) => text);
      throw new Error(`${platform}: waited in vain for ${what}. There was: ${seen.join('\n  | ')}`, { cause });
    }
  }

  const side: Side = {
    ...ways,
    async told(who, act) {
      const before = whispers(who).length;
      await act();
      return waitFor(`${who} to be told something`, () => whispers(who)[before], PATIENCE);
    },
    async ask(line, who = 'ana') {
      const { text } = await side.told(who, () => ways.type(who, line));
      const id = /Got it, (LR-[0-9A-Z]{6})/.exec(text)?.[1];
      if (id === undefined) throw new Error(`“${line}” was answered: ${text}`);
      return id;
    },
    async waiting(line, who) {
      const id = await side.ask(line, who);
      await side.shows(id, /Waiting for approval/);
      return id;
    },
    async answer(who, words, inThread) {
      return (await side.told(who, () => ways.type(who, words, inThread))).text;
    },
    async refusal(who, id, button) {
      const before = whispers(who).length;
      const shown = await ways.press(who, id, button);
      return shown ?? (await waitFor(`${who} to be refused`, () => whispers(who)[before], PATIENCE, id)).text;
    },
    card(id) {
      const card = cards(id).at(-1);
      if (card === undefined) throw new Error(`${platform}: ${id} has no card`);
      return card;
    },
    shows: (id, words, within = PATIENCE) =>
      waitFor(`the card to show ${words}`, () => cards(id).findLast(({ text }) => words.test(text)), within, id),
    says: (id, words, within = PATIENCE) =>
      waitFor(`the thread to say ${words}`, () => thread(id).find(({ text }) => words.test(text)), within, id),
    async ended(id, within = JOURNEY) {
      const end = () => thread(id).find(({ text }) => text.includes(id) && ENDS.test(text));
      const shown = () => ENDS.test(cards(id).at(-1)?.text ?? '') && end();
      return waitFor('the end', shown, within, id);
    },
    async resultsLink(who, id) {
      const { raw } = await side.told(who, () => ways.press(who, id, 'results'));
      const link = LINK.exec(raw)?.[0];
      if (link === undefined) throw new Error(`${platform}: there is no link in ${raw}`);
      return link;
    },
  };
  return side;
}
