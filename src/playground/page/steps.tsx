import { CLOSE, Icon } from './icons.tsx';
import { ANALYST, LEAD, memberOf } from './people.ts';
import { useRemembered } from './remember.ts';
import type { View } from './view.ts';

interface StepsProps {
  view: View;
  me: string;
  onBecome: (user: string) => void;
}

/** Three steps for somebody who has never seen this; each is ticked off as it happens. */
export function Steps({ view, me, onBecome }: StepsProps) {
  const [hidden, setHidden] = useRemembered('steps-hidden', 'no', 'tab');
  const done = doneSteps(view);
  const current = done.indexOf(false);
  if (hidden === 'yes') return null;
  const switchTo = (user: string) => (
    <button type="button" className="inline-button" aria-disabled={me === user} onClick={() => onBecome(user)}>
      {memberOf(view, user).realName}
    </button>
  );
  return (
    <section className="steps" aria-label="First steps">
      <ol hidden={current === -1}>
        <Step number={1} done={done[0]} current={current === 0}>
          Send the command as {switchTo(ANALYST)}
        </Step>
        <Step number={2} done={done[1]} current={current === 1}>
          Switch to {switchTo(LEAD)} and approve
        </Step>
        <Step number={3} done={done[2]} current={current === 2}>
          Open the results
        </Step>
      </ol>
      <button type="button" className="icon-button" aria-label="Hide the first steps" onClick={() => setHidden('yes')}>
        <Icon path={CLOSE} size={16} />
      </button>
      {current === -1 && (
        <p className="steps-done">That was the whole way. Now try to approve as the guest, or your own request.</p>
      )}
    </section>
  );
}

interface StepProps {
  number: number;
  done: boolean | undefined;
  current: boolean;
  children: React.ReactNode;
}

function Step({ number, done, current, children }: StepProps) {
  return (
    <li
      className={done ? 'step step-done' : current ? 'step step-current' : 'step'}
      aria-current={current ? 'step' : undefined}
    >
      <span className="step-number" aria-hidden="true">
        {done ? '✓' : number}
      </span>
      <span>
        {children}
        {done && <span className="sr-only"> (done)</span>}
      </span>
    </li>
  );
}

/** A card exists; somebody's approval took its Approve button away; its results were asked for. */
function doneSteps(view: View): [boolean, boolean, boolean] {
  const clicked = (pattern: RegExp): boolean =>
    view.slack.deliveries.some((one) => one.kind === 'click' && one.status === 200 && pattern.test(one.what));
  const cards = view.slack.messages.filter((one) => one.user === view.app.userId && one.threadTs === null);
  const decided = cards.some((card) => !JSON.stringify(card.blocks).includes('approve"'));
  return [cards.length > 0, clicked(/approve/) && decided, clicked(/results/)];
}
