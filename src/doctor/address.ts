import { lookup } from 'node:dns/promises';
import { isLoopback } from '../model/hosts.ts';
import { type Exchange, withDeadline } from '../outbound/exchange.ts';
import { failed, notChecked, ok, type Say, sentenceOf, warning } from './finding.ts';
import type { Settings } from './settings.ts';

const CHECK = 'Address';
/** Bytes of an answer that is worth a look. */
const LIMIT = 64 * 1024;

/** Looks whether PUBLIC_URL leads to a running bot, as far as that can be seen from here. */
export async function checkAddress(settings: Settings, exchange: Exchange, patience: number, say: Say): Promise<void> {
  const { publicUrl } = settings;
  if (publicUrl === undefined) return say(notChecked(CHECK, 'PUBLIC_URL can’t be used'));
  const { hostname } = new URL(publicUrl);
  if (isLoopback(hostname)) {
    const mend = 'Set PUBLIC_URL to the https address that Slack, Microsoft and people reach.';
    say(warning(CHECK, `PUBLIC_URL: ${publicUrl} leads nowhere but to this machine itself.`, mend));
  } else if (!(await resolves(hostname))) {
    const mend = 'Make a DNS record for it, or correct PUBLIC_URL.';
    return say(failed(CHECK, `PUBLIC_URL: the name ${hostname} leads nowhere.`, mend));
  }
  await askHealth(publicUrl, exchange, patience, say);
}

async function resolves(hostname: string): Promise<boolean> {
  return await lookup(hostname.replace(/^\[|\]$/g, '')).then(
    () => true,
    () => false,
  );
}

/** Only a warning: before the first start nobody answers, and some networks don't lead back to their own outside. */
async function askHealth(publicUrl: string, exchange: Exchange, patience: number, say: Say): Promise<void> {
  try {
    const { status, body } = await withDeadline(patience, (signal) =>
      exchange.send({ method: 'GET', url: `${publicUrl}/healthz`, limit: LIMIT, signal }),
    );
    if (status === 200 && body.toString().trim() === 'ok') return say(ok(CHECK, `a bot answers at ${publicUrl}.`));
    const what = `${publicUrl}/healthz answers ${status}, but not as the bot does.`;
    say(
      warning(CHECK, what, 'The proxy there must pass everything on to PORT; a log-in page in front breaks the bot.'),
    );
  } catch (error) {
    const what = `nobody answers at ${publicUrl}/healthz. ${sentenceOf(error)}`;
    say(warning(CHECK, what, 'Fine before the first start. Else look at the bot, the proxy and its certificate.'));
  }
}
