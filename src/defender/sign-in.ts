import { DEFENDER_IDENTITY } from '../config/identity.ts';
import type { Target, Tokens } from '../entra/index.ts';
import { DefenderError, EntraError } from '../errors.ts';

/** Defender, as sentences about signing in name it. */
export const DEFENDER: Target = {
  name: 'Defender',
  settings: DEFENDER_IDENTITY,
  mends: {
    '650052': 'The tenant lacks the WindowsDefenderATP application. It needs a Defender for Endpoint licence.',
  },
};

/** The same tokens, whose troubles are Defender's to whoever asks Defender. */
export function forDefender(tokens: Tokens): Tokens {
  return {
    async get(options) {
      try {
        return await tokens.get(options);
      } catch (error) {
        if (!(error instanceof EntraError)) throw error;
        const code = error.code === 'entra_unreachable' ? 'defender_unreachable' : 'defender_sign_in';
        throw new DefenderError(code, error.message);
      }
    },
  };
}
