import assert from 'node:assert/strict';
import { renderCard } from '../../../src/chat/slack/render.ts';
import { tightened } from '../../../src/chat/slack/tight.ts';
import { type Card, plain } from '../../../src/model/notice.ts';
import { finished, waiting } from '../../browser/one-screen-cards.ts';

/** As Defender names people. */
const ADDED = [{ kind: 'text', text: 'by carol@contoso.com' } as const];
const withLongName = (card: Card): Card => ({
  ...card,
  commands: card.commands.map((one) => ({
    ...one,
    note: one.note.toSpliced(1, one.note.length > 1 ? 1 : 0, ...ADDED),
  })),
});

describe('A card that would be higher than one screen', () => {
  const given = withLongName(waiting(5));
  const notes = (card: Card): string[] => card.commands.map(({ note }) => plain(note));

  it('says of each file in one line what is approved: its change and its digest whole, and who added it', () => {
    const script = /^by carol@…, changed 2026-11-03 09:00 UTC · sha256 aaaaaaaaaaaa…$/;
    const [run, , search, put, scan] = notes(tightened(given));
    for (const note of [run, search, put, scan]) assert.match(note ?? '', script);
  });

  it('keeps machine, commands, reason, rule, warnings and buttons as they are', () => {
    const { facts, commands, ...rest } = tightened(given);
    const { facts: all, commands: before, ...same } = given;
    assert.deepEqual(rest, same);
    assert.deepEqual(
      commands.map(({ note: _note, ...command }) => command),
      before.map(({ note: _note, ...command }) => command),
    );
    assert.equal(facts.map(plain).join(' · '), all.map(plain).join(' · '));
  });

  it('still says all of it where there is no room to save: in the words for notifications', () => {
    assert.match(renderCard(given).text, /“Dumps the memory of a process, compressed” · added by carol@contoso/);
  });

  it('is the only one that changes', () => {
    for (const card of [waiting(1), waiting(3), finished(5)]) assert.equal(tightened(card), card);
  });

  it('loses nothing about its files where a bare link is all that was in the way', () => {
    const card = waiting(4);
    assert.deepEqual(notes(tightened(card)), notes(card));
    assert.equal(tightened(card).facts.length, card.facts.length - 1);
  });
});
