/** Whether a host name, as the URL parser writes it, is this machine itself: the only place where plain http may go. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** The Defender for Endpoint API in all clouds, regions and older names (Microsoft's list of exposed APIs). */
const DEFENDER_API = [
  /^(?:(?:us|eu|uk|au|swa|ina|aea)\.)?api\.security\.microsoft\.com$/,
  /^api(?:-[a-z]{2,3}\d{0,2})?\.securitycenter\.microsoft\.com$/,
  /^api\.securitycenter\.windows\.com$/,
  /^api-(?:gcc|gov)\.securitycenter\.microsoft\.us$/,
];

/** Whether a host name is one of the Defender API's. */
export function isDefenderApi(hostname: string): boolean {
  return DEFENDER_API.some((host) => host.test(hostname));
}
