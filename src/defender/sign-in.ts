/** Facts of a failed sign-in, as Microsoft Entra tells them. */
export interface SignInFailure {
  /** `AADSTS7000215` without the letters; null where Entra named none. */
  number: string | null;
  description: string;
}

/** What to mend for the failures that a wrong setting brings (learn.microsoft.com: Entra authentication error codes). */
const MENDS: Record<string, string> = {
  '7000215':
    'Microsoft Entra says that the client secret is wrong. Put the value of the secret (not its id) into DEFENDER_CLIENT_SECRET.',
  '7000222': 'The client secret has expired. Make a new one in Microsoft Entra and put it into DEFENDER_CLIENT_SECRET.',
  '7000112': 'The application is switched off in Microsoft Entra. Switch it on under Enterprise applications.',
  '700016':
    'Microsoft Entra knows no such application in this tenant. Check DEFENDER_CLIENT_ID and DEFENDER_TENANT_ID.',
  '90002':
    'Microsoft Entra knows no such tenant. Check DEFENDER_TENANT_ID, and DEFENDER_LOGIN_URL for government clouds.',
  '900023': 'Microsoft Entra knows no such tenant. Check DEFENDER_TENANT_ID.',
  '500011':
    'Microsoft Entra does not know the resource in DEFENDER_SCOPE. Check it for spelling and for the right cloud.',
  '650052': 'The tenant lacks the WindowsDefenderATP application. It needs a Defender for Endpoint licence.',
  '1002012': 'DEFENDER_SCOPE must end in /.default.',
  '70011': 'Microsoft Entra does not accept DEFENDER_SCOPE. It must end in /.default.',
  '53003': 'A Conditional Access policy of the tenant blocks the application. Ask whoever runs Microsoft Entra.',
};

/** One sentence that says what to mend. */
export function signInSentence(failure: SignInFailure): string {
  const mend = failure.number === null ? undefined : MENDS[failure.number];
  if (mend !== undefined) return `I can't sign in to Defender. ${mend} (AADSTS${failure.number})`;
  const words = firstWords(failure.description);
  return `I can't sign in to Defender. Microsoft Entra said: ${words === '' ? 'nothing' : words}`;
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
