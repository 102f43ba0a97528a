import type { MachineAction, Submission } from '../flow/ports.ts';
import type { WireCommand } from '../model/command.ts';
import type { Incoming } from '../outbound/exchange.ts';
import { parseJson } from '../outbound/json.ts';
import { isBusy, refusalOf } from './refusals.ts';
import { type SendOnceDeps, type Sent, sendOnce } from './send-once.ts';
import { isAboutSessions, retryAfter, troubleOf } from './trouble.ts';
import { machineActionShape } from './wire.ts';

/**
 * Sends a submission once. Only after the gate's yes anything can have happened at Defender; a 401 proves that nothing did.
 */
export async function submit(
  deps: SendOnceDeps,
  machineId: string,
  body: { Commands: WireCommand[]; Comment: string },
  gate: () => boolean,
): Promise<Submission> {
  const path = `/machines/${encodeURIComponent(machineId)}/runliveresponse`;
  if (machineId.trim() === '') return { outcome: 'refused', code: 'NotFound', message: 'The machine has no id.' };
  const end = await sendOnce(deps, { endpoint: 'submit', method: 'POST', path, body, gate });
  return outcomeOf(end, deps.clock.now());
}

/** What the end of a try proves. Whatever proves nothing is `unclear`. */
function outcomeOf(end: Sent, now: number): Submission {
  if (!('incoming' in end)) {
    if (!end.sent) return { outcome: 'not_sent', why: end.why };
    return { outcome: 'unclear', why: `Defender gave no answer (${end.why})` };
  }
  const { incoming } = end;
  if (incoming.status >= 200 && incoming.status < 300) return accepted(incoming);
  const trouble = troubleOf(incoming);
  if (incoming.status === 429) {
    return { outcome: 'throttled', retryAfter: retryAfter(incoming, trouble, now), sessions: isAboutSessions(trouble) };
  }
  if (isBusy(trouble)) return { outcome: 'busy', message: trouble.message || 'Action is already in progress' };
  const refusal = refusalOf(trouble);
  if (refusal !== null) return { outcome: 'refused', ...refusal };
  const code = trouble.code === '' ? '' : ` ${trouble.code}`;
  return { outcome: 'unclear', why: `Defender answered ${incoming.status}${code}, which doesn't say whether it runs` };
}

function accepted(incoming: Incoming): Submission {
  const action = parseAction(incoming);
  if (action?.type === 'LiveResponse') return { outcome: 'accepted', action };
  return { outcome: 'unclear', why: `Defender answered ${incoming.status} without a live response action` };
}

/** The machine action in an answer; null where there is none. */
export function parseAction(incoming: Incoming): MachineAction | null {
  const parsed = machineActionShape.safeParse(parseJson(incoming.body.toString()));
  return parsed.success ? parsed.data : null;
}
