import NodeCache from 'node-cache';
import type { Log } from '../../flow/ports.ts';
import type { Person, PersonRef, Standing } from '../../model/person.ts';
import type { Connector, Member } from './connector.ts';
import { ConnectorRefusal, chatError } from './failures.ts';
import type { Account, Graph } from './graph.ts';
import type { Places } from './places.ts';
import { channelOf } from './thread.ts';

/** Looks people up in the conversation they speak in, and in Entra. */
export interface Identify {
  (person: Pick<PersonRef, 'id' | 'tenant'>, options: { fresh: boolean }): Promise<Person>;
  /** Where somebody was seen, and what the Bot Framework calls them there. */
  seen(id: string, where: { conversation: string; mri: string }): void;
  /** `29:…` of somebody seen or looked up lately; null otherwise. */
  mriOf(id: string): string | null;
}

/** Seconds. */
const KEPT = 60;
const SEEN = 6 * 3600;
/** Each of them is a look-up. */
const MOST_SEEN = 20_000;

interface Where {
  conversation: string;
  mri: string;
}

/**
 * Creates the look-up: at most 60 s old unless fresh, an error where nobody answers clearly. Two witnesses, either of which can
 * refuse: the roster of the conversation (guests, anonymous and foreign people) and, where it tells, Entra (guests, disabled
 * accounts). One of them has to say that somebody is a member at home; a roster that doesn't know somebody proves nothing, since
 * a private or shared channel has another one than its team.
 */
export function createIdentify(deps: {
  tenantId: string;
  connector: Connector;
  graph: Graph;
  places: Places;
  /** The policy's channels, for people of whom only the id is known. */
  channels: () => readonly string[];
  /** The Entra groups on which the policy rests now. */
  entraGroups: () => readonly string[];
  log: Log;
}): Identify {
  const kept = new NodeCache({ stdTTL: KEPT, checkperiod: 60, useClones: false, maxKeys: MOST_SEEN });
  const rosters = new NodeCache({ stdTTL: KEPT, checkperiod: 60, useClones: false });
  const whereabouts = new NodeCache({ stdTTL: SEEN, checkperiod: 600, useClones: false, maxKeys: MOST_SEEN });

  const identify = async (
    { id, tenant }: Pick<PersonRef, 'id' | 'tenant'>,
    { fresh }: { fresh: boolean },
  ): Promise<Person> => {
    const ref = { platform: 'teams', id: id.toLowerCase(), tenant, name: id } as const;
    // What an activity says of somebody is no knowledge about who has this id at home: it is neither looked up nor kept.
    if (!isObjectId(id)) return { ...ref, standing: 'anonymous' };
    if (tenant !== '' && tenant.toLowerCase() !== deps.tenantId.toLowerCase()) return { ...ref, standing: 'external' };
    // Another policy may rest on other groups.
    const key = `${ref.id} ${deps.entraGroups().join(' ')}`;
    const known = fresh ? undefined : kept.get<Person>(key);
    if (known !== undefined) return known;
    const person = await lookUp(ref.id, fresh);
    remember(kept, key, person);
    return person;
  };

  async function lookUp(id: string, fresh: boolean): Promise<Person> {
    const ref = { platform: 'teams', id } as const;
    const [member, account] = await Promise.all([memberOf(id, fresh), deps.graph.user(id)]);
    const standing = standingOf(member, account, deps.tenantId);
    if (standing === 'unknown') {
      const roster = member && { role: member.userRole ?? null, home: member.tenantId !== undefined };
      const directory = account === null || account === 'silent' ? account : { guest: account.guest };
      deps.log.warn({ platform: 'teams', roster, directory }, 'Nobody vouches for somebody');
    }
    const name = (account !== 'silent' && account?.name) || member?.name || id;
    const groups = standing === 'member' ? await groupsOf(id) : [];
    return { ...ref, tenant: deps.tenantId, name, standing, groups };
  }

  async function groupsOf(id: string): Promise<string[]> {
    const wanted = deps.entraGroups();
    return wanted.length === 0 ? [] : deps.graph.groupsOf(id, wanted);
  }

  /** The roster's word, first where somebody was seen; null where no roster knows them or may be read. */
  async function memberOf(id: string, fresh: boolean): Promise<Member | null> {
    const where = whereabouts.get<Where>(id);
    const conversations = [...(where === undefined ? [] : [channelOf(where.conversation)]), ...deps.channels()];
    for (const conversation of new Set(conversations)) {
      const place = await deps.places.of(conversation);
      if (place === null) continue;
      const names = where === undefined ? [id] : [id, where.mri];
      for (const name of names) {
        const member = await ask(place.serviceUrl, conversation, name);
        if (member === null || !isThem(member, id, where)) continue;
        if (where === undefined && member.id?.startsWith('29:') === true)
          remember(whereabouts, id, { conversation, mri: member.id });
        return member;
      }
    }
    return where === undefined ? fromRoster(id, fresh) : null;
  }

  /** Somebody whom the bot has never met, where the service doesn't find people by their Entra ids: from the whole list. */
  async function fromRoster(id: string, fresh: boolean): Promise<Member | null> {
    for (const conversation of deps.channels()) {
      const place = await deps.places.of(conversation);
      const members = place === null ? [] : await roster(place.serviceUrl, conversation, fresh);
      const member = members.find((one) => isThem(one, id, undefined));
      if (member === undefined) continue;
      if (member.id?.startsWith('29:') === true) remember(whereabouts, id, { conversation, mri: member.id });
      return member;
    }
    return null;
  }

  async function roster(serviceUrl: string, conversation: string, fresh: boolean): Promise<Member[]> {
    const known = fresh ? undefined : rosters.get<Member[]>(conversation);
    if (known !== undefined) return known;
    const members = await deps.connector.members(serviceUrl, conversation).catch(() => []);
    rosters.set(conversation, members);
    return members;
  }

  async function ask(serviceUrl: string, conversation: string, name: string): Promise<Member | null> {
    try {
      return await deps.connector.member(serviceUrl, conversation, name);
    } catch (error) {
      const silent = error instanceof ConnectorRefusal && [400, 403, 404, 405].includes(error.status);
      if (silent) return null;
      throw chatError(error, 'other');
    }
  }

  identify.seen = (id: string, where: Where): void => remember(whereabouts, id, where);
  identify.mriOf = (id: string): string | null => whereabouts.get<Where>(id)?.mri ?? null;
  return identify;
}

