import { NOT_ALLOWED, permissionFor } from './permissions.ts';
import { said } from './read-errors.ts';
import type { Trouble } from './trouble.ts';

/** A refusal that proves that nothing was executed, as a sentence for people with Defender's own words in it. */
export interface Refusal {
  code: string;
  message: string;
}

/** What Defender's codes mean and what to do (facts: common errors of the API, and codes seen in the field). */
const MEANINGS: Record<string, string> = {
  ...NOT_ALLOWED,
  Forbidden: `Defender does not allow the application to use live response. ${permissionFor('submit')}`,
  OsPlatformNotSupported: "Defender has no live response for this machine's operating system.",
  ClientVersionNotSupported: "Defender's agent on this machine is too old for live response. Update it.",
  NotFound: 'Defender does not know this machine any more. Look it up again.',
  ResourceNotFound: 'Defender does not know this machine any more. Look it up again.',
  BadRequest: 'Defender does not accept the request. Check script, file names and arguments.',
  ODataError: 'Defender does not accept the request.',
  InvalidInput: 'Defender does not accept the request. Check script, file names and arguments.',
  InvalidRequestBody: 'Defender does not accept the request. Check script, file names and arguments.',
  MissingRequiredParameter: 'Defender misses something in the request.',
  MaximumBatchSizeExceeded: 'These are too many commands for one session. Ask for fewer at once.',
};

/** The HTTP status under which each code is known; under another it proves nothing. */
const STATUS: Record<string, number> = {
  DisabledFeature: 403,
  DisallowedOperation: 403,
  Forbidden: 403,
  NotFound: 404,
  ResourceNotFound: 404,
};

const GATEWAY_NOT_FOUND = "Defender does not know this address. Check DEFENDER_API_URL and the machine's id.";

/** The definite refusal in an answer to a submission; null where its words aren't among those known to be one. */
export function refusalOf(trouble: Trouble): Refusal | null {
  const { status, code, shape } = trouble;
  if (status === 401) return unauthorized(trouble);
  if (status === 404 && shape === 'gateway') return refusal('NotFound', GATEWAY_NOT_FOUND, trouble);
  if (status === 403 && lacksPermission(trouble)) return refusal('Forbidden', MEANINGS.Forbidden, trouble);
  const meaning = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined;
  if (meaning === undefined || status !== (STATUS[code] ?? 400)) return null;
  return refusal(code, meaning, trouble);
}

/** Whether the machine is at work for somebody, perhaps for us: `ActiveRequestAlreadyExists`, or the words that go with it. */
export function isBusy(trouble: Trouble): boolean {
  if (trouble.status !== 400) return false;
  return trouble.code === 'ActiveRequestAlreadyExists' || /\balready in progress\b/i.test(trouble.message);
}

function unauthorized(trouble: Trouble): Refusal {
  const meaning = "Defender doesn't accept the application's token. Check DEFENDER_SCOPE and DEFENDER_TENANT_ID.";
  return refusal('Unauthorized', meaning, trouble);
}

function lacksPermission(trouble: Trouble): boolean {
  return /required application permissions|missing application roles/i.test(trouble.message);
}

function refusal(code: string, meaning: string | undefined, trouble: Trouble): Refusal {
  return { code, message: `${meaning ?? 'Defender refused.'}${said(trouble)}` };
}
