import { hiddenIn } from './legible.ts';
import { entityFaults, formatFaults, type JudgeLink } from './mrkdwn.ts';

/** What a message may do at all, beyond being read. */
export interface Meant {
  /** People whom it may call, by id. */
  people: ReadonlySet<string>;
  /** Beginnings of addresses that it may link. */
  places: readonly string[];
}

type Thing = Record<string, unknown>;

/** The identifiers that buttons carry: a request with its round, a run with its attempt, a stored question, a page. */
const CARRIED = /^(?:LR-[0-9A-Z]{6}(?:\.\d+)?(?::\d+)?|[0-9a-f-]{36}|\d{1,4})$/;

/** Whether it names something of ours, and says nothing. */
export const isIdentifier = (value: unknown): boolean => CARRIED.test(String(value));

/**
 * Reads what goes to Slack as a client would that trusts nothing, and says what is in it that isn't meant: any part that it doesn't
 * know, any call, link, date, emoji or format, anything hidden. It shares no code with what writes it. Empty when all is well.
 */
export function faultsIn(sent: unknown, meant: Meant): string[] {
  return [...read(sent, '', meant)];
}

function* read(value: unknown, path: string, meant: Meant): Generator<string> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* read(item, `${path}/${i}`, meant);
  } else if (typeof value === 'object' && value !== null) {
    yield* readThing(value as Thing, path, meant);
  } else if (typeof value === 'string') {
    for (const fault of stringFaults(value, path)) yield `${path}: ${fault}`;
  }
}

/** What is typed into a field comes back into it as it is; what a choice stands for isn't shown. */
const AS_TYPED = /\/(?:initial_value|options\/\d+\/value|initial_option\/value)$/;
/** Boxes, and the words for notifications, have lines; output has tabs. */
const LINES = /\/(?:text|elements\/\d+\/text)$/;

function stringFaults(value: string, path: string): string[] {
  if (AS_TYPED.test(path)) return /\p{Cs}/u.test(value) ? ['half a character'] : [];
  return hiddenIn(value, LINES.test(path) ? '\n\t' : '').map((name) => `${name} hides in it`);
}

function* readThing(thing: Thing, path: string, meant: Meant): Generator<string> {
  const judge = typeof thing.type === 'string' ? PARTS[thing.type] : undefined;
  if (typeof thing.type === 'string' && judge === undefined) yield `${path}: a part of the type ${thing.type}`;
  for (const fault of judge?.(thing, meant) ?? []) yield `${path}: ${fault}`;
  for (const [key, item] of Object.entries(thing)) {
    for (const fault of hiddenIn(key)) yield `${path}: ${fault} hides in a name`;
    yield* read(item, `${path}/${key}`, meant);
  }
}

const judgeLink =
  ({ places }: Meant): JudgeLink =>
  (url) =>
    URL.canParse(url) && !/[\s<>|\\]/.test(url) && places.some((place) => new URL(url).href.startsWith(place))
      ? null
      : 'a link to elsewhere';

const NOTHING = () => [];

/** What may be wrong with each part that we use. Those that aren't here call or show what no part of ours does. */
const PARTS: Record<string, (thing: Thing, meant: Meant) => string[]> = {
  plain_text: ({ emoji }) => (emoji === false ? [] : ['words in which :names: become emoji']),
  mrkdwn: ({ text, verbatim }, meant) => [
    ...(verbatim === true ? [] : ['words in which addresses become links']),
    ...entityFaults(String(text), judgeLink(meant), 'dates'),
    ...formatFaults(String(text)),
  ],
  user: ({ user_id }, { people }) => (people.has(String(user_id)) ? [] : [`a call to ${user_id}`]),
  link: ({ url }, meant) =>
    [judgeLink(meant)(String(url))].flatMap((fault) => (fault === null ? [] : [`${fault}: ${url}`])),
  date: ({ format }) => (/^\{[a-z_]+\}( \{time\})?$/.test(String(format)) ? [] : [`a date like ${format}`]),
  button: ({ url, value, action_id }) => [
    ...(url === undefined ? [] : ['a button that opens an address']),
    ...(value === undefined || isIdentifier(value) ? [] : [`a button that carries ${value}`]),
    ...(/^lr(?:form|home)?:[a-z_]+(?::\d+)?$/.test(String(action_id)) ? [] : [`a button called ${action_id}`]),
  ],
  text: ({ style }) => (JSON.stringify(style ?? {}).includes('strike') ? ['words that are struck out'] : []),
  ...Object.fromEntries(
    ['header', 'section', 'context', 'actions', 'divider', 'input', 'rich_text', 'modal', 'home'].map((type) => [
      type,
      NOTHING,
    ]),
  ),
  ...Object.fromEntries(['rich_text_section', 'rich_text_preformatted'].map((type) => [type, NOTHING])),
  ...Object.fromEntries(['plain_text_input', 'static_select', 'external_select'].map((type) => [type, NOTHING])),
};

/** A message as it is sent: its words for notifications too, which are only words beside blocks that say the same. */
export function messageFaults(message: { text?: unknown; blocks?: unknown }, meant: Meant): string[] {
  const { text, blocks = [] } = message;
  const words = typeof text === 'string' ? text : '';
  const bare = Array.isArray(blocks) && blocks.length === 0 && words !== 'Live response';
  return [
    ...(bare ? ['/text: words without blocks, which Slack would format'] : []),
    ...entityFaults(words, judgeLink(meant), 'no dates').map((fault) => `/text: ${fault}`),
    ...faultsIn({ text: words, blocks }, meant),
  ];
}

/** Everything of a type inside, however deep. */
export function* partsOf(value: unknown, type: string): Generator<Thing> {
  if (typeof value !== 'object' || value === null) return;
  if ((value as Thing).type === type) yield value as Thing;
  for (const item of Object.values(value)) yield* partsOf(item, type);
}

/** What stands in the boxes of a message, one string each. */
export function boxesIn(blocks: unknown): string[] {
  return [...partsOf(blocks, 'rich_text_preformatted')].map((box) =>
    [...partsOf(box.elements, 'text')].map(({ text }) => String(text)).join(''),
  );
}

/** The bold words of a message. */
export function strongIn(blocks: unknown): string[] {
  return [...partsOf(blocks, 'text')].flatMap(({ text, style }) =>
    (style as { bold?: boolean } | undefined)?.bold === true ? [String(text)] : [],
  );
}
