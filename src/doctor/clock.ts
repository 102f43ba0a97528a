import { type Exchange, withDeadline } from '../outbound/exchange.ts';
import { failed, notChecked, ok, type Say, warning } from './finding.ts';
import type { Settings } from './settings.ts';

const CHECK = 'Clock';
/** Milliseconds. Slack's signatures and Microsoft's tokens are good for five minutes either way. */
const NOTICED = 120_000;
const REFUSED = 300_000;
const LIMIT = 256 * 1024;

/** Compares the clock with the services' own, which every answer of theirs tells. */
export async function checkClock(settings: Settings, exchange: Exchange, patience: number, say: Say): Promise<void> {
  const services = servicesOf(settings);
  if (services.length === 0) return say(notChecked(CHECK, 'neither Entra nor Slack is set up'));
  for (const { name, url } of services) {
    const ahead = await aheadOf(url, exchange, patience);
    if (ahead !== null) return tell(name, ahead, say);
  }
  say(notChecked(CHECK, `${services.map(({ name }) => name).join(' and ')} didn't tell the time`));
}

function servicesOf({ defender, slack }: Settings): { name: string; url: string }[] {
  const entra = defender && `${defender.loginUrl}/${defender.tenantId}/v2.0/.well-known/openid-configuration`;
  return [
    ...(entra === undefined ? [] : [{ name: 'Microsoft Entra', url: entra }]),
    ...(slack ? [{ name: 'Slack', url: `${slack.apiUrl}api.test` }] : []),
  ];
}

/** How far this machine is ahead of a service, in milliseconds; null where it doesn't tell. Whatever it answers, it tells. */
async function aheadOf(url: string, exchange: Exchange, patience: number): Promise<number | null> {
  try {
    const asked = Date.now();
    const { headers } = await withDeadline(patience, (signal) =>
      exchange.send({ method: 'GET', url, limit: LIMIT, signal }),
    );
    const theirs = Date.parse(headers.date ?? '');
    return Number.isNaN(theirs) ? null : (asked + Date.now()) / 2 - theirs;
  } catch {
    return null;
  }
}

function tell(name: string, ahead: number, say: Say): void {
  const off = Math.abs(ahead);
  const seconds = Math.round(off / 1000);
  if (off < NOTICED) {
    say(ok(CHECK, `within ${Math.max(1, seconds)} s of ${name}'s.`));
    return;
  }
  const what = `this machine is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} ${name}.`;
  const mend = 'Let it keep time with NTP.';
  if (off < REFUSED) say(warning(CHECK, `${what} Beyond 300 s deliveries are refused.`, mend));
  else say(failed(CHECK, `${what} Deliveries of Slack and Teams are refused beyond 300 s.`, mend));
}
