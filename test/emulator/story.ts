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

/** What was said, read from the calls that passed. */
export function createStory(between: GoBetween) {
  return {
    /** Resolves with the id in the newest private answer that names a request, once it is another than `before`. */
    request: (before?: string): Promise<string> =>
      between.waitFor('the answer that names the request', (passed) => {
        const ids = passed.filter(posted).map((call) => /Got it, <b>(LR-\w{6})<\/b>/.exec(text(call))?.[1]);
        const newest = ids.findLast((id) => id !== undefined);
        return newest === before ? null : newest;
      }),

    /** Resolves as soon as the card of a request is as wanted. */
    card: (id: string, what: string, test: (card: string) => boolean = () => true): Promise<StandingCard> =>
      between.waitFor(`the card of ${id}: ${what}`, (passed) => {
        const found = cardOf(passed, id);
        return found !== null && test(JSON.stringify(found.card)) ? found : null;
      }),

    /** Resolves with a message that the bot sent there and whose words fit. */
    said: (conversation: string, what: RegExp): Promise<string> =>
      between.waitFor(`the words ${what}`, (passed) =>
        passed
          .filter((call) => posted(call) && ACTIVITIES.exec(call.path)?.[1] === conversation)
          .map(words)
          .find((one) => what.test(one)),
      ),

    /** Resolves with the conversation in which a person said this. */
    threadOf: (said: string): Promise<string> =>
      between.waitFor(`somebody who says ${said}`, (passed) => {
        const call = passed.find((one) => one.from === 'emulator' && text(one).includes(said));
        return call && String(fields(fields(call.body).conversation).id);
      }),
  };
}

function posted({ from, method, status }: Passed): boolean {
  return from === 'bot' && method === 'POST' && status === 201;
}

/** A request's card is the one with its title: replies have buttons too. */
function cardOf(passed: readonly Passed[], id: string): StandingCard | null {
  const calls = passed.filter((call) => call.from === 'bot' && words(call).includes(`Live response ${id}`));
  const first = calls.find(posted);
  if (first === undefined) return null;
  const { conversation, message } = placeOf(first);
  const edits = calls.filter(
    (call) => call.method === 'PUT' && call.status === 200 && placeOf(call).message === message,
  );
  return { conversation, message, card: cardIn(edits.at(-1) ?? first), edits: edits.length };
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

/** What a message says, in its text or on its card. */
function words(call: Passed): string {
  return text(call) || JSON.stringify(cardIn(call) ?? '');
}

/** The fields of an object; none for anything else. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
