import { EntraError } from '../../src/errors.ts';
import { BOT, DEFENDER, tokensOf } from './service.ts';

/** One question for a token of a managed identity; null is the system-assigned one. */
export interface Step {
  identity: string | null;
  scope: string;
  /** Says that the token of the step before was not accepted. */
  rejected?: boolean;
}

/** What came of a step, and what was counted for its identity so far. */
export type Outcome = { counted: string[] } & ({ token: string } | { code: string; message: string });

/*
 * A process of its own that asks with the given environment: where managed identities are, MSAL decides once for a whole process.
 * Writes its outcomes as one line of JSON.
 */
const { env, steps } = JSON.parse(process.argv[2] ?? '') as { env: Record<string, string>; steps: Step[] };
Object.assign(process.env, env);

const known = new Map<string | null, ReturnType<typeof tokensOf>>();
const outcomes: Outcome[] = [];
let last: string | null = null;
for (const { identity, scope, rejected } of steps) {
  const credential = { kind: 'managed_identity', clientId: identity } as const;
  const target = identity === null ? DEFENDER : BOT;
  const tokens = known.get(identity) ?? tokensOf('https://login.example', { credential, scope, target });
  known.set(identity, tokens);
  try {
    last = await tokens.get(rejected === true ? last : null);
    outcomes.push({ token: last, counted: [...tokens.counted] });
  } catch (error) {
    if (!(error instanceof EntraError)) throw error;
    outcomes.push({ code: error.code, message: error.message, counted: [...tokens.counted] });
  }
}
for (const tokens of known.values()) tokens.close();
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
