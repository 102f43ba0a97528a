// A part of `npm run screenshots`: the card of a request on several machines, made from records.
import { type Rendered, renderCard } from '../src/chat/slack/render.ts';
import { cardOfMany } from '../src/flow/card-of-many.ts';
import type { CommandProgress, Request, Run } from '../src/model/request.ts';
import { machine } from '../test/support/fake-defender.ts';
import { aCommand, aDecision, aRequest, aRun, around } from '../test/support/records.ts';
import type { StateName } from './card-states.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** So many machines on which it stands so. */
type Share = [count: number, run: Partial<Run>];

/** As Slack gets them; `now`: the time of the pictures. */
export function manyCards(now: number): Partial<Record<StateName, Rendered>> {
  const began = now - 4 * MINUTE;
  const end = now - MINUTE;
  const seen = { sentAt: began, pickedUpAt: began + 10_000 };
  const did = (changes: Partial<CommandProgress>): Partial<Run> => ({
    ...{ ...seen, status: 'succeeded', endedAt: end },
    commands: [aCommand({ state: 'completed', result: 'collected', startedAt: began, endedAt: end, ...changes })],
  });
  const well = did({ exitCode: 0 });
  const running: Partial<Run> = { ...seen, status: 'running', commands: [aCommand({ state: 'running' })] };
  const failed: Partial<Run> = {
    ...did({ state: 'failed', exitCode: 1, startedAt: began, endedAt: began + 3_000 }),
    status: 'failed',
  };
  const unclear: Partial<Run> = { sentAt: began, status: 'unclear' };
  const cancelled: Partial<Run> = {
    status: 'cancelled',
    endedAt: end,
    note: 'Cancelled by Ana Analyst: enough seen. Nothing was sent to the machine.',
  };
  const card = (shares: Share[], request: Partial<Request> = {}) => {
    const runs = runsOf(shares);
    const times = { createdAt: began - MINUTE, approvedAt: began, expiresAt: now + 7 * HOUR, startBy: now + 7 * HOUR };
    const asked = aRequest({ ...times, machineCount: runs.length, reason: 'INC-1250 worm', ...request });
    return renderCard(cardOfMany(asked, runs, [aDecision({ at: began })], around({ now })));
  };
  const done = (...shares: Share[]) => card(shares, { status: 'done', endedAt: end });
  return {
    'Several machines: 37 of them, on their way': card([
      [21, well],
      [9, running],
      [2, { status: 'running', sentAt: began }],
      [2, { status: 'queued' }],
      [3, failed],
    ]),
    'Several machines: two of them unclear': card([
      [4, well],
      [2, unclear],
      [2, running],
    ]),
    'Several machines: some failed': done([35, well], [2, failed]),
    'Several machines: not every script ended with exit 0': done(
      [5, well],
      [1, did({ exitCode: 3 })],
      [1, did({ exitCode: null, result: 'failed' })],
    ),
    'Several machines: reading the last output': done([5, well], [1, did({ exitCode: null, result: 'pending' })]),
    'Several machines: the rest was cancelled': done([4, well], [2, cancelled]),
  };
}

function runsOf(shares: readonly Share[]): [Run, ...Run[]] {
  const all = shares.flatMap(([count, changes]) => Array.from({ length: count }, () => changes));
  return all.map((changes, index) => {
    const number = index + 1;
    const name = `ws-${String(number).padStart(3, '0')}.contoso.com`;
    const tags = number <= 3 ? ['tier0'] : [];
    return aRun({ id: `LR-8K3F2Q.${number}`, machine: machine({ id: `id-${number}`, name, tags }), ...changes });
  }) as [Run, ...Run[]];
}
