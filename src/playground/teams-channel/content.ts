import { checkCard } from './card-check.ts';
import { type Json, object, objects, text } from './json.ts';
import { mentionProblems } from './mentions.ts';
import type { State, Words } from './state.ts';
import { type Answer, refused } from './wire.ts';

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages: 100 KB, counted as UTF-16. */
const LARGEST = 100 * 1024;

const CARD = 'application/vnd.microsoft.card.adaptive';
const FORMATS = ['plain', 'markdown', 'xml'];

/** Words that Teams would take, with warnings about them; or its refusal. */
export type Content = { words: Words; warnings: string[] } | { refusal: Answer };

/** Reads an activity of the bot as Teams would, and refuses what Teams refuses. */
export function readContent(state: State, activity: unknown): Content {
  const message = object(activity);
  if (message === null) return refuse('BadSyntax', ['The body is no JSON object.']);
  if (JSON.stringify(message).length * 2 > LARGEST) {
    return { refusal: refused(413, 'MessageSizeTooBig', 'Message size too large.') };
  }
  if (message.type !== 'message') return refuse('BadArgument', [`Unknown activity type “${text(message.type)}”.`]);
  const { problems, card, warnings } = readAttachments(state, message);
  const all = [...problems, ...textProblems(state, message, card)];
  if (all.length > 0) return refuse('BadArgument', all);
  const said = text(message.text);
  const words: Words = {
    text: said === '' ? null : said,
    textFormat: said === '' ? null : text(message.textFormat) || 'markdown',
    summary: text(message.summary) || null,
    card,
    entities: objects(message.entities),
  };
  return { words, warnings };
}

function readAttachments(state: State, message: Json): { problems: string[]; card: unknown; warnings: string[] } {
  const attachments = message.attachments ?? [];
  if (!Array.isArray(attachments)) return { problems: ['“attachments” is no list.'], card: null, warnings: [] };
  const [first, ...more] = attachments;
  if (first === undefined) return { problems: [], card: null, warnings: [] };
  const attachment = object(first);
  if (attachment?.contentType !== CARD) {
    return { problems: [`Unknown attachment type “${text(attachment?.contentType)}”.`], card: null, warnings: [] };
  }
  const { problems, warnings } = checkCard(attachment.content, (id) => isKnown(state, id));
  const single = more.length === 0 ? [] : ['More than one attachment: this channel shows one card in a message.'];
  return { problems: [...problems, ...single], card: attachment.content ?? null, warnings };
}

function textProblems(state: State, message: Json, card: unknown): string[] {
  const { text: said, textFormat, entities } = message;
  const present = [said, textFormat, message.summary].filter((one) => one !== undefined && one !== null);
  if (present.some((one) => typeof one !== 'string')) return ['“text”, “textFormat” and “summary” are strings.'];
  const empty = text(said) === '' && card === null ? ['The message has neither text nor a card.'] : [];
  const format = text(textFormat);
  const unknown = format !== '' && !FORMATS.includes(format) ? [`Unknown text format “${format}”.`] : [];
  return [...empty, ...unknown, ...mentionProblems([text(said)], entities, (id) => isKnown(state, id))];
}

/** People can be mentioned by their `29:…`, their Entra object id or their principal name; the bot can't mention channels. */
function isKnown(state: State, id: string): boolean {
  return state.person(id) !== null || state.principal(id) !== null;
}

function refuse(code: string, problems: string[]): Content {
  return { refusal: refused(400, code, problems.join(' '), problems) };
}
