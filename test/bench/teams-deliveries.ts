import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CONVERSATIONS, mriOf, PEOPLE, type TeamsChannel } from '../../src/playground/teams-channel/index.ts';

/** Has an analyst say each line in the channel, and catches the activities before they reach anybody. */
export async function typedActivities(teams: TeamsChannel, lines: readonly string[]): Promise<string[]> {
  const caught: string[] = [];
  const sink = createServer(async (request, response) => {
    caught.push(await text(request));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(sink, 'listening');
  teams.setBotUrl(`http://127.0.0.1:${(sink.address() as AddressInfo).port}/`);
  for (const line of lines)
    await teams.say({ person: PEOPLE.ana, conversation: CONVERSATIONS.soc, text: `@Live Response ${line}` });
  sink.close();
  sink.closeAllConnections();
  return caught;
}

/** The requests whose ids were answered so far. */
export function requestIds(teams: TeamsChannel): string[] {
  const said = teams.state().messages.filter(({ from }) => from === 'bot');
  return said.flatMap((message) => /^Got it, <b>(LR-[0-9A-Z]{6})/.exec(message.text ?? '')?.[1] ?? []);
}

/** A lead's click on Approve, on the card of a request in its first round, where the message was typed. */
export function approvalActivity(message: string, id: string): string {
  const {
    text: _text,
    textFormat: _format,
    attachments: _attachments,
    ...whole
  } = JSON.parse(message) as object & {
    text?: unknown;
    textFormat?: unknown;
    attachments?: unknown;
  };
  return JSON.stringify({
    ...whole,
    type: 'invoke',
    name: 'adaptiveCard/action',
    id: `f:${createHash('sha1').update(id).digest('hex')}`,
    from: { id: mriOf(PEOPLE.lea), name: 'Lea Lead', aadObjectId: PEOPLE.lea },
    replyToId: '1700000000000',
    value: { action: { type: 'Action.Execute', verb: 'approve', data: { id: `${id}:1` } }, trigger: 'manual' },
  });
}
