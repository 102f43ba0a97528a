import { readFileSync } from 'node:fs';
import { AppError } from './errors.ts';

const PLACEHOLDER = 'https://bot.example.com';

/**
 * Slack's app manifest (JSON, as Slack's “From a manifest” takes it) for a bot that people reach at `url`. Throws AppError
 * `config` for an address that Slack couldn't call.
 */
export function slackManifest(url: string): string {
  const origin = originOf(url);
  const template = readFileSync(new URL('../manifests/slack.json', import.meta.url), 'utf8');
  return template.replaceAll(PLACEHOLDER, origin);
}

function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const bare = parsed?.href === `${parsed?.origin}/` && parsed.origin === url.replace(/\/$/, '').toLowerCase();
  if (parsed?.protocol !== 'https:' || !bare) {
    throw new AppError(
      'config',
      '--url: give the https address that Slack can reach, without a path: https://bot.example.com',
    );
  }
  return parsed.origin;
}
