import type { Time } from './request.ts';

/** How an application proves to Microsoft Entra that it is itself. */
export type Credential =
  | { kind: 'secret'; secret: string }
  | { kind: 'certificate'; certificate: Certificate }
  /** Of the machine that this runs on. `clientId` null: its system-assigned one. */
  | { kind: 'managed_identity'; clientId: string | null };

/** A certificate of an application with its private key. */
export interface Certificate {
  /** PEM (PKCS#8), not encrypted. */
  privateKey: string;
  /** PEM: the application's own certificate first, then those that issued it. */
  chain: string;
  /** SHA-256 of the application's own certificate, 64 hexadecimal digits in capitals. */
  thumbprint: string;
  /** The last moment at which Entra takes it. */
  expires: Time;
}

/** The values in a credential that must never be seen. */
export function secretsIn(credential: Credential): string[] {
  if (credential.kind === 'secret') return [credential.secret];
  return credential.kind === 'certificate' ? [credential.certificate.privateKey] : [];
}
