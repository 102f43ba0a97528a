import { isDefenderApi, isLoopback } from '../model/hosts.ts';

/** Where Defender keeps results: Azure storage, public and government. */
const STORAGE_DOMAINS = ['core.windows.net', 'core.usgovcloudapi.net'];

/** Whether the bearer token may be sent to this address: the configured API, or another host of Defender over https. */
export function isApiHost(address: string, apiUrl: string): boolean {
  const url = parse(address);
  if (url === null) return false;
  if (url.origin === new URL(apiUrl).origin) return true;
  if (standsIn(apiUrl)) return isLoopback(url.hostname);
  return isPlainHttps(url) && isDefenderApi(url.hostname);
}

/** Whether secrets may travel to an address: https, or plain http that never leaves this machine. */
export function isSafe(address: string): boolean {
  const url = parse(address);
  return url !== null && (url.protocol === 'https:' || isLoopback(url.hostname));
}

/** Whether an address may be a download link of Defender: Azure storage over https, or loopback with a stand-in. */
export function isDownloadHost(address: string, apiUrl: string): boolean {
  const url = parse(address);
  if (url === null) return false;
  if (standsIn(apiUrl)) return isLoopback(url.hostname);
  return isPlainHttps(url) && STORAGE_DOMAINS.some((domain) => url.hostname.endsWith(`.${domain}`));
}

/** The same list as sources for a page's Content-Security-Policy. */
export function downloadSources(apiUrl: string): string[] {
  if (standsIn(apiUrl)) return ['http://127.0.0.1:*', 'http://localhost:*'];
  return STORAGE_DOMAINS.map((domain) => `https://*.${domain}`);
}

/**
 * Where people look at Defender. GCC's portal is the commercial one; the address of GCC High's API is also DoD's, whose portal is
 * https://security.apps.mil: it can't be told from here (https://learn.microsoft.com/defender-endpoint/gov, Portal URLs).
 */
export function portalOf(apiUrl: string): string {
  const { hostname } = new URL(apiUrl);
  return hostname === 'api-gov.securitycenter.microsoft.us'
    ? 'https://security.microsoft.us'
    : 'https://security.microsoft.com';
}

/** Whether the API is a stand-in on this machine; only then may anything else be on loopback. */
function standsIn(apiUrl: string): boolean {
  return isLoopback(new URL(apiUrl).hostname);
}

function isPlainHttps(url: URL): boolean {
  return url.protocol === 'https:' && url.port === '';
}

/** A web address without a user name in it, which could make one host look like another. */
function parse(address: string): URL | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && url.username === '' && url.password === '' ? url : null;
}
