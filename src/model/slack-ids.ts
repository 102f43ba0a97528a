/**
 * How Slack's ids look, for the policy and for what Slack delivers alike. Slack promises no length and no alphabet; nothing
 * here is a mark-up character, a separator of ours or a blank.
 */
export const SLACK_USER = /^[UW][A-Z0-9_]{1,60}$/;
/** Public channel. `G`: private ones of old. */
export const SLACK_CHANNEL = /^[CG][A-Z0-9_]{1,60}$/;
/** Any place where people write: `D` is a private chat. */
export const SLACK_CONVERSATION = /^[CDG][A-Z0-9_]{1,60}$/;
