import type { GoBetween, Passed } from './go-between.ts';

/** A card as it stands: where, and what was sent for it last. */
export interface StandingCard {
  conversation: string;
  message: string;
  card: unknown;
  /** How often it was edited. */
  edits: number;
}

const ACTIVITIES = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/;

/** What the bot said, read from the calls that passed. */
export function createStory(between: GoBetween) {
  return {
    /** Resolves with the id that the next private answer names, after `from` calls. */
    requestAfter: (from: number): Promise<string> =>
      between.waitFor('the answer that names the request', (passed) => {
        const words = passed.slice(from).flatMap((call) => (posted(call) ? [text(call)] : []));
        return words.map((one) => /Got it, <b>(LR-\w{6})<\/b>/.exec(one)?.[1]).find((id) => id !== undefined);
      }),

    /** Resolves as soon as the card of a request is as wanted. */
    card: (id: string, what: string, test: (card: string) => boolean = () => true): Promise<StandingCard> =>
      between.waitFor(`the card of ${id}: ${what}`, (passed) => {
        const found = cardOf(passed, id);
        return found !== null && test(JSON.stringify(found.card)) ? found : null;
      }),

    /** Resolves with a message without a card that the bot sent there after `from` calls. */
    said: (conversation: string, what: RegExp, from = 0): Promise<string> =>
      between.waitFor(`the words ${what}`, (passed) =>
        passed
          .slice(from)
          .filter((call) => posted(call) && ACTIVITIES.exec(call.path)?.[1] === conversation)
          .map(text)
          .find((words) => what.test(words)),
      ),
  };
}

function posted({ from, method, status }: Passed): boolean {
  return from === 'bot' && method === 'POST' && status === 201;
}

function cardOf(passed: readonly Passed[], id: string): StandingCard | null {
  let found: StandingCard | null = null;
  for (const call of passed) {
    const { conversation, message } = placeOf(call);
    const card = cardIn(call);
    if (card === null || !JSON.stringify(card).includes(id)) continue;
    if (posted(call)) found = { conversation, message, card, edits: 0 };
    else if (call.method === 'PUT' && call.status === 200 && message === found?.message)
      found = { ...found, card, edits: found.edits + 1 };
  }
  return found;
}

/** A new conversation in a channel carries its first message with it. */
function placeOf({ path, answer }: Passed): { conversation: string; message: string } {
  const [, conversation, message] = ACTIVITIES.exec(path) ?? [];
  const said = fields(answer);
  if (conversation !== undefined) return { conversation, message: message ?? String(said.id) };
  return { conversation: String(said.id), message: String(said.activityId) };
}

function cardIn({ body }: Passed): unknown {
  const sent = fields(body);
  const { attachments } = sent.activity === undefined ? sent : fields(sent.activity);
  return Array.isArray(attachments) ? (fields(attachments[0]).content ?? null) : null;
}

function text({ body }: Passed): string {
  return String(fields(body).text ?? '');
}

/** The fields of an object; none for anything else. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
