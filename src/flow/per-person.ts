import { personKey } from '../model/person.ts';
import { duration } from './collect.ts';
import type { Deps } from './deps.ts';
import type { Tx, TypedLine } from './ports.ts';

/** What stops something is never too much. */
const ALWAYS: ReadonlySet<string> = new Set(['cancel', 'withdraw', 'pause']);
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

/** What they are told each time. It is written down once a minute: a flood must not fill the audit trail. */
export async function tooManyWords(deps: Deps, line: TypedLine, { wait }: TooMany): Promise<string> {
  const most = deps.policy().limits.commandsPerPerson;
  const minute = Math.floor(deps.clock.now() / MINUTE);
  await deps.store.transaction(async (tx) => {
    if (!(await tx.takeDelivery(`many:${personKey(line.person)}:${minute}`))) return;
    const why = `more than ${most} commands in a minute`;
    const data = { line: line.text.slice(0, 2_000), why, channel: line.channel };
    await tx.audit({ actor: line.person, action: 'command.refused', data });
  });
  const limit = most === 1 ? 'a command' : `${most} commands`;
  return `You have typed ${limit} within a minute, which is the limit here. Go on in ${duration(wait)}. “cancel”, “withdraw” and “pause” always work.`;
}
