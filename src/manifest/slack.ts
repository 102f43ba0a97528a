import { fillTemplate } from './template.ts';

/** Where Slack would call: nothing of it is needed when the bot calls Slack. */
const ADDRESSES = ['url', 'request_url', 'message_menu_options_url'];

/**
 * Slack's app manifest (JSON, as Slack's “From a manifest” takes it) for a bot that people reach at `url`, over HTTP or in Socket
 * Mode. Throws AppError `config` for an address that Slack couldn't call.
 */
export function slackManifest(url: string, { socket = false }: { socket?: boolean } = {}): string {
  const overHttp = fillTemplate('slack.json', url, 'Slack');
  if (!socket) return overHttp;
  const manifest = JSON.parse(overHttp, (key, value: unknown) => {
    if (key === 'socket_mode_enabled') return true;
    return ADDRESSES.includes(key) ? undefined : value;
  });
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
