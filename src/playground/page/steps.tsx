import { CLOSE, Icon } from './icons.tsx';
import { ANALYST, LEAD, memberOf } from './people.ts';
import { useRemembered } from './remember.ts';
import { BOT } from './teams/view.ts';
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

/** A card exists; somebody's approval changed one; results were asked for. On either platform. */
function doneSteps(view: View): [boolean, boolean, boolean] {
  const { slack, teams } = view;
  const clicks = [
    ...slack.deliveries.filter(({ kind }) => kind === 'click'),
    ...teams.deliveries.filter(({ kind }) => kind === 'action'),
  ];
  const clicked = (pattern: RegExp): boolean => clicks.some((one) => one.status === 200 && pattern.test(one.what));
  const slackCards = slack.messages.filter((one) => one.user === view.app.userId && one.threadTs === null);
  const teamsCards = teams.messages.filter((one) => one.from === BOT && isRequest(one.card));
  const decided =
    slackCards.some((card) => !JSON.stringify(card.blocks).includes('approve"')) ||
    teamsCards.some((one) => JSON.stringify(one.card).includes('Approved by'));
  return [slackCards.length + teamsCards.length > 0, clicked(/approve/i) && decided, clicked(/results/i)];
}

const isRequest = (card: unknown): boolean => JSON.stringify(card ?? null).includes('Live response LR-');
