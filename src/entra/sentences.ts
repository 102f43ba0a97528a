import type { IdentitySettings } from '../config/identity.ts';
import type { Certificate, Credential } from '../model/credential.ts';

/** What a token is for, as sentences for people name it, and the variables that decide whether it comes. */
export interface Target {
  /** As it stands after “sign in to”: “Defender”, “the Bot Framework”. */
  name: string;
  settings: IdentitySettings;
  /** What to mend for failures that only this target has, by the number after AADSTS. */
  mends?: Readonly<Record<string, string>>;
}

/** Facts of a failed sign-in, as Microsoft Entra tells them. */
export interface SignInFailure {
  /** `AADSTS7000215` without the letters; null where Entra named none. */
  number: string | null;
  description: string;
}

/** What to mend for the failures that a wrong setting brings (learn.microsoft.com: Entra authentication error codes). */
function mendsFor(names: IdentitySettings): Record<string, string | undefined> {
  const login = names.login === undefined ? '' : `, and ${names.login} for government clouds`;
  return {
    '7000215': `Microsoft Entra says that the client secret is wrong. Put the value of the secret (not its id) into ${names.secret}.`,
    '7000222': `The client secret has expired. Make a new one in Microsoft Entra and put it into ${names.secret}.`,
    '700027': `Microsoft Entra doesn't know the certificate in ${names.certificate}. Upload it there, under Certificates & secrets of the application.`,
    '700024': 'Microsoft Entra finds our signature too old or too new. Check the clock of this machine.',
    '7000112': 'The application is switched off in Microsoft Entra. Switch it on under Enterprise applications.',
    '700016': `Microsoft Entra knows no such application in this tenant. Check ${names.client} and ${names.tenant}.`,
    '90002': `Microsoft Entra knows no such tenant. Check ${names.tenant}${login}.`,
    '900023': `Microsoft Entra knows no such tenant. Check ${names.tenant}.`,
    '53003': 'A Conditional Access policy of the tenant blocks the application. Ask whoever runs Microsoft Entra.',
    ...(names.scope === undefined ? {} : scopeMends(names.scope)),
  };
}

function scopeMends(scope: string): Record<string, string> {
  return {
    '500011': `Microsoft Entra does not know the resource in ${scope}. Check it for spelling and for the right cloud.`,
    '1002012': `${scope} must end in /.default.`,
    '70011': `Microsoft Entra does not accept ${scope}. It must end in /.default.`,
  };
}

/** One sentence that says what to mend. */
export function signInSentence(target: Target, credential: Credential, failure: SignInFailure): string {
  const start = `I can't sign in to ${target.name}.`;
  const words = firstWords(failure.description) || 'nothing';
  if (credential.kind === 'managed_identity') {
    const mend = `Check ${target.settings.managedIdentity}, and that this machine has that identity.`;
    return `${start} This machine's managed identity endpoint said: ${words.replace(/\.$/, '')}. ${mend}`;
  }
  const { number } = failure;
  const mend = number === null ? undefined : (target.mends?.[number] ?? mendsFor(target.settings)[number]);
  const which = credential.kind === 'certificate' ? ` ${certificateWords(credential.certificate)}` : '';
  if (mend !== undefined) return `${start} ${mend}${number === '700027' ? which : ''} (AADSTS${number})`;
  return `${start} Microsoft Entra said: ${words}`;
}

/** Of a certificate that ran out while the process was running: Entra would say less. */
export function expiredSentence(target: Target, certificate: Certificate): string {
  const mend = 'Make a new one, upload it in Microsoft Entra, put it into the file and restart.';
  const { certificate: name } = target.settings;
  return `I can't sign in to ${target.name}. The certificate in ${name} expired on ${day(certificate.expires)}. ${mend}`;
}

/** Of a token service that gave no answer; `why` is empty where nothing is known. */
export function unreachableSentence(credential: Credential, why: string): string {
  const reason = why === '' ? '' : ` (${why})`;
  if (credential.kind !== 'managed_identity') return `The sign-in service of Microsoft Entra doesn't answer${reason}.`;
  return `The managed identity endpoint of this machine doesn't answer${reason}. It is there on Azure's own machines only.`;
}

function certificateWords({ thumbprint, expires }: Certificate): string {
  return `Its SHA-256 thumbprint is ${thumbprint}, and it is valid until ${day(expires)}.`;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The beginning of Entra's text: what follows are ids for support, and nothing there helps a person. */
function firstWords(description: string): string {
  const text = description.replace(/\s+/g, ' ').replace(/^.*?Description:\s*/, '');
  return (
    text
      .split(/\s*-?\s*(?:Trace ID|Correlation ID|Timestamp):/)[0]
      ?.trim()
      .slice(0, 300) ?? ''
  );
}
