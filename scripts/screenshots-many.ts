// A part of `npm run screenshots`: the card of a request on several machines, made from records, since no line makes such a request yet.
import { WebClient } from '@slack/web-api';
import { renderCard } from '../src/chat/slack/render.ts';
import { cardOfMany } from '../src/flow/card-of-many.ts';
import type { Run } from '../src/model/request.ts';
import { SECRETS } from '../test/support/bot.ts';
import { machine } from '../test/support/fake-defender.ts';
import { aCommand, aDecision, aRequest, aRun, around, NOW } from '../test/support/records.ts';
import type { Show } from './screenshots-cards.ts';
import { CHANNEL } from './screenshots-stage.ts';

const MINUTE = 60_000;

/** In the midst of a request on 37 machines. */
export async function manyMachines({ stage, album }: Show): Promise<void> {
  const card = cardOfMany(aRequest(), runs(), [aDecision()], around({ now: NOW + 4 * MINUTE }));
  const client = new WebClient(SECRETS.botToken, { slackApiUrl: stage.slack.apiUrl });
  const { ts } = await client.chat.postMessage({ channel: CHANNEL, ...renderCard(card) });
  await album.shoot('running', 'On several machines', album.message(ts ?? '', 'of 37 done'));
}

function runs(): [Run, ...Run[]] {
  const seen = { sentAt: NOW, pickedUpAt: NOW };
  const failed = aCommand({ state: 'failed', exitCode: 1, startedAt: NOW, endedAt: NOW + 3_000 });
  const kinds: [number, Partial<Run>][] = [
    [21, { ...seen, status: 'succeeded', endedAt: NOW + MINUTE }],
    [9, { ...seen, status: 'running' }],
    [4, { status: 'running', sentAt: NOW }],
    [3, { ...seen, status: 'failed', commands: [failed], endedAt: NOW + MINUTE }],
  ];
  const all = kinds.flatMap(([count, changes]) => Array.from({ length: count }, () => changes));
  return all.map((changes, index) => {
    const number = index + 1;
    const name = `ws-${String(number).padStart(3, '0')}.contoso.com`;
    const tags = number <= 3 ? ['tier0'] : [];
    return aRun({ id: `LR-8K3F2Q.${number}`, machine: machine({ id: `id-${number}`, name, tags }), ...changes });
  }) as [Run, ...Run[]];
}
