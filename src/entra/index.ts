export { rolesOf } from './roles.ts';
export { createTokens, type Outcome, type Target, type TokenOptions, type Tokens } from './tokens.ts';