/** A full cache forgets everything rather than fail. */
function remember(cache: NodeCache, key: string, value: unknown): void {
  if (cache.keys().length >= MOST_SEEN) cache.flushAll();
  cache.set(key, value);
}

/** Whether the roster speaks of who was asked for. */
function isThem(member: Member, id: string, where: Where | undefined): boolean {
  const said = member.aadObjectId ?? member.objectId;
  if (said !== undefined) return said.toLowerCase() === id.toLowerCase();
  return where !== undefined && member.id === where.mri;
}

/** What somebody is here. Whoever isn't clearly at home is unknown. */
export function standingOf(
  member: Pick<Member, 'tenantId' | 'userRole'> | null,
  account: Account | null | 'silent',
  home: string,
): Standing {
  const role = member?.userRole?.toLowerCase();
  if (role === 'anonymous') return 'anonymous';
  if (member?.tenantId !== undefined && member.tenantId.toLowerCase() !== home.toLowerCase()) return 'external';
  if (account !== null && account !== 'silent') {
    if (!account.enabled) return 'deactivated';
    if (account.guest === true) return 'guest';
  }
  if (role === 'guest') return 'guest';
  const atHome = role === 'user' && member?.tenantId !== undefined;
  // Entra has nobody of this id: a person of another organisation who sits in a shared channel, or two that contradict each other.
  if (account === null) return atHome ? 'unknown' : 'external';
  return atHome || (account !== 'silent' && account.guest === false) ? 'member' : 'unknown';
}

/** Real ids are GUIDs; what matters is that it is Entra's and no `29:…` of somebody who isn't signed in. */
function isObjectId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}
