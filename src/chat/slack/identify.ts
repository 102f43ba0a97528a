import type { WebClient } from '@slack/web-api';
import NodeCache from 'node-cache';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Person, PersonRef, Standing } from '../../model/person.ts';
import { chatError, slackCode } from './failures.ts';
import type { UserGroups } from './user-groups.ts';
import type { Home, Workspace } from './workspace.ts';

type Who = Pick<PersonRef, 'id' | 'tenant'>;

/** Looks people up in Slack's directory. */
export interface Identify {
  (person: Who, options: { fresh: boolean }): Promise<Person>;
  /** The same without a look at their user groups: for names, never for rights. */
  account(person: Who, options: { fresh: boolean }): Promise<Person>;
}

/** https://docs.slack.dev/reference/objects/user-object */
const User = z.object({
  id: z.string(),
  team_id: z.string().nullish(),
  deleted: z.boolean().nullish(),
  is_bot: z.boolean().nullish(),
  is_workflow_bot: z.boolean().nullish(),
  is_restricted: z.boolean().nullish(),
  is_ultra_restricted: z.boolean().nullish(),
  is_stranger: z.boolean().nullish(),
  name: z.string().nullish(),
  real_name: z.string().nullish(),
  profile: z.object({ real_name: z.string().nullish(), display_name: z.string().nullish() }).nullish(),
  enterprise_user: z.object({ enterprise_id: z.string().nullish() }).nullish(),
});
type User = z.infer<typeof User>;

/** Seconds, counted from the question. */
const KEPT = 60;

interface Kept {
  person: Person;
  at: number;
}

const NOBODY = new Set(['user_not_found', 'users_not_found', 'user_not_visible']);

/**
 * Creates the look-up: at most 60 s old unless fresh, an error where Slack doesn't answer clearly. Only members are looked for in
 * user groups: for nobody else does it matter.
 */
export function createIdentify(deps: {
  client: WebClient;
  workspace: Workspace;
  userGroups: Pick<UserGroups, 'groupsOf'>;
}): Identify {
  const kept = new NodeCache({ stdTTL: KEPT, checkperiod: KEPT, useClones: false });
  const asking = new Map<string, Promise<Person>>();
  /** Slack wants a pause: names can wait for it, so that clicks, which can't, find the way free. */
  let pause: { until: number; error: ChatError } | null = null;

  async function account(who: Who, { fresh }: { fresh: boolean }): Promise<Person> {
    if (fresh) return ask(who);
    const now = Date.now();
    const known = kept.get<Kept>(who.id);
    if (known !== undefined && now - known.at < KEPT * 1000) return known.person;
    if (pause !== null && now < pause.until) throw pause.error;
    // Many cards name the same people at the same moment.
    const question = asking.get(who.id) ?? ask(who).finally(() => asking.delete(who.id));
    asking.set(who.id, question);
    return question;
  }

  function noteThrottling(error: unknown): never {
    if (error instanceof ChatError && error.code === 'chat_throttled')
      pause = { until: Date.now() + (error.retryAfter ?? 0), error };
    throw error;
  }

  async function ask({ id, tenant }: Who): Promise<Person> {
    const at = Date.now();
    const home = await deps.workspace.soon();
    const user = await userOf(deps.client, id).catch(noteThrottling);
    if (user === null) return { platform: 'slack', id, tenant, name: id, standing: 'unknown' };
    const person: Person = {
      platform: 'slack',
      id,
      tenant: user.team_id || user.enterprise_user?.enterprise_id || '',
      name: nameOf(user),
      standing: standingOf(user, home),
    };
    // A slow answer must not hide what a later question has brought to light.
    if (at >= (kept.get<Kept>(id)?.at ?? at)) kept.set(id, { person, at } satisfies Kept);
    return person;
  }

  const identify = async (who: Who, options: { fresh: boolean }): Promise<Person> => {
    const person = await account(who, options);
    if (person.standing !== 'member') return person;
    const groups = await deps.userGroups.groupsOf(person.id, options);
    return groups === null ? person : { ...person, groups };
  };
  identify.account = account;
  return identify;
}

/** The user, or null where Slack knows nobody of this id. */
async function userOf(client: WebClient, id: string): Promise<User | null> {
  try {
    const user = User.parse((await client.users.info({ user: id })).user);
    if (user.id !== id) throw new ChatError('chat_unreachable', 'Slack told me about somebody else. Try again.');
    return user;
  } catch (error) {
    if (NOBODY.has(slackCode(error) ?? '')) return null;
    throw chatError(error, 'other');
  }
}

function nameOf(user: User): string {
  return user.profile?.real_name || user.real_name || user.profile?.display_name || user.name || user.id;
}

/**
 * What somebody is here. Whoever isn't clearly at home is unknown; for whoever is, a flag that Slack leaves out counts as
 * false (docs/decisions/0011). `is_stranger: false` doesn't mean internal (it is false for foreigners in a shared channel), so
 * home is compared.
 */
export function standingOf(user: User, home: Home): Standing {
  if (user.deleted === true) return 'deactivated';
  if (user.id === 'USLACKBOT' || user.is_bot === true || user.is_workflow_bot === true) return 'bot';
  const inside = isInside(user, home);
  if (user.is_stranger === true || inside === false) return 'external';
  if (user.is_restricted === true || user.is_ultra_restricted === true) return 'guest';
  return inside === true ? 'member' : 'unknown';
}

/** Whether the person belongs to the bot's workspace or its organisation; null where Slack doesn't say. */
function isInside(user: User, home: Home): boolean | null {
  const organisation = user.enterprise_user?.enterprise_id;
  if (!user.team_id && !organisation) return null;
  if (user.team_id === home.team) return true;
  return home.enterprise !== null && (organisation === home.enterprise || user.team_id === home.enterprise);
}
