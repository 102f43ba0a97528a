import assert from 'node:assert/strict';
import { checkMessage } from '../../src/chat/slack/check.ts';
import { LIMITS as SLACK } from '../../src/chat/slack/limits.ts';
import { plainCard } from '../../src/chat/slack/plain-form.ts';
import { renderCard as slackCard } from '../../src/chat/slack/render.ts';
import { sizeOf, LIMITS as TEAMS } from '../../src/chat/teams/limits.ts';
import { renderCard as teamsCard } from '../../src/chat/teams/render.ts';
import { parseLine } from '../../src/flow/command.ts';
import { shownCommands, tooLongToShow } from '../../src/flow/command-line.ts';
import type { Command } from '../../src/model/command.ts';
import { type Card, person, strong, text } from '../../src/model/notice.ts';
import { visible } from '../../src/model/visible.ts';

const run = (args: string[]): Command => ({ kind: 'run', script: 'minidump.ps1', args });

/** A request as loaded with other words as it may come. */
function cardOf(commands: readonly Command[], machines = `${'m'.repeat(63)}.contoso.com`): Card {
  const long = 'a word and another '.repeat(100);
  return {
    requestId: 'LR-8K3F2Q',
    title: 'Live response LR-8K3F2Q',
    state: { symbol: '⏳', words: [text(long)] },
    headline: [
      person({ platform: 'slack', id: 'U0ANA', name: 'Ana Analyst' }),
      text(' wants to run on '),
      strong(machines),
      text(`  ${long}`),
    ],
    commands: shownCommands({ commands }).map((code, i) => ({
      ...{ symbol: `${i + 1}`, label: 'Run script', code, note: [text(long)], output: [], moreLines: 0 },
    })),
    facts: Array.from({ length: 20 }, () => [text(long)]),
    warnings: [[text(long)]],
    footer: [[text(long)]],
    buttons: [{ action: 'approve', id: 'LR-8K3F2Q:1', label: 'Approve', tone: 'primary' }],
    audience: null,
  };
}

/** The largest request of its kind that is taken. */
function largest(grow: (size: number) => Command[]): Command[] {
  let size = 1;
  while (size < 2_000 && tooLongToShow(grow(size + 1)) === null) size += 1;
  return grow(size);
}

const many = (count: number, fill: string) => (size: number) =>
  Array.from({ length: count }, (_, i) => run([fill.repeat(i === 0 ? size : 1), `-End${i}`]));

describe('the longest commands that are taken', () => {
  for (const [what, fill] of Object.entries({ plain: 'x', quotes: '"', 'hidden characters': '\u2800', wide: '界' })) {
    for (const count of [1, 10]) {
      it(`stand whole on every form of a card, which can be approved: ${count} with ${what}`, () => {
        const commands = largest(many(count, fill));
        const card = cardOf(commands);
        const slack = slackCard(card).blocks;
        const short = plainCard(card).blocks;
        const teams = teamsCard(card);
        assert.ok(JSON.stringify(slack).length <= SLACK.message.hard);
        assert.ok(sizeOf(teams) <= TEAMS.message.hard);
        for (const shown of [slack, short, teams]) {
          const words = wordsIn(shown);
          for (const code of shownCommands({ commands })) assert.ok(words.includes(visible(code)), `${code} is cut`);
          assert.match(JSON.stringify(shown), /approve/i);
        }
      });
    }
  }

  for (const [what, fill] of Object.entries({ plain: 'x', wide: '界', 'hidden characters': '\u2800' })) {
    it(`stand whole beside the longest names of a hundred machines: ${what}`, () => {
      const names = Array.from({ length: 100 }, (_, n) => `${fill}${n}.contoso.com`);
      const grow = many(10, fill);
      const size = Array.from({ length: 2_000 }, (_, length) => length).findLast(
        (length) => tooLongToShow(grow(length), names) === null,
      );
      assert.ok(size !== undefined && size > 10);
      const commands = grow(size);
      const card = cardOf(commands, names.join(', '));
      for (const shown of [slackCard(card).blocks, plainCard(card).blocks, teamsCard(card)]) {
        const words = wordsIn(shown);
        for (const code of shownCommands({ commands })) assert.ok(words.includes(visible(code)), `${code} is cut`);
        for (const name of names) assert.ok(words.includes(visible(name)), `${name} is cut`);
        assert.match(JSON.stringify(shown), /approve/i);
      }
      assert.deepEqual(checkMessage(slackCard(card)), []);
      assert.ok(sizeOf(teamsCard(card)) <= TEAMS.message.hard);
    });
  }

  it('take no hidden end any more when they are typed', () => {
    assert.throws(
      () => parseLine(`run ws-042 minidump.ps1 ${'\u2800'.repeat(1_700)} -Wipe`),
      /too long for a card.*136\d\d characters where 3000 fit.*Leave hidden characters out/,
    );
    assert.throws(() => parseLine(`get ws-042 "C:\\a${'\u2800'.repeat(1_700)}\\x"`), /too long for a card/);
    assert.equal(parseLine(`run ws-042 minidump.ps1 ${'x'.repeat(1_900)}`).kind, 'request');
  });
});

/** Every text in it, one after the other. */
function wordsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .filter(([key]) => key !== 'type' && key !== 'fontType' && key !== 'weight')
    .map(([, inner]) => wordsIn(inner))
    .join('');
}
