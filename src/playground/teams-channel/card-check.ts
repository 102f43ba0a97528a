import { parserProblems, unknownProperties } from './card-parser.ts';
import { datasetsOf, drawn, isDrawn, typedParts } from './card-parts.ts';
import { type Json, object, objects, text } from './json.ts';
import { mentionProblems } from './mentions.ts';

/** What is wrong with a card, and what only might be. */
export interface CardReport {
  problems: string[];
  warnings: string[];
}

/** Cards beyond this are accepted with a warning: messages end at 100 KB as UTF-16, and incoming webhooks at 28 KB. */
const COMFORTABLE = 25 * 1024;
const MOST_REFRESHED = 60;
const SCHEMA = /^https?:\/\/adaptivecards\.io\/schemas\/adaptive-card\.json$/;

/** Checks a card as strictly as Teams draws it, and more strictly than it complains: nothing may be lost silently. */
export function checkCard(card: unknown, isKnown: (id: string) => boolean): CardReport {
  const whole = object(card);
  if (whole === null) return { problems: ['The card is no JSON object.'], warnings: [] };
  const problems = [...headProblems(whole), ...typedParts(whole).flatMap(partProblems)];
  // What isn't even a card can't be parsed as one.
  if (problems.length > 0) return { problems, warnings: [] };
  const parsed = object(drawn(whole)) ?? {};
  return {
    problems: [
      ...parserProblems(parsed),
      ...refreshProblems(whole.refresh),
      ...queryProblems(whole),
      ...cardMentionProblems(whole, isKnown),
    ],
    warnings: sizeWarnings(whole),
  };
}

function headProblems(card: Json): string[] {
  const schema = card.$schema;
  return [
    ...(card.type === 'AdaptiveCard' ? [] : [`The card's type is “${text(card.type)}”, not AdaptiveCard.`]),
    ...(/^1\.[0-5]$/.test(text(card.version)) ? [] : [`Version “${text(card.version)}”: Teams draws 1.0 to 1.5.`]),
    ...(schema === undefined || SCHEMA.test(text(schema)) ? [] : [`Unknown $schema “${text(schema)}”.`]),
    ...(Array.isArray(card.body) && card.body.length > 0 ? [] : ['The card has no body.']),
  ];
}

function partProblems(part: Json): string[] {
  const type = text(part.type);
  if (!isDrawn(type)) return part.fallback === undefined ? [`Teams doesn't draw ${type}, and it has no fallback.`] : [];
  const unknown = unknownProperties(part).map((name) => `${type} has no property “${name}”.`);
  return [...unknown, ...actionProblems(part, type)];
}

function actionProblems(action: Json, type: string): string[] {
  if (type === 'Action.Execute' && text(action.verb) === '') return ['An Action.Execute has no verb.'];
  if (type === 'Action.Submit' && action.isEnabled === false) return ['Teams draws no Action.Submit that is disabled.'];
  if (type === 'Action.OpenUrl' && !URL.canParse(text(action.url))) return ['An Action.OpenUrl has no valid address.'];
  return [];
}

function refreshProblems(refresh: unknown): string[] {
  if (refresh === undefined) return [];
  const { action, userIds } = object(refresh) ?? {};
  const verb = object(action)?.type === 'Action.Execute' && text(object(action)?.verb) !== '';
  const ids = userIds === undefined ? [] : userIds;
  const listed = Array.isArray(ids) && ids.every((id) => typeof id === 'string' && id.startsWith('29:'));
  const many = Array.isArray(ids) && ids.length > MOST_REFRESHED;
  return [
    ...(verb ? [] : ['“refresh” has no Action.Execute with a verb.']),
    ...(listed ? [] : ['“refresh.userIds” is no list of ids that begin with 29:.']),
    ...(many ? [`“refresh.userIds” has more than ${MOST_REFRESHED} entries.`] : []),
  ];
}

function queryProblems(card: Json): string[] {
  return datasetsOf(card).flatMap(({ input, query }) => {
    const right = query.type === 'Data.Query' && text(query.dataset) !== '' && input.style === 'filtered';
    return right
      ? []
      : [`The search of input “${text(input.id)}” needs Data.Query, a dataset, and the style filtered.`];
  });
}

/** Mentions work in TextBlocks and in facts; elsewhere the tags would be read out as they stand. */
function cardMentionProblems(card: Json, isKnown: (id: string) => boolean): string[] {
  const parts = typedParts(card);
  const facts = parts.flatMap((part) => objects(part.facts)).flatMap(({ title, value }) => [text(title), text(value)]);
  const texts = [...parts.filter(({ type }) => type === 'TextBlock').map((part) => text(part.text)), ...facts];
  const other = parts
    .filter(({ type }) => type !== 'TextBlock')
    .flatMap((part) => [part.text, part.title, part.label, part.placeholder, part.value].map(text))
    .filter((words) => words.includes('<at>'));
  return [
    ...mentionProblems(texts, object(card.msteams)?.entities, isKnown),
    ...other.map((words) => `Nobody can be mentioned in “${words}”.`),
  ];
}

function sizeWarnings(card: Json): string[] {
  const size = Buffer.byteLength(JSON.stringify(card));
  return size > COMFORTABLE ? [`The card has ${Math.ceil(size / 1024)} KB; up to 25 KB is safe everywhere.`] : [];
}
