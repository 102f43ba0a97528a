import type { Json } from './json.ts';
import { objects, text } from './json.ts';

/** Somebody who can be mentioned. */
export interface Mentionable {
  id: string;
  name: string;
}

const escapeHtml = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A typed text as Teams puts it on the wire. */
export interface Typed {
  /** With `<at>…</at>` in place of the names. */
  text: string;
  html: string;
  mentions: Json[];
}

/** Turns each `@Name` of somebody who is there into a real mention, as the client does while one types. */
export function typed(words: string, mentionable: readonly Mentionable[]): Typed {
  const mentions: Json[] = [];
  // The longest name first, so that “@Ana Analyst” isn't taken for somebody called Ana.
  const byLength = [...mentionable].sort((a, b) => b.name.length - a.name.length);
  let rest = words;
  let plain = '';
  let html = '';
  while (rest !== '') {
    const who = byLength.find(({ name }) => rest.startsWith(`@${name}`));
    if (who) {
      const tag = `<at>${who.name}</at>`;
      const span = `<span itemtype="http://schema.skype.com/Mention" itemscope="" itemid="${mentions.length}">`;
      plain += tag;
      html += `${span}${escapeHtml(who.name)}</span>`;
      mentions.push({ mentioned: { id: who.id, name: who.name }, text: tag, type: 'mention' });
      rest = rest.slice(who.name.length + 1);
    } else {
      const next = rest.indexOf('@', 1);
      const piece = next === -1 ? rest : rest.slice(0, next);
      plain += piece;
      // The client makes the blank after a name one that doesn't break.
      const afterName = html.endsWith('</span>') && piece.startsWith(' ');
      html += (afterName ? '&nbsp;' : '') + escapeHtml(afterName ? piece.slice(1) : piece).replaceAll('\n', '<br>');
      rest = rest.slice(piece.length);
    }
  }
  return { text: plain, html: `<p>${html}</p>`, mentions };
}

/** What doesn't fit between the `<at>` tags of texts and the mention entities beside them. */
export function mentionProblems(
  texts: readonly string[],
  entities: unknown,
  isKnown: (id: string) => boolean,
): string[] {
  const tags = texts.flatMap((one) => one.match(/<at>.*?<\/at>/gs) ?? []);
  const mentions = objects(entities).filter((entity) => entity.type === 'mention');
  const named = mentions.map((entity) => text(entity.text));
  return [
    ...tags.filter((tag) => !named.includes(tag)).map((tag) => `${tag} has no mention entity.`),
    ...named.filter((tag) => !tags.includes(tag)).map((tag) => `The mention entity ${tag} is named in no text.`),
    ...mentions.flatMap((entity) => {
      const mentioned = entity.mentioned as Json | undefined;
      const id = text(mentioned?.id);
      return isKnown(id) ? [] : [`Nobody has the id “${id}” that ${text(entity.text)} mentions.`];
    }),
  ];
}
