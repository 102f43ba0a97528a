/** Says why an address may not be linked; null where it is one of ours. */
export type JudgeLink = (url: string) => string | null;

const DATE = /^!date\^\d{1,13}\^\{(?:time|date_short_pretty)\}(?: \{time\})?\|[^|^]{1,40}$/;
const EMOJI = /:[^\s:]+:/;

/**
 * What a client would do with this text that it isn't to do: call somebody, link somewhere else, stumble. Read letter by letter, as
 * Slack describes its entities: https://docs.slack.dev/messaging/formatting-message-text
 */
export function entityFaults(text: string, judge: JudgeLink, dates: 'dates' | 'no dates'): string[] {
  const faults: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '&' && !/^&(?:amp|lt|gt);/.test(text.slice(i, i + 5))) faults.push(`a bare & in ${short(text, i)}`);
    if (char === '>') faults.push(`a bare > in ${short(text, i)}`);
    if (char !== '<') continue;
    const end = text.indexOf('>', i);
    if (end < 0) return [...faults, `a < that never ends in ${short(text, i)}`];
    const fault = entityFault(text.slice(i + 1, end), judge, dates);
    if (fault !== null) faults.push(fault);
    i = end;
  }
  return faults;
}

function entityFault(inside: string, judge: JudgeLink, dates: 'dates' | 'no dates'): string | null {
  if (inside.startsWith('!date')) return dates === 'dates' && DATE.test(inside) ? null : `a date <${inside}>`;
  if (/^[!@#]/.test(inside)) return `a call <${inside}>`;
  const [url = '', label, ...more] = inside.split('|');
  if (more.length > 0 || label === '' || /[<\n]/.test(inside)) return `a broken link <${inside}>`;
  const fault = judge(url.replaceAll('&amp;', '&'));
  return fault === null ? null : `${fault}: <${inside}>`;
}

/** What is formatted in it, where nothing is to be: Slack has no escape for these. A quote begins at a line's start, escaped or not. */
export function formatFaults(text: string): string[] {
  const outside = text.replace(/<[^<>]*>/g, (entity) =>
    entity.startsWith('<!date') ? '' : (entity.split('|')[1] ?? ''),
  );
  const faults = [/[*_~`]/, EMOJI, /^\s*&gt;/m].filter((pattern) => pattern.test(outside));
  return faults.map((pattern) => `${pattern} is formatted in ${JSON.stringify(outside.slice(0, 200))}`);
}

const short = (text: string, at: number): string => JSON.stringify(text.slice(Math.max(0, at - 20), at + 40));
