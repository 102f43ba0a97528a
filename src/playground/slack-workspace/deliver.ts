import { randomUUID } from 'node:crypto';
import { showAcknowledgement, tellFailure } from './acknowledge.ts';
import { clickBody, commandBody, mentionBody, type ShownButton } from './payloads.ts';
import { APP, type Channel, type Member } from './people.ts';
import type { ResponseUrls, Target } from './response-url.ts';
import { type Signing, signedHeaders } from './sign.ts';
import { bodyOf, type SocketMode } from './socket-mode.ts';
import type { Delivery, State } from './state.ts';

/** Slack waits this long for an answer. */
export const PATIENCE = 3000;

/** How a delivery departs from the usual one. */
export interface Oddity {
  signing?: Signing;
  /** How often the very same request is sent, at once one after the other; 1 unless set. */
  times?: number;
}

/** Words typed with a slash. */
export interface TypedCommand extends Oddity {
  user: string;
  channel: string;
  /** What follows the command's name. */
  text: string;
  /** `/liveresponse` unless set. */
  command?: string;
}

/** A click on a button that the message shows, or showed a moment ago. */
export interface ButtonClick extends Oddity {
  user: string;
  channel: string;
  /** The message's ts, or the ephemeral's. */
  ts: string;
  actionId: string;
  /** Needed where several buttons share the action id. */
  value?: string | undefined;
}

export interface DeliverDeps {
  state: State;
  urls: ResponseUrls;
  now: () => number;
  secret: string;
  botUrl: () => string;
  /** Null: over HTTP. */
  socketMode: SocketMode | null;
}

type About = Pick<Delivery, 'kind' | 'what' | 'user' | 'triggerId'>;

/** How many deliveries can be replayed. */
const REMEMBERED = 500;

const FORM = 'application/x-www-form-urlencoded';

