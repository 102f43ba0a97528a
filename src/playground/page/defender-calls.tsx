import { type CallGroup, callWords } from './defender.ts';
import { clockSeconds } from './time.ts';

/** More would only be scrolled past. */
const SHOWN = 60;

/** The calls that arrived, newest first; what a call carried opens below it. */
export function Calls({ calls, count }: { calls: CallGroup[]; count: number }) {
  return (
    <section aria-label="Calls">
      <h3>
        Calls <span className="quiet">{count}</span>
      </h3>
      {calls.length === 0 && <p className="empty">None yet.</p>}
      <ul className="calls">
        {calls.slice(0, SHOWN).map(({ call, times }) => (
          <li key={call.number} className="call">
            {call.body === undefined ? (
              <CallLine call={call} times={times} />
            ) : (
              <details>
                <summary>
                  <CallLine call={call} times={times} />
                </summary>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard. */}
                <pre tabIndex={0}>{JSON.stringify(call.body, null, 2)}</pre>
              </details>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function CallLine({ call, times }: CallGroup) {
  const words = callWords(call);
  return (
    <span className="call-line">
      <span className="call-time">{clockSeconds(call.at)}</span>
      <span className="call-words" title={`${call.method} ${call.path}`}>
        {words}
      </span>
      {times > 1 && <span className="quiet">×{times}</span>}
      <span className="chip" data-tone={toneOf(call.status)}>
        {call.status === null ? 'open' : call.status === 0 ? 'cut off' : call.status}
      </span>
    </span>
  );
}

function toneOf(status: number | null): string {
  if (status === null) return 'busy';
  return status >= 200 && status < 400 ? 'good' : 'bad';
}
