import { isTrue } from './content.ts';

/** A user group: @soc-leads. */
export interface UserGroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
  disabled: boolean;
}

/** What the workspace pays for, and what the app's token may do. */
export interface Subscription {
  plan: 'paid' | 'free';
  scopes: string[];
}

/** The scopes of manifests/slack.json. */
export const GRANTED = [
  'app_mentions:read',
  'channels:read',
  'chat:write',
  'commands',
  'groups:read',
  'usergroups:read',
  'users:read',
] as const;

/** Two that mirror the roles of the people here. */
export function seedUserGroups(): UserGroup[] {
  return [
    { id: 'S0ANALYSTS', handle: 'soc-analysts', name: 'SOC analysts', users: ['U0ANA'], disabled: false },
    { id: 'S0LEADS', handle: 'soc-leads', name: 'SOC leads', users: ['U0LEA', 'U0LEO'], disabled: false },
  ];
}

type Answer = Record<string, unknown>;
type Args = Record<string, unknown>;

/** What of the workspace's memory these methods look at. */
interface Known {
  userGroups: readonly UserGroup[];
  subscription: Subscription;
}

/** https://docs.slack.dev/reference/methods/usergroups.users.list */
export function listUsers(state: Known, args: Args): Answer {
  const refusal = notAllowed(state);
  if (refusal !== null) return refusal;
  const group = state.userGroups.find(({ id }) => id === args.usergroup);
  if (group === undefined || (group.disabled && !isTrue(args.include_disabled))) return { error: 'no_such_subteam' };
  return { users: group.users };
}

/** https://docs.slack.dev/reference/methods/usergroups.list */
export function listGroups(state: Known, args: Args): Answer {
  const refusal = notAllowed(state);
  if (refusal !== null) return refusal;
  const shown = state.userGroups.filter(({ disabled }) => !disabled || isTrue(args.include_disabled));
  return {
    usergroups: shown.map(({ id, handle, name, users, disabled }) => ({
      id,
      handle,
      name,
      is_usergroup: true,
      is_external: false,
      date_delete: disabled ? 1_700_000_000 : 0,
      ...(isTrue(args.include_users) ? { users } : {}),
      ...(isTrue(args.include_count) ? { user_count: users.length } : {}),
    })),
  };
}

function notAllowed({ subscription }: Pick<Known, 'subscription'>): Answer | null {
  const needed = 'usergroups:read';
  if (!subscription.scopes.includes(needed))
    return { error: 'missing_scope', needed, provided: subscription.scopes.join(',') };
  return subscription.plan === 'free' ? { error: 'plan_upgrade_required' } : null;
}