/** Sends what people do to the bot, signed as Slack signs or in envelopes, and keeps how it answered. */
export function createDeliveries(deps: DeliverDeps) {
  const { state, urls } = deps;
  /** What was sent, letter by letter, by delivery id. */
  const sent = new Map<string, { about: About; body: string; headers: Record<string, string> }>();

  const carry = (body: string, headers: Record<string, string>) =>
    deps.socketMode ? deps.socketMode.deliver(bodyOf(body, headers)) : send(deps.botUrl(), body, headers);

  /** One POST, or one envelope. Never throws: trouble is part of the record. */
  const post = async (about: About, body: string, headers: Record<string, string>): Promise<Delivery> => {
    const started = performance.now();
    const answer = await carry(body, headers);
    const delivery: Delivery = { id: randomUUID(), ...about, ...answer, ms: performance.now() - started };
    sent.set(delivery.id, { about, body, headers });
    if (sent.size > REMEMBERED) sent.delete(sent.keys().next().value ?? '');
    state.addDelivery(delivery);
    return delivery;
  };

  const signed = (body: string, type: string, oddity: Oddity): Record<string, string> => ({
    'content-type': type,
    ...signedHeaders(body, {
      secret: deps.secret,
      now: deps.now(),
      ...(oddity.signing ? { signing: oddity.signing } : {}),
    }),
  });

  const repeat = async (times: number, once: () => Promise<Delivery>): Promise<Delivery> => {
    const all = await Promise.all(Array.from({ length: times }, once));
    const [first] = all;
    if (!first) throw new RangeError('times must be at least 1');
    return first;
  };

  const who = (user: string, channel: string): { member: Member; channel: Channel } => {
    const member = state.member(user);
    const place = state.channel(channel);
    if (!member || !place) throw new Error(`No such ${member ? 'channel' : 'member'}: ${member ? channel : user}`);
    return { member, channel: place };
  };

  /** Anything that Slack wraps into a `payload`. */
  const interact = (about: About, payload: object, oddity: Oddity): Promise<Delivery> => {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const headers = signed(body, FORM, oddity);
    return repeat(oddity.times ?? 1, () => post(about, body, headers));
  };

  /** An event, which Slack sends as JSON. */
  const tell = (about: About, event: object, oddity: Oddity): Promise<Delivery> => {
    const body = JSON.stringify(event);
    const headers = signed(body, 'application/json', oddity);
    return repeat(oddity.times ?? 1, () => post(about, body, headers));
  };

  return {
    interact,
    tell,

    /** Answers the first delivery; its body has been shown to the user as Slack would. */
    async command(typed: TypedCommand): Promise<Delivery> {
      const { member, channel } = who(typed.user, typed.channel);
      const target: Target = { channel: channel.id, to: member.id, origin: null, threadTs: null };
      const command = typed.command ?? '/liveresponse';
      const triggerId = state.triggers.mint(member.id);
      const body = commandBody({
        member,
        channel,
        command,
        text: typed.text,
        responseUrl: urls.mint(target),
        triggerId,
      });
      const headers = signed(body, FORM, typed);
      const about = { kind: 'command', what: typed.text, user: member.id, triggerId } as const;
      const delivery = await repeat(typed.times ?? 1, () => post(about, body, headers));
      if (delivery.failure) tellFailure(state, target, command, delivery);
      else showAcknowledgement(state, target, delivery.body);
      return delivery;
    },

    /** Throws where no such button was ever shown there. */
    async click(click: ButtonClick): Promise<Delivery> {
      const { member, channel } = who(click.user, click.channel);
      const message = state.message(channel.id, click.ts);
      const ephemeral = state.ephemerals.find((one) => one.channel === channel.id && one.ts === click.ts) ?? null;
      if (ephemeral && ephemeral.to !== member.id) throw new Error(`${member.realName} doesn't see that message.`);
      if (!message && !ephemeral) throw new Error('There is no such message.');
      const button = findButton(state.everShown(channel.id, click.ts), click);
      if (!button) throw new Error(`There is no button ${click.actionId} on that message.`);
      const target: Target = {
        channel: channel.id,
        to: member.id,
        origin: { ts: click.ts, ephemeral: ephemeral !== null },
        threadTs: (message ?? ephemeral)?.threadTs ?? null,
      };
      const triggerId = state.triggers.mint(member.id);
      const responseUrl = urls.mint(target);
      const body = clickBody(state, {
        member,
        channel,
        message,
        ephemeral,
        ts: click.ts,
        button,
        responseUrl,
        triggerId,
      });
      const headers = signed(body, FORM, click);
      const about = { kind: 'click', what: click.actionId, user: member.id, triggerId } as const;
      return repeat(click.times ?? 1, () => post(about, body, headers));
    },

    /** An ordinary message of a person; one that names the app is delivered as an event. */
    async say(words: { user: string; channel: string; text: string; threadTs?: string | null } & Oddity) {
      const { member, channel } = who(words.user, words.channel);
      const message = state.addMessage({
        channel: channel.id,
        ts: state.nextTs(),
        user: member.id,
        text: words.text,
        blocks: null,
        threadTs: words.threadTs ?? null,
        broadcast: false,
        metadata: null,
      });
      if (!words.text.includes(`<@${APP.userId}>`) || !channel.members.includes(APP.userId)) return null;
      const body = mentionBody(message, channel);
      const headers = signed(body, 'application/json', words);
      return post({ kind: 'mention', what: words.text, user: member.id, triggerId: null }, body, headers);
    },

    /** The very same request once more: body, timestamp and signature. */
    async replay(id: string): Promise<Delivery> {
      const first = sent.get(id);
      if (!first) throw new Error('There is no such delivery, or it is too old.');
      return post(first.about, first.body, first.headers);
    },

    /** Whatever a test wants to send; unsigned unless the headers say otherwise. */
    deliverRaw(raw: { body: string; headers?: Record<string, string> }): Promise<Delivery> {
      const headers = { 'content-type': FORM, ...raw.headers };
      return post({ kind: 'raw', what: '', user: null, triggerId: null }, raw.body, headers);
    },
  };
}

async function send(url: string, body: string, headers: Record<string, string>) {
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal });
    const text = await response.text();
    return { status: response.status, body: text, failure: response.ok ? null : ('status' as const) };
  } catch {
    return { status: null, body: '', failure: signal.aborted ? ('timeout' as const) : ('connection' as const) };
  }
}

/** The newest appearance of a button in what a message showed. */
function findButton(versions: unknown[][], click: Pick<ButtonClick, 'actionId' | 'value'>): ShownButton | null {
  for (const blocks of versions) {
    for (const block of blocks as Record<string, unknown>[]) {
      const elements = Array.isArray(block.elements) ? (block.elements as Record<string, unknown>[]) : [];
      for (const element of elements) {
        const fits = element.type === 'button' && element.action_id === click.actionId;
        if (fits && (click.value === undefined || click.value === element.value)) {
          return { blockId: String(block.block_id), element };
        }
      }
    }
  }
  return null;
}
