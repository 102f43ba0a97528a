import { z } from 'zod';
import { SLACK_USER } from '../../../model/slack-ids.ts';

const Word = z.string().nullish();

/** https://docs.slack.dev/reference/events/app_home_opened */
export const HomeOpened = z.object({
  team_id: Word,
  enterprise_id: Word,
  context_team_id: Word,
  authorizations: z.array(z.object({ team_id: Word, enterprise_id: Word })).nullish(),
  event_id: Word,
  event: z.object({ user: z.string().regex(SLACK_USER), tab: Word, event_ts: Word }),
});
export type HomeOpened = z.infer<typeof HomeOpened>;

/** The ids of the workspace that an opening is about. */
export function teamsOfOpening(opened: HomeOpened): (string | null | undefined)[] {
  const installed = (opened.authorizations ?? []).flatMap((each) => [each.team_id, each.enterprise_id]);
  return [opened.team_id, opened.enterprise_id, opened.context_team_id, ...installed];
}
