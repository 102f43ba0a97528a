import { useMemo, useState } from 'react';
import { memberOf } from '../people.ts';
import { useUnread } from '../use-unread.ts';
import type { View } from '../view.ts';
import { type Conversation, conversationsOf, latestIn, type Person } from './view.ts';

/** Teams as one person has it before them. */
export interface Teams {
  /** Null for somebody whom the tenant doesn't have. */
  person: Person | null;
  conversations: Conversation[];
  /** The one that is open; null for somebody who is in none. */
  conversation: Conversation | null;
  /** Conversations with something new. */
  unread: Set<string>;
  open: (conversation: string) => void;
}

/** The same person on the other platform, known there by the same name. `shown` says whether they have it on the screen. */
export function useTeams(view: View, me: string, shown: boolean): Teams {
  const [wanted, open] = useState('');
  const { teams } = view;
  const name = memberOf(view, me).realName;
  const mine = useMemo(() => {
    const person = teams.people.find((one) => one.name === name) ?? null;
    const conversations = person ? conversationsOf(teams, person.id) : [];
    return { person, conversations, latest: latestIn(teams, conversations) };
  }, [teams, name]);
  const conversation = mine.conversations.find(({ id }) => id === wanted) ?? mine.conversations[0] ?? null;
  const unread = useUnread(mine.latest, me, shown ? (conversation?.id ?? null) : null);
  return { ...mine, conversation, unread, open };
}
