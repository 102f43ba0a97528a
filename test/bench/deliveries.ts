import { commandBody } from '../../src/playground/slack-workspace/payloads.ts';
import { seedChannels, seedMembers, TEAM } from '../../src/playground/slack-workspace/people.ts';
import { mintTrigger } from '../../src/playground/slack-workspace/triggers.ts';

const members = seedMembers();
const channel = named(seedChannels(), 'C0SOC');

/** Slack's own sizes: an answer goes nowhere, since what is measured ends before. */
const NOWHERE = 'http://127.0.0.1:9/commands/A0LIVE/0123456789abcdef01234567';

/** The body of a typed line. */
export function typedBody(text: string, user = 'U0ANA'): string {
  const triggerId = mintTrigger(Date.now());
  const member = named(members, user);
  return commandBody({ member, channel, command: '/liveresponse', text, responseUrl: NOWHERE, triggerId });
}

/** The body of a lead's click on Approve, on the card of a request in its first round. */
export function approvalBody(id: string, user = 'U0LEA'): string {
  const { name } = named(members, user);
  const payload = {
    type: 'block_actions',
    user: { id: user, username: name, name, team_id: TEAM.id },
    api_app_id: 'A0LIVE',
    container: { type: 'message', message_ts: '1700000001.000100', channel_id: channel.id, is_ephemeral: false },
    trigger_id: mintTrigger(Date.now()),
    team: { id: TEAM.id, domain: TEAM.domain },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel.id, name: channel.name },
    state: { values: {} },
    response_url: NOWHERE,
    actions: [{ action_id: 'lr:approve', block_id: 'b1', value: `${id}:1`, type: 'button', action_ts: '1700000002.0' }],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

/** The body of what somebody typed so far into a field of the form that offers choices. */
export function suggestionBody(actionId: string, value: string, user = 'U0ANA'): string {
  const { name } = named(members, user);
  const payload = {
    type: 'block_suggestion',
    user: { id: user, username: name, name, team_id: TEAM.id },
    api_app_id: 'A0LIVE',
    team: { id: TEAM.id, domain: TEAM.domain },
    enterprise: null,
    is_enterprise_install: false,
    container: { type: 'view', view_id: 'V0BENCH' },
    action_id: actionId,
    block_id: actionId,
    value,
    view: { id: 'V0BENCH', private_metadata: '' },
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

function named<T extends { id: string }>(all: readonly T[], id: string): T {
  const found = all.find((one) => one.id === id);
  if (found === undefined) throw new Error(`The workspace has no ${id}.`);
  return found;
}
