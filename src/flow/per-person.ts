import { type PersonRef, personKey } from '../model/person.ts';
import { couldRead } from '../policy/index.ts';
import { duration } from './collect.ts';
import type { Deps } from './deps.ts';
import type { Click, Tx, TypedLine } from './ports.ts';

/** What stops something is never too much. */
const ALWAYS: ReadonlySet<string> = new Set(['cancel', 'withdraw', 'pause']);
const STOPS: ReadonlySet<Click['action']> = new Set(['cancel', 'withdraw', 'deny']);
/** Clicks for each command that a person may type: an answer to a line has buttons, and a card is clicked by many. */
const CLICKS_PER_COMMAND = 3;
const MINUTE = 60_000;

/** More than the policy lets one person type in a minute. */
export class TooMany extends Error {
  readonly wait: number;
  constructor(wait: number) {
    super('too many commands');
    this.wait = wait;
  }
}

/** Takes a delivery once, and counts it for who typed it. Throws TooMany: nothing is taken then, so it may be typed again. */
export async function takeOnce(tx: Tx, deps: Deps, line: TypedLine, kind: string): Promise<boolean> {
  if (!(await tx.takeDelivery(line.delivery))) return false;
  if (ALWAYS.has(kind)) return true;
  const limits = [{ count: deps.policy().limits.commandsPerPerson, within: MINUTE }];
  const wait = await tx.takeCall(`person:${personKey(line.person)}`, limits);
  if (wait > 0) throw new TooMany(wait);
  return true;
}

/**
 * The same for a click, with a wider limit of its own. What stops something is never too much of anybody who might have that right;
 * of others it is a look-up and an audit entry each time, like any click.
 */
export async function takeClickOnce(tx: Tx, deps: Deps, click: Click): Promise<boolean> {
  if (!(await tx.takeDelivery(click.delivery))) return false;
  const policy = deps.policy();
  if (STOPS.has(click.action) && couldRead(policy, click.person)) return true;
  const limits = [{ count: mostClicks(deps), within: MINUTE }];
  const wait = await tx.takeCall(`person:clicks:${personKey(click.person)}`, limits);
  if (wait > 0) throw new TooMany(wait);
  return true;
}

const mostClicks = (deps: Deps): number => deps.policy().limits.commandsPerPerson * CLICKS_PER_COMMAND;

/** What they are told each time. */
export async function tooManyWords(deps: Deps, line: TypedLine, { wait }: TooMany): Promise<string> {
  const most = deps.policy().limits.commandsPerPerson;
  const why = `more than ${most} commands in a minute`;
  const data = { line: line.text.slice(0, 2_000), why, channel: line.channel };
  await noteOnce(deps, line.person, 'command.refused', data);
  const limit = most === 1 ? 'a command' : `${most} commands`;
  return `You have typed ${limit} within a minute, which is the limit here. Go on in ${duration(wait)}. “cancel”, “withdraw” and “pause” always work.`;
}

/** The same for clicks. */
export async function tooManyClicks(deps: Deps, click: Click, { wait }: TooMany): Promise<string> {
  const most = mostClicks(deps);
  const why = `more than ${most} clicks in a minute`;
  const data = { button: click.action, id: click.id.slice(0, 100), why, channel: click.channel };
  await noteOnce(deps, click.person, 'click.refused', data);
  return `You have clicked ${most} times within a minute, which is the limit here, so this click did nothing. Go on in ${duration(wait)}. Deny, Withdraw and Cancel always work.`;
}

/** Written down once a minute: a flood must not fill the audit trail. */
async function noteOnce(deps: Deps, actor: PersonRef, action: string, data: Record<string, unknown>): Promise<void> {
  const minute = Math.floor(deps.clock.now() / MINUTE);
  await deps.store.transaction(async (tx) => {
    if (await tx.takeDelivery(`many:${action}:${personKey(actor)}:${minute}`)) await tx.audit({ actor, action, data });
  });
}
