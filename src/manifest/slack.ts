import { fillTemplate } from './template.ts';

/**
 * Slack's app manifest (JSON, as Slack's “From a manifest” takes it) for a bot that people reach at `url`. Throws AppError
 * `config` for an address that Slack couldn't call.
 */
export function slackManifest(url: string): string {
  return fillTemplate('slack.json', url, 'Slack');
}
