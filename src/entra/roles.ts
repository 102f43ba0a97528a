import { z } from 'zod';

const claimsShape = z.object({ roles: z.array(z.string()).optional() });

/** The application permissions that a token grants; none where it can't be read. Nothing is verified: for display only. */
export function rolesOf(token: string): string[] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return claimsShape.parse(claims).roles ?? [];
  } catch {
    return [];
  }
}
