import { linkable } from '../text.ts';
import { isTame } from './text.ts';
import type { Mention } from './wire-card.ts';

const CALL = /<at>[^<>]*<\/at>/g;
const LINK = /\[([^\][]*)\]\(([^()\s]*)\)/g;
const LOCAL_TIME = /\{\{(?:TIME\((\S{20})\)|DATE\((\S{20}),SHORT\))\}\}/g;

/** What words of markdown would do besides being read: nothing but calls, links and local times that were meant. */
export function checkText(text: string, entities: readonly Mention[]): string[] {
  const problems = [
    ...strangers(text, entities),
    ...[...text.matchAll(LINK)].flatMap(([, label = '', url = '']) => checkLink(label, url)),
    ...[...text.matchAll(LOCAL_TIME)]
      .filter(([, clock, date]) => !isTime(clock ?? date ?? ''))
      .map(([it]) => `no time: ${it}`),
  ];
  const rest = text.replace(CALL, '"').replace(LINK, '"').replace(LOCAL_TIME, '"');
  return isTame(rest) ? problems : [...problems, `markdown could misread: ${text}`];
}

function checkLink(label: string, url: string): string[] {
  if (linkable(url) === null) return [`no address to link: ${url}`];
  return isTameInside(label) ? [] : [`markdown could misread the link: ${label}`];
}

/** Inside a tag or a link nothing begins a list. */
function isTameInside(words: string): boolean {
  return isTame(`"${words}`);
}

function isTime(iso: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(iso) && !Number.isNaN(Date.parse(iso));
}

/** What rich text would do: some clients read functions and calls there too. */
export function checkRun(text: string): string[] {
  return /\{\{(?:DATE|TIME)\(|<\/?at[\s>]/i.test(text) ? [`rich text could be misread: ${text}`] : [];
}

/** Mentions need words of their own each, and those words in the text. */
export function checkMentions(entities: readonly Mention[], text: string): string[] {
  const calls = entities.map((entity) => entity.text.toLowerCase());
  const ids = entities.map(({ mentioned }) => mentioned.id.toLowerCase());
  return [
    ...calls.filter((call, i) => calls.indexOf(call) !== i).map((call) => `two people are called ${call}`),
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `${id} is called by two names`),
    ...entities.filter((entity) => !text.includes(entity.text)).map((entity) => `nobody says ${entity.text}`),
    ...entities
      .filter(({ text: call, mentioned }) => call !== `<at>${mentioned.name}</at>` || !isTameInside(mentioned.name))
      .map((entity) => `${entity.text} is no name`),
  ];
}

function strangers(text: string, entities: readonly Mention[]): string[] {
  const known = new Set(entities.map((entity) => entity.text));
  return [...text.matchAll(CALL)].filter(([call]) => !known.has(call)).map(([call]) => `nobody is ${call}`);
}

const TAG = /<(\/?)(b|i|code|pre|a|at)( href="([^"<>]*)")?>|<br\/>/g;

/** What the text of a message would do: nothing but the few tags that were meant, closed in order. */
export function checkXml(text: string, entities: readonly Mention[]): string[] {
  const problems = strangers(text, entities);
  const open: string[] = [];
  for (const [it, close, name = 'br', href, url = ''] of text.matchAll(TAG)) {
    if (name === 'br') continue;
    if (close === '/' ? open.pop() !== name : open.push(name) > 2) problems.push(`out of order: ${it}`);
    if ((name === 'a' && close === '') !== (href !== undefined)) problems.push(`an address belongs to a link: ${it}`);
    if (href !== undefined && linkable(url.replaceAll('&amp;', '&')) === null)
      problems.push(`no address to link: ${url}`);
  }
  const rest = text.replace(TAG, '').replace(/&(?:amp|lt|gt|quot);/g, '');
  return [
    ...problems,
    ...open.map((name) => `never closed: ${name}`),
    ...(/[<>&]/.test(rest) ? [`not escaped: ${rest}`] : []),
  ];
}
