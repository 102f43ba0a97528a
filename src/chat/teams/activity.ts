import { z } from 'zod';
import { type ConversationKind, isId, KINDS } from './thread.ts';
import type { MentionEntity } from './typed-text.ts';

/** What may be missing or odd without an activity being unreadable. */
const Word = z.string().nullish().catch(null);
const Id = z.string().refine(isId);

/** What is needed of an activity before it is proved. */
export const Envelope = z.looseObject({
  type: z.string().min(1),
  channelId: Word,
  serviceUrl: Word,
});

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages */
export const Activity = z.object({
  type: z.string(),
  name: Word,
  id: Word,
  action: Word,
  serviceUrl: z.string(),
  timestamp: Word,
  localTimestamp: Word,
  text: Word,
  textFormat: Word,
  replyToId: Word,
  value: z.unknown().optional(),
  from: z.object({ id: Id, name: Word, aadObjectId: Word, role: Word, tenantId: Word }).nullish(),
  recipient: z.object({ id: Word, name: Word }).nullish(),
  conversation: z.object({ id: Id, conversationType: z.enum(KINDS).nullish().catch(null), tenantId: Word, name: Word }),
  entities: z.array(z.unknown()).nullish().catch(null),
  membersRemoved: z
    .array(z.object({ id: Word }))
    .nullish()
    .catch(null),
  channelData: z
    .object({
      tenant: z.object({ id: Word }).nullish().catch(null),
      channel: z.object({ id: Word, name: Word, type: Word, membershipType: Word }).nullish().catch(null),
      team: z.object({ id: Id }).nullish().catch(null),
      teamsTeamId: Word,
      eventType: Word,
    })
    .nullish()
    .catch(null),
});
export type Activity = z.infer<typeof Activity>;

/** `adaptiveCard/action`: https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model */
export const ActionValue = z.object({
  action: z.object({ verb: z.string(), data: z.record(z.string(), z.unknown()).nullish().catch(null) }),
  trigger: Word,
});

/** What an Action.Submit of an older client sends instead, as a message. */
export const SubmitValue = z.looseObject({ verb: z.string(), id: z.string() });

/** `application/search`: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search */
export const SearchValue = z.object({
  queryText: Word,
  dataset: z.string(),
  queryOptions: z
    .object({ skip: z.number().int().min(0).nullish(), top: z.number().int().min(1).nullish() })
    .nullish()
    .catch(null),
});

/** `task/fetch` and `task/submit`. */
export const DialogValue = z.object({ data: z.record(z.string(), z.unknown()).nullish().catch(null) });

const Mention = z.object({
  type: z.literal('mention'),
  text: z.string(),
  mentioned: z.object({ id: z.string(), name: z.string().nullish().catch('') }),
});

/** The mentions among an activity's entities. */
export function mentionsOf(activity: Pick<Activity, 'entities'>): MentionEntity[] {
  return (activity.entities ?? []).flatMap((entity) => {
    const parsed = Mention.safeParse(entity);
    if (!parsed.success) return [];
    const { text, mentioned } = parsed.data;
    return [{ text, mentioned: { id: mentioned.id, name: mentioned.name ?? '' } }];
  });
}

/** The tenant of the conversation; null where the activity names none. Who acted may be of another: `tenantOfSender`. */
export function tenantOf(activity: Activity): string | null {
  return activity.conversation.tenantId || activity.channelData?.tenant?.id || null;
}

/** The kind of conversation, by its id where the activity doesn't say. */
export function kindOf({ conversation }: Activity): ConversationKind {
  if (conversation.conversationType) return conversation.conversationType;
  if (/@thread\.(?:tacv2|skype)/.test(conversation.id)) return 'channel';
  return conversation.id.startsWith('19:') ? 'groupChat' : 'personal';
}

/** The tenant of who acted: in a channel shared with another organisation not the conversation's. */
export function tenantOfSender(activity: Activity): string {
  return activity.from?.tenantId || activity.channelData?.tenant?.id || activity.conversation.tenantId || '';
}
