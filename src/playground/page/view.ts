import { z } from 'zod';
import { ModalShape } from './modal/view.ts';
import { TeamsView } from './teams/view.ts';

const Blocks = z.array(z.looseObject({ type: z.string(), block_id: z.string().optional() })).nullable();

const MessageShape = z.object({
  ts: z.string(),
  channel: z.string(),
  user: z.string(),
  text: z.string(),
  blocks: Blocks,
  threadTs: z.string().nullable(),
  broadcast: z.boolean().default(false),
  /** Only ephemeral messages have it: the one person who sees it. */
  to: z.string().optional(),
});

const MemberShape = z.object({
  id: z.string(),
  realName: z.string(),
  guest: z.boolean(),
  bot: z.boolean(),
});

const ChannelShape = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['public', 'private', 'im']),
  members: z.array(z.string()),
});

/** The app's Home tab as one person sees it. */
const HomeShape = z.object({ user: z.string(), view: z.object({ blocks: Blocks }) });

const DeliveryShape = z.object({
  kind: z.string(),
  what: z.string(),
  user: z.string().nullable(),
  status: z.number().nullable(),
});

/** All that the page shows, as `/api/state` and `/api/events` send it. */
export const View = z.object({
  slack: z.object({
    members: z.array(MemberShape),
    channels: z.array(ChannelShape),
    messages: z.array(MessageShape),
    ephemerals: z.array(MessageShape),
    deliveries: z.array(DeliveryShape),
    modals: z.array(ModalShape),
    homes: z.array(HomeShape),
  }),
  teams: TeamsView,
  app: z.object({ userId: z.string(), name: z.string() }),
  command: z.string(),
  /** See defender.ts. */
  defender: z.unknown(),
});

export type View = z.output<typeof View>;
export type Message = z.output<typeof MessageShape>;
export type Block = NonNullable<Message['blocks']>[number];
export type Member = z.output<typeof MemberShape>;
export type Channel = z.output<typeof ChannelShape>;

/** What a person sees in the channel itself: top-level messages, broadcast replies, and what is meant for them alone. */
export function inChannel(view: View, channel: string, me: string): Message[] {
  const { messages, ephemerals } = view.slack;
  return [...messages.filter((one) => one.threadTs === null || one.broadcast), ...mine(ephemerals, me, null)]
    .filter((one) => one.channel === channel)
    .sort(byTs);
}

/** The replies below a message, with what is meant for this person alone. */
export function inThread(view: View, parent: Message, me: string): Message[] {
  const { messages, ephemerals } = view.slack;
  return [...messages.filter((one) => one.threadTs === parent.ts), ...mine(ephemerals, me, parent.ts)]
    .filter((one) => one.channel === parent.channel)
    .sort(byTs);
}

const mine = (ephemerals: Message[], me: string, threadTs: string | null): Message[] =>
  ephemerals.filter((one) => one.to === me && one.threadTs === threadTs);

const byTs = (a: Message, b: Message): number => (a.ts < b.ts ? -1 : 1);
