import type { Activity } from 'botbuilder';
import type { Outgoing } from './render.ts';

/** What is rendered as an activity of the SDK. */
export function activityOf(outgoing: Outgoing): Partial<Activity> {
  const { summary, text, textFormat, attachments, entities } = outgoing;
  return {
    type: 'message',
    summary,
    ...(text === undefined ? {} : { text }),
    ...(textFormat === undefined ? {} : { textFormat }),
    ...(attachments === undefined ? {} : { attachments: [...attachments] }),
    ...(entities === undefined ? {} : { entities: [...entities] }),
  };
}
