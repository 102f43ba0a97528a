import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recordedCards } from '../../../scripts/card-records.ts';
import { ASIDES, CARD_STATES, isWorded, NEVER_ON_A_CARD, patternOf, type Sheet } from '../../../scripts/card-states.ts';
import { readIndex, stateIn } from '../../../scripts/screenshots-index.ts';
import { stateOfDeletion } from '../../../src/flow/deletion-card.ts';
import { stateOfAll } from '../../../src/flow/state-of-many.ts';
import { stateOf, stateWords } from '../../../src/flow/state-words.ts';
import { NOW } from '../../support/records.ts';
import { draw, type Pick } from './draw.ts';
import { wordsInSources } from './source-words.ts';

const RUNS = Number(process.env.RUNS ?? 30_000);
const IMAGES = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

const STATES = Object.entries(CARD_STATES).flatMap(([sheet, states]) =>
  states.map(([name, words]) => ({ sheet: sheet as Sheet, name, words })),
);

/** Words that the sources hold and no picture shows, each with the reason. */
const NOT_PICTURED = new Map<string, string>(
  Object.entries({
    'before a card is made': ['Looking at it', 'Not confirmed yet', 'Not asked for yet:', 'hasn’t confirmed it'],
    'only where the record lacks who it was, which it never does': ['an approver', 'the requester'],
    'left out of a reason': [', so it needs approval again'],
    'an error of ours': ['lacks command'],
    'in the question before an approval counts': [
      ...['Run this on', 'Its command is', 'commands are', 'on the card, and so are the machines.'],
      'is deleted from the library, for the whole tenant. It can’t be brought back from here.',
    ],
  }).flatMap(([reason, some]) => some.map((words) => [words, reason] as const)),
);

describe('the states of a card', () => {
  const said = new Set<string>();

  before(() => {
    const pick = picker(8);
    for (let i = 0; i < RUNS; i++) {
      const { request, runs, deletion, decisions, around } = draw(pick);
      const deleted = { ...request, deletion };
      said.add(stateWords(stateOf(request, runs[0], decisions, around)));
      said.add(stateWords(stateOfAll(request, runs, decisions, around)));
      said.add(stateWords(stateOfDeletion(deleted, deletion, around)));
    }
  });

  it('are all in the list: none is said that the pictures lack', () => {
    const listed = [...new Set([...STATES.map(({ words }) => words), ...NEVER_ON_A_CARD])];
    const unknown = [...said].filter((words) => !listed.some((wording) => isWorded(words, wording)));
    assert.deepEqual(unknown.slice(0, 20), []);
  });

  it('are all said by the code: none is in the list that it doesn’t know any more', () => {
    const dead = [...STATES.map(({ words }) => words), ...NEVER_ON_A_CARD].filter(
      (wording) => ![...said].some((words) => isWorded(words, wording)),
    );
    assert.deepEqual([...new Set(dead)], []);
  });

  it('have the words that the list says where they are made from records', () => {
    for (const [name, { text }] of Object.entries(recordedCards(NOW))) {
      const words = STATES.find((state) => state.name === name)?.words ?? '';
      assert.ok(isWorded(stateIn(text), words, '.+'), `${name}: ${stateIn(text)}`);
    }
  });

  it('have a picture each, light and dark, that says what the code says today', () => {
    const index = readIndex();
    const troubles = STATES.flatMap(({ sheet, name, words }) => {
      const text = index[`slack-${sheet}`]?.[name];
      if (text === undefined) return [`no picture of “${name}” on slack-${sheet}`];
      return isWorded(stateIn(text), words, '.+') ? [] : [`${name}: ${stateIn(text)}`];
    });
    assert.deepEqual(troubles, [], 'Take the pictures anew: npm run build && npm run screenshots');
    for (const sheet of Object.keys(CARD_STATES))
      for (const theme of ['light', 'dark']) assert.ok(existsSync(`${IMAGES}slack-${sheet}-${theme}.png`), sheet);
  });

  it('are to be seen with all that may follow them', () => {
    const states = STATES.map(({ sheet, name }) => stateIn(readIndex()[`slack-${sheet}`]?.[name] ?? ''));
    const unseen = ASIDES.filter(
      (aside) => !states.some((state) => new RegExp(`${patternOf(aside, '.+')}$`).test(state)),
    );
    assert.deepEqual(unseen, []);
  });

  it('and all else that cards say stands in a picture, or a reason why not', () => {
    const pictured = Object.values(readIndex())
      .flatMap((sheet) => Object.values(sheet))
      .join('\n');
    const missing = wordsInSources().filter((words) => !pictured.includes(words) && !NOT_PICTURED.has(words));
    assert.deepEqual(missing, []);
  });
});

/** The same each time (mulberry32). */
function picker(seed: number): Pick {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return (some) => some[Math.floor(next() * some.length)] as never;
}
