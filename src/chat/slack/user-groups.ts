import { setTimeout as delay } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Log } from '../../flow/ports.ts';
import { chatError, isTokenTrouble, slackCode, throttled } from './failures.ts';

/** Who is in Slack's user groups: the policy's alone, each asked for as a whole. */
export interface UserGroups {
  /**
   * In which of the policy's user groups somebody is, by lists at most 60 s old, or asked for after this call where it must be
   * fresh; null where no user group counts. Throws ChatError where Slack doesn't answer clearly.
   */
  groupsOf(id: string, options: { fresh: boolean }): Promise<string[] | null>;
  /** The ids of everybody in a group, at most 60 s old. */
  membersOf(group: string): Promise<ReadonlySet<string>>;
}

/** Milliseconds. */
const KEPT = 60_000;
/** Those who ask within this time share one call: Slack allows about 20 of them a minute. Milliseconds. */
const GATHERED = 20;

/** https://docs.slack.dev/reference/methods/usergroups.users.list */
const Answer = z.object({ users: z.array(z.string()) });
const NOBODY: ReadonlySet<string> = new Set();

/** Creates the look into Slack's user groups. `userGroups`: those on which the policy rests now. */
export function createUserGroups(deps: {
  client: WebClient;
  userGroups: () => readonly string[];
  log: Log;
}): UserGroups {
  const lists = new Map<string, List>();
  const told = new Map<string, string>();
  let quietUntil = 0;

  function listOf(group: string): List {
    const known = lists.get(group);
    if (known !== undefined) return known;
    const list = createList(() => read(group));
    lists.set(group, list);
    return list;
  }

  async function read(group: string): Promise<ReadonlySet<string>> {
    const wait = quietUntil - Date.now();
    if (wait > 0) throw throttled(wait);
    try {
      const answer = Answer.parse(
        await deps.client.usergroups.users.list({ usergroup: group, include_disabled: false }),
      );
      told.delete(group);
      return new Set(answer.users);
    } catch (error) {
      return refused(group, error);
    }
  }

  /** A group that Slack definitely doesn't tell about has nobody in it; anything else is no answer. */
  function refused(group: string, error: unknown): ReadonlySet<string> {
    const trouble = chatError(error, 'other');
    if (trouble.code === 'chat_throttled') quietUntil = Date.now() + (trouble.retryAfter ?? 0);
    const code = slackCode(error);
    if (code === null || trouble.code !== 'chat_refused' || isTokenTrouble(error)) throw trouble;
    if (told.get(group) !== code) {
      told.set(group, code);
      deps.log.warn({ platform: 'slack', group, code }, 'A user group of the policy gives nobody a right');
    }
    return NOBODY;
  }

  return {
    async groupsOf(id, { fresh }) {
      const groups = deps.userGroups();
      if (groups.length === 0) return null;
      const members = await Promise.all(groups.map((group) => (fresh ? listOf(group).fresh() : listOf(group).kept())));
      return groups.filter((_, index) => members[index]?.has(id));
    },
    membersOf: (group) => listOf(group).kept(),
  };
}

interface List {
  /** At most 60 s old. */
  kept(): Promise<ReadonlySet<string>>;
  /** From a call that begins after this one. */
  fresh(): Promise<ReadonlySet<string>>;
}

/** One call at a time; whoever asks meanwhile shares the next. */
function createList(read: () => Promise<ReadonlySet<string>>): List {
  let last: { members: ReadonlySet<string>; at: number } | null = null;
  let next: Promise<ReadonlySet<string>> | null = null;
  let running: Promise<unknown> = Promise.resolve();

  async function readAfter(before: Promise<unknown>): Promise<ReadonlySet<string>> {
    await Promise.allSettled([before, delay(GATHERED)]);
    next = null;
    const at = Date.now();
    const members = await read();
    last = { members, at };
    return members;
  }

  function fresh(): Promise<ReadonlySet<string>> {
    if (next === null) {
      next = readAfter(running);
      running = next;
    }
    return next;
  }

  return {
    fresh,
    async kept() {
      const age = last === null ? KEPT : Date.now() - last.at;
      return last !== null && age >= 0 && age < KEPT ? last.members : fresh();
    },
  };
}
