import { readFileSync } from 'node:fs';
import { AppError } from '../errors.ts';

/** What stands in the templates for the bot's address. */
const PLACEHOLDER = 'https://bot.example.com';

/** A file of `manifests/`, which lies beside `src` and `dist` alike. */
export function readTemplate(name: string): Buffer {
  return readFileSync(new URL(`../../manifests/${name}`, import.meta.url));
}

/**
 * A template as text, filled in with the bot's address. Throws AppError `config` for an address that `caller` (Slack, Teams)
 * couldn't call. What may stand in it needs no escaping in JSON, nor in a shell.
 */
export function fillTemplate(name: string, url: string, caller: string): string {
  return readTemplate(name).toString('utf8').replaceAll(PLACEHOLDER, originOf(url, caller));
}

function originOf(url: string, caller: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const bare = parsed?.href === `${parsed?.origin}/` && parsed.origin === url.replace(/\/$/, '').toLowerCase();
  // The URL parser lets quotes, “$” and “;” pass in a host name.
  if (parsed?.protocol !== 'https:' || !bare || !/^[a-z0-9.-]+$/.test(parsed.hostname)) {
    throw new AppError(
      'config',
      `--url: give the https address that ${caller} can reach, without a path: ${PLACEHOLDER}`,
    );
  }
  return parsed.origin;
}
