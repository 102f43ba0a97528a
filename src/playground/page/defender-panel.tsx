import { useEffect, useId, useRef } from 'react';
import { type Action, progressOf, type Tenant } from './defender.ts';
import { Calls } from './defender-calls.tsx';
import { CLOSE, Icon } from './icons.tsx';
import { clockSeconds } from './time.ts';
import { send } from './use-view.ts';

interface DefenderPanelProps {
  tenant: Tenant;
  /** Called for where it isn't always there. */
  open: boolean;
  onClose: () => void;
}

/** What reached the simulated Defender, and how fast its clock runs. */
export function DefenderPanel({ tenant, open, onClose }: DefenderPanelProps) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open) close.current?.focus();
  }, [open]);
  return (
    <aside
      className="panel defender"
      aria-label="What Defender saw"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      <header className="panel-header">
        <h2>What Defender saw</h2>
        <button
          ref={close}
          type="button"
          className="icon-button only-narrow"
          aria-label="Close what Defender saw"
          onClick={onClose}
        >
          <Icon path={CLOSE} />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard. */}
      <section className="panel-scroll" aria-label="Actions and calls" tabIndex={0}>
        <Speed speed={tenant.speed} />
        <Actions tenant={tenant} />
        <Calls calls={tenant.calls} count={tenant.callCount} />
      </section>
    </aside>
  );
}

const SPEEDS = [1, 10, 60];

function Speed({ speed }: { speed: number }) {
  const name = useId();
  const choices = [...new Set([...SPEEDS, speed])].sort((a, b) => a - b);
  return (
    <fieldset className="speed">
      <legend>Simulated clock</legend>
      <div className="segments">
        {choices.map((one) => (
          <label key={one} className={one === speed ? 'segment segment-on' : 'segment'}>
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={one === speed}
              onChange={() => void send('speed', { speed: one })}
            />
            ×{one}
          </label>
        ))}
      </div>
      <p className="quiet">A live response takes 2 to 4 minutes at ×1.</p>
    </fieldset>
  );
}

function Actions({ tenant }: { tenant: Tenant }) {
  return (
    <section aria-label="Machine actions">
      <h3>Machine actions</h3>
      {tenant.actions.length === 0 && (
        <p className="empty">None yet. Nothing reaches Defender before somebody approved it.</p>
      )}
      <ul className="tenant-actions">
        {tenant.actions.map((action) => (
          <ActionCard key={action.id} action={action} />
        ))}
      </ul>
    </section>
  );
}

const WORDS: Record<string, string> = { InProgress: 'In progress', TimeOut: 'Timed out' };
const SYMBOLS: Record<string, string> = { Completed: '✔', Failed: '✘', Executing: '▶', Submitted: '▷' };

function ActionCard({ action }: { action: Action }) {
  const progress = progressOf(action);
  return (
    <li className="tenant-action">
      <p className="tenant-action-head">
        <strong>{action.machine}</strong>
        <span className="chip" data-tone={toneOf(action.status)}>
          {WORDS[action.status] ?? action.status}
        </span>
      </p>
      {!action.over && progress !== null && (
        <progress
          aria-label={`Progress on ${action.machine}`}
          max={1}
          value={action.status === 'Pending' ? 0 : progress}
        />
      )}
      <ol className="tenant-commands">
        {action.commands.map((command, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: commands are known by their place.
          <li key={index}>
            <span className="command-symbol" title={command.status}>
              <span aria-hidden="true">{SYMBOLS[command.status] ?? '·'}</span>
              <span className="sr-only">{command.status}:</span>
            </span>
            <span>
              <span className="quiet">{command.type}</span> <code>{command.words}</code>
              {command.errors.map((error) => (
                <span key={error} className="command-error">
                  {error}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
      <p className="quiet">
        {action.runId ?? 'not ours'} · {clockSeconds(action.createdAt)}
        {action.executions !== null && <Executions count={action.executions} />}
      </p>
    </li>
  );
}

/** Once is the promise; anything else deserves to be seen. */
function Executions({ count }: { count: number }) {
  return <span className={count > 1 ? 'bad' : ''}> · {count === 1 ? 'executed once' : `executed ${count} times`}</span>;
}

function toneOf(status: string): string {
  if (status === 'Succeeded') return 'good';
  if (status === 'Failed' || status === 'TimeOut') return 'bad';
  return status === 'Cancelled' ? 'plain' : 'busy';
}
