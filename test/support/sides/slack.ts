import type { ButtonAction } from '../../../src/model/notice.ts';
import { APP, type Message, type SlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { createSide, type Seen, type Side, type Who } from './side.ts';

const CHANNEL = 'C0SOC';
const IDS: Record<Who, string> = { ana: 'U0ANA', lea: 'U0LEA', leo: 'U0LEO', gus: 'U0GUS', max: 'U0MAX' };

/** Slack, in #soc. */
export function slackSide(slack: SlackWorkspace): Side {
  const messages = () =>
    slack.state().messages.filter(({ channel, user }) => channel === CHANNEL && user === APP.userId);
  const cards = (id: string) => messages().filter((one) => one.threadTs === null && requestOf(one) === id);
  const newest = (id: string): Message => {
    const card = cards(id).at(-1);
    if (card === undefined) throw new Error(`${id} has no card in Slack`);
    return card;
  };
  return createSide({
    platform: 'slack',
    id: (who) => IDS[who],
    type(who, words, thread) {
      if (thread === undefined) return slack.command({ user: IDS[who], channel: CHANNEL, text: words });
      const text = `<@${APP.userId}> ${words}`;
      return slack.say({ user: IDS[who], channel: CHANNEL, text, threadTs: newest(thread).ts });
    },
    async press(who, id, button) {
      await slack.click({ user: IDS[who], channel: CHANNEL, ts: newest(id).ts, actionId: `lr:${button}` });
      return null;
    },
    async pressPrivately(who, id, button) {
      const actionId = `lr:${button}`;
      const asked = slack
        .state()
        .ephemerals.findLast(
          (one) => one.to === IDS[who] && JSON.stringify(one.blocks).includes(`"${actionId}"`) && one.text.includes(id),
        );
      if (asked === undefined) throw new Error(`${who} was not asked about ${id}`);
      return slack.click({ user: IDS[who], channel: CHANNEL, ts: asked.ts, actionId });
    },
    cards: (id) => cards(id).map(seen),
    requests: () => [...new Set(messages().flatMap((one) => (one.threadTs === null ? (requestOf(one) ?? []) : [])))],
    thread(id) {
      const roots = cards(id).map(({ ts }) => ts);
      return messages()
        .filter(({ threadTs }) => threadTs !== null && roots.includes(threadTs))
        .map(seen);
    },
    whispers: (who) =>
      slack
        .state()
        .ephemerals.filter(({ to }) => to === IDS[who])
        .map((one) => ({ text: one.text, raw: JSON.stringify(one) })),
    throttled: () => slack.state().calls.filter(({ status }) => status === 429).length,
    waitFor: (look, within) => slack.waitFor(look, within),
  });
}

function requestOf(message: Message): string | null {
  const metadata = message.metadata as { event_payload?: { request_id?: string } } | null;
  return metadata?.event_payload?.request_id ?? null;
}

function seen({ text, blocks }: Message): Seen {
  const raw = JSON.stringify(blocks ?? []);
  const found = [...raw.matchAll(/<@(\w+)>/g), ...raw.matchAll(/"user_id":"(\w+)"/g)];
  return {
    text,
    buttons: [...raw.matchAll(/"action_id":"lr:(\w+)"/g)].map(([, action]) => action as ButtonAction),
    calls: [...new Set(found.map(([, id]) => id ?? ''))],
  };
}
