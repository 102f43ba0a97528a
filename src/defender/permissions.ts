import type { Trouble } from './trouble.ts';

/** The names under which calls are counted and logged. */
export type Endpoint =
  | 'machines'
  | 'machine'
  | 'library'
  | 'library_delete'
  | 'actions'
  | 'action'
  | 'result_link'
  | 'download'
  | 'submit'
  | 'cancel';

/** The application permission of WindowsDefenderATP that each call needs (facts 2.2, 3, 4, 5); a link is its own key. */
const NEEDED: Record<Endpoint, string | null> = {
  machines: 'Machine.Read.All',
  machine: 'Machine.Read.All',
  actions: 'Machine.Read.All',
  action: 'Machine.Read.All',
  result_link: 'Machine.Read.All',
  library: 'Library.Manage',
  library_delete: 'Library.Manage',
  submit: 'Machine.LiveResponse',
  cancel: 'Machine.LiveResponse',
  download: null,
};

/** Ends a sentence about a permission; who reads it from doctor itself is spared it. */
export const SEE_DOCTOR = 'liveresponse doctor checks it.';

/** Which permission a call needs, where it is granted, and what tells whether it is. */
export function permissionFor(endpoint: Endpoint): string {
  const permission = NEEDED[endpoint];
  if (permission === null) return 'liveresponse doctor checks its permissions.';
  return `It needs the application permission ${permission}: in Entra, App registrations, API permissions, WindowsDefenderATP, with admin consent. ${SEE_DOCTOR}`;
}

/** Codes under which Defender says 403 for another reason than a missing permission. */
export const NOT_ALLOWED: Record<string, string> = {
  DisabledFeature:
    'Live response is switched off in Defender. Switch it on under Settings > Endpoints > Advanced features; servers have a switch of their own.',
  DisallowedOperation: 'Defender does not allow this on this machine.',
};

/** What a 403 means, without Defender's own words. */
export function forbiddenSentence(trouble: Trouble, endpoint: Endpoint): string {
  const other = Object.hasOwn(NOT_ALLOWED, trouble.code) ? NOT_ALLOWED[trouble.code] : undefined;
  return other ?? `Defender doesn't allow this to the application. ${permissionFor(endpoint)}`;
}
