import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkMessage, countWords } from '../../../src/chat/slack/check.ts';
import { checkView, OptionsShape } from '../../../src/chat/slack/form/check.ts';
import { asOptions } from '../../../src/chat/slack/form/options.ts';
import { NOWHERE } from '../../../src/chat/slack/form/origin.ts';
import { denialView, formView, noticeView, reasonView } from '../../../src/chat/slack/form/view.ts';
import { checkHomeView } from '../../../src/chat/slack/home/check.ts';
import { homeView } from '../../../src/chat/slack/home/view.ts';
import { renderAnswer, renderCard, renderReply } from '../../../src/chat/slack/render.ts';
import { plain, type Span } from '../../../src/model/notice.ts';
import { folded, legible, legibleLine } from '../../support/hostile/legible.ts';
import { answers, cards, forms, homes, replies, suggestions } from '../../support/hostile/models.ts';
import { boxesIn, faultsIn, type Meant, messageFaults, partsOf, strongIn } from '../../support/hostile/reader.ts';
import { countTexts } from '../../support/hostile/texts.ts';

/** Texts in all; more by RUNS. */
const RUNS = Number(process.env.RUNS ?? 10_000);
const SEED = Number(process.env.SEED ?? 20_261_124);
/** What is shown, and about how many texts one of it has. */
const EACH = { cards: 40, replies: 18, answers: 26, homes: 50, forms: 18, options: 12 };
const PLACES = ['https://bot.example.com/results/'];
const CARDS = new Map([['C0SOC:1.1', 'https://contoso.slack.com/archives/C0SOC/p11']]);

/** Whom and what the spans mean: a well-formed id that is to be mentioned, an address of the web. */
function meantIn(model: unknown): Meant {
  const spans = [...spansIn(model)];
  const people = spans.flatMap((span) => (span.kind === 'person' && span.mention ? [span.id] : []));
  const links = spans.flatMap((span) => (span.kind === 'link' && isWeb(span.url) ? [addressOf(span.url)] : []));
  return { people: new Set(people.filter((id) => /^[UW][A-Z0-9_]+$/.test(id))), places: [...PLACES, ...links] };
}

function* spansIn(model: unknown): Generator<Span> {
  if (typeof model !== 'object' || model === null) return;
  if ('kind' in model) yield model as Span;
  for (const part of Object.values(model)) yield* spansIn(part);
}

/** As the product writes it: what could end it in Slack is encoded. */
function addressOf(url: string): string {
  return new URL(url).href.replace(/[|<>]/g, (char) => encodeURIComponent(char));
}

function isWeb(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
}

/** Everything of a kind, harmless to the last. */
function always<T>(models: fc.Arbitrary<T>, texts: number, assertHarmless: (model: T) => void): void {
  let count = 0;
  const property = fc.property(models, (model) => {
    count += countTexts(model);
    assertHarmless(model);
  });
  fc.assert(property, { numRuns: Math.ceil(RUNS / 6 / texts), seed: SEED });
  assert.ok(count >= RUNS / 6, `${count} texts`);
}

function assertMessage(rendered: { text: string; blocks: unknown[] }, model: unknown): void {
  const empty = rendered.blocks.length === 0;
  const refused = checkMessage(empty ? { text: rendered.text } : rendered);
  assert.deepEqual([...messageFaults(rendered, meantIn(model)), ...refused], []);
}

describe('hostile words in Slack, wherever they may stand in what is shown', () => {
  it('do nothing on a card, and cut neither its machine nor its commands', () => {
    always(cards, EACH.cards, (card) => {
      const rendered = renderCard(card);
      assertMessage(rendered, card);
      const boxes = boxesIn(rendered.blocks);
      for (const { code } of card.commands) assert.ok(boxes.includes(legible(code) || '(empty)'), code);
      const [machine] = card.headline;
      const name = machine === undefined ? '' : legibleLine(plain([machine]));
      assert.ok(name === '' || strongIn(rendered.blocks).map(folded).includes(name), name);
    });
  });

  it('do nothing in a reply', () => {
    always(replies, EACH.replies, (reply) => assertMessage(renderReply(reply), reply));
  });

  it('do nothing in an answer, as a message or as a modal', () => {
    always(answers, EACH.answers, (answer) => {
      assertMessage(renderAnswer(answer), answer);
      const notice = noticeView(answer);
      assert.deepEqual([...checkView(notice), ...faultsIn(notice, meantIn([]))], []);
    });
  });

  it('do nothing on a Home tab, where no request takes more than 3,000 characters', () => {
    always(homes, EACH.homes, (home) => {
      const view = homeView(home, CARDS);
      const meant = meantIn(home);
      assert.deepEqual(checkHomeView(view), []);
      assert.deepEqual(faultsIn(view, { people: meant.people, places: [...meant.places, ...CARDS.values()] }), []);
      for (const block of view.blocks) assert.ok(countWords([block]) <= 3_000);
      assert.ok(JSON.stringify(view).length < 250_000);
    });
  });

  it('do nothing in the modal of the form, and in those that ask for a reason', () => {
    always(forms, EACH.forms, ({ entered, names, commands, channels }) => {
      const origin = { ...NOWHERE, names, commands, request: names[0]?.slice(0, 60) ?? null };
      for (const view of [formView({ entered, origin, channels }), reasonView(origin), denialView(origin)]) {
        const { private_metadata, ...shown } = view;
        assert.deepEqual(checkView(view), []);
        assert.deepEqual(faultsIn(shown, meantIn([])), []);
        assert.deepEqual([...partsOf(view, 'mrkdwn')], []);
      }
    });
  });

  it('do nothing in what a typeahead offers', () => {
    always(suggestions, EACH.options, (found) => {
      const options = asOptions(found);
      assert.ok(OptionsShape.safeParse({ options }).success);
      assert.deepEqual(faultsIn({ options }, meantIn([])), []);
      assert.equal(new Set(options.map(({ value }) => value)).size, options.length);
    });
  });
});
