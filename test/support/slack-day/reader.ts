import { APP, type Message, type SlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';

/** What somebody who reads the channels sees of the requests. */
export interface Reader {
  /** All cards of a request, the newest last. */
  cards(requestId: string): Message[];
  /** What the bot said in a thread. */
  thread(card: Message): Message[];
  /** Whether the person got a private answer with these words. */
  wasTold(person: string, words: string): boolean;
}

/** Reads on from where it stopped, since a day has too many messages to look through at each question. */
export function createReader(slack: SlackWorkspace): Reader {
  const cards = new Map<string, Message[]>();
  const threads = new Map<string, Message[]>();
  let read = 0;

  function readOn(): void {
    const { messages } = slack.look();
    for (; read < messages.length; read++) {
      const message = messages[read];
      if (message === undefined || message.user !== APP.userId) continue;
      if (message.threadTs !== null) put(threads, `${message.channel} ${message.threadTs}`, message);
      else put(cards, requestOf(message) ?? '', message);
    }
  }

  return {
    cards(requestId) {
      readOn();
      return cards.get(requestId) ?? [];
    },
    thread({ channel, ts }) {
      readOn();
      return threads.get(`${channel} ${ts}`) ?? [];
    },
    wasTold: (person, words) =>
      slack.look().ephemerals.some(({ to, text }) => to === person && text.includes(words)) ||
      slack.look().messages.some(({ channel, text }) => channel === `D0${person.slice(2)}` && text.includes(words)),
  };
}

function put(map: Map<string, Message[]>, key: string, message: Message): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [message]);
  else list.push(message);
}

function requestOf({ metadata }: Message): string | null {
  return (metadata as { event_payload?: { request_id?: string } } | null)?.event_payload?.request_id ?? null;
}

/** What the buttons of a message do. */
export function buttonsOf({ blocks }: Message): string[] {
  return [...JSON.stringify(blocks ?? []).matchAll(/"action_id":"lr:(\w+)/g)].map(([, action]) => action ?? '');
}
