import { z } from 'zod';
import { SLACK_CONVERSATION, SLACK_USER } from '../../../model/slack-ids.ts';
import { TS } from '../thread.ts';

const Word = z.string().nullish();
const Channel = z.string().regex(SLACK_CONVERSATION);

/** Who acted, and in whose workspace: a part of every interaction. */
const acting = {
  user: z.object({ id: z.string().regex(SLACK_USER), team_id: Word, name: Word, username: Word }),
  team: z.object({ id: Word, enterprise_id: Word }).nullish(),
  enterprise: z.object({ id: Word }).nullish(),
};

const Acting = z.object(acting);
/** An interaction, as far as it says who acted. */
export type Acting = z.infer<typeof Acting>;

const OptionShape = z.object({ text: z.object({ text: z.string() }), value: z.string() });

/** What stands in the inputs of a modal: by block, then by action. */
const Values = z.record(
  z.string(),
  z.record(z.string(), z.object({ value: Word, selected_option: OptionShape.nullish() })),
);
export type Values = z.infer<typeof Values>;

const ViewShape = z.object({
  id: z.string().min(1),
  hash: z.string().min(1),
  private_metadata: z.string().nullish(),
  state: z.object({ values: Values }),
});

/** A form that was sent (https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload), or a button in it. */
export const Submission = z.object({ ...acting, view: ViewShape });
export type Submission = z.infer<typeof Submission>;

/** https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload */
export const Typing = z.object({
  ...acting,
  action_id: z.string(),
  value: Word,
  view: z.object({ private_metadata: z.string().nullish() }).nullish(),
});
export type Typing = z.infer<typeof Typing>;

/** https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
export const Shortcut = z.object({
  ...acting,
  trigger_id: z.string().min(1),
  channel: z.object({ id: Channel, name: Word }).nullish(),
  response_url: Word,
  message: z.looseObject({ thread_ts: z.string().regex(TS).nullish().catch(null) }).nullish(),
});
export type Shortcut = z.infer<typeof Shortcut>;
