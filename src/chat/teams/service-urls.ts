import { isLoopback } from '../../model/hosts.ts';

/** Where Teams' connector lives, commercial and government community cloud: the bot's token goes nowhere else. */
const HOSTS = [/^smba\.trafficmanager\.net$/, /^smba\.infra\.[a-z0-9-]+\.teams\.microsoft\.com$/];

/** Whether the bot's token may go to this address. Plain http and loopback only beside local stand-ins. */
export function isServiceUrl(url: string, standIn: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username, password, search, hash } = new URL(url);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  if (isLoopback(hostname)) return standIn && /^https?:$/.test(protocol);
  return protocol === 'https:' && port === '' && HOSTS.some((host) => host.test(hostname));
}
