/** The chat platforms. */
export const PLATFORMS = ['slack', 'teams'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Who somebody is on a platform, as proved by the platform: ids are what rights rest on, the name is for reading only. */
export interface PersonRef {
  platform: Platform;
  /** Slack user id or Entra object id. */
  id: string;
  /** Slack workspace (or Enterprise organisation) or Entra tenant of the person; empty where the platform did not say. */
  tenant: string;
  name: string;
}

/** What a platform's directory says about somebody. Only a `member` may do anything. */
export type Standing = 'member' | 'guest' | 'external' | 'bot' | 'deactivated' | 'anonymous' | 'unknown';

/** Somebody as they were when their rights were looked at. */
export interface KnownPerson extends PersonRef {
  /**
   * The groups of the platform's directory that the person was found in, of those that the policy named then: Entra groups (object
   * ids in lower case), Slack user groups. Absent where nobody asked. Only a look-up writes them: they give rights.
   */
  groups?: readonly string[];
}

/** A person looked up. */
export interface Person extends KnownPerson {
  standing: Standing;
}

/** The key that names a person across the records: platform and id, never the name. */
export function personKey(person: Pick<PersonRef, 'platform' | 'id'>): string {
  return `${person.platform}:${person.id}`;
}

/** Whether two references mean the same person. */
export function samePerson(a: Pick<PersonRef, 'platform' | 'id'>, b: Pick<PersonRef, 'platform' | 'id'>): boolean {
  return personKey(a) === personKey(b);
}

/** Why somebody of this standing may do nothing here, as a sentence; null for a member. */
export function standingRefusal(standing: Standing): string | null {
  switch (standing) {
    case 'member':
      return null;
    case 'guest':
      return 'Guests may not use live response. Ask a colleague who is a full member.';
    case 'external':
      return 'People from other organisations may not use live response here.';
    case 'bot':
      return 'Apps and bots may not use live response; a person has to ask.';
    case 'deactivated':
      return 'This account is deactivated, so it may not use live response.';
    case 'anonymous':
      return 'Anonymous participants may not use live response. Sign in first.';
    case 'unknown':
      return "I couldn't find out who you are here, so I did nothing. Try again in a minute; if it stays so, “liveresponse doctor” tells whoever runs this bot what it lacks.";
  }
}
