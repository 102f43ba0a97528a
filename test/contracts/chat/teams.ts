import { CONVERSATIONS, PEOPLE, personalChat } from '../../../src/playground/teams-channel/index.ts';
import { startEdge } from '../../chat/teams/edge.ts';
import type { Subject, Trouble, Who } from './subject.ts';

const CHANNEL = CONVERSATIONS.soc;

/** Starts Teams. */
export async function teamsSubject(): Promise<Subject> {
  const edge = await startEdge();
  const { channel, recorded } = edge;
  const say = (who: Who, words: string, root: string | null) =>
    channel.say({ person: PEOPLE[who], conversation: CHANNEL, text: `@Live Response ${words}`, root });
  // The bot learns where Teams is reached from what comes in.
  await say('ana', 'help', null);
  recorded.lines.length = 0;
  const messages = (conversation: string) =>
    channel.state().messages.filter((one) => one.from === 'bot' && one.conversation === conversation);
  return {
    get chat() {
      return edge.teams.chat;
    },
    channel: CHANNEL,
    id: (who) => PEOPLE[who],
    lines: recorded.lines,
    clicks: recorded.clicks,
    answerClicks: (next) => {
      recorded.answers.clicked = async () => next;
    },
    async type(who, words, thread) {
      const before = recorded.lines.length;
      await say(who, words, thread === undefined ? null : (thread.split(';messageid=')[1] ?? null));
      const line = recorded.lines[before];
      if (line === undefined) throw new Error('Nothing was heard.');
      return line;
    },
    async click(who, message, label) {
      const { shown } = await channel.click({
        person: PEOPLE[who],
        message: message.split('|')[1] ?? '',
        title: label,
      });
      return shown.kind === 'notice' ? shown.text : '';
    },
    seen: () =>
      messages(CHANNEL).map((one) => ({
        words: one.summary ?? '',
        raw: JSON.stringify({ text: one.text, card: one.card, entities: one.entities }),
        thread: `${CHANNEL};messageid=${one.root ?? one.id}`,
        edits: one.edits,
      })),
    privately: (who) => JSON.stringify(messages(personalChat(PEOPLE[who]))),
    trouble: (on, trouble) => channel.fault({ on, ...faultOf(trouble) }),
    mentions: (raw) => [...raw.matchAll(/"mentioned":\{"id":"([^"]+)"/g)].map(([, id]) => id ?? ''),
    stop: edge.stop,
  };
}

function faultOf(trouble: Trouble) {
  switch (trouble.kind) {
    case 'wait':
      return { kind: 'status', status: 429, headers: { 'retry-after': `${trouble.milliseconds / 1000}` } } as const;
    case 'stumbles':
      return { kind: 'status', status: 503, after: trouble.done } as const;
    case 'cut off':
      return { kind: 'reset', after: trouble.done } as const;
    case 'gone':
      return { kind: 'status', status: 404 } as const;
    case 'taken out':
      return { kind: 'status', status: 403, code: 'BotNotInConversationRoster' } as const;
  }
}
