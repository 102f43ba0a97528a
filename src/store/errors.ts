import { AppError } from '../errors.ts';

/** SQLSTATE of what went wrong, or Node's code of a network error; null for anything else. */
function codeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

/** Whether a unique index refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === '23505';
}

/** Whether a table isn't there. */
export function isMissingTable(error: unknown): boolean {
  return codeOf(error) === '42P01';
}

/** Deadlock and serialization failure: both transactions were right, one goes again. */
const RACES = new Set(['40001', '40P01']);
/** Class 08 (connection), 28 (sign-in), 3D (no such database), 53 (resources), 57P (shutdown), and Node's own words. */
const UNREACHABLE =
  /^(08|28|3D|53|57P)|^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|EHOSTUNREACH|EAI_AGAIN|ENETUNREACH|EACCES|ENOENT)$/;

/** What a database error means for us: AppError `conflict` for lost races, `database` for an absent server; else the error itself. */
export function translate(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  if (code === null) return error;
  if (RACES.has(code)) {
    return new AppError('conflict', 'Somebody else changed this at the same moment. Try again.', { cause: error });
  }
  if (UNREACHABLE.test(code)) {
    return new AppError('database', `The database doesn't answer (${code}). Nothing was changed; try again shortly.`, {
      cause: error,
    });
  }
  return error;
}
