import { SLACKBOT } from './people.ts';
import { applyResponse, type Target } from './response-url.ts';
import type { Delivery, State } from './state.ts';

/** An acknowledgement with words is shown to its author, as plain text or as a message in JSON. */
export function showAcknowledgement(state: State, target: Target, body: string): void {
  if (body.trim() === '') return;
  let parsed: unknown = { text: body };
  try {
    parsed = JSON.parse(body);
  } catch {
    // Plain text.
  }
  if (typeof parsed === 'object' && parsed !== null) applyResponse(state, target, parsed as Record<string, unknown>);
}

/** What Slack itself tells the author when an app doesn't answer. */
export function tellFailure(state: State, target: Target, command: string, delivery: Delivery): void {
  const why = delivery.failure === 'timeout' ? 'operation_timeout' : 'dispatch_failed';
  state.addEphemeral({
    ts: state.nextTs(),
    channel: target.channel,
    to: target.to,
    user: SLACKBOT,
    text: `${command} failed with the error "${why}"`,
    blocks: null,
    threadTs: null,
  });
}
