/** What PostgreSQL text cannot hold (NUL) or what is no text at all (half a surrogate pair). */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** Text as the database can hold it: NUL and broken surrogates become U+FFFD, so that pasted or machine text never fails a write. */
export function storable(text: string): string {
  return text.replace(UNSTORABLE, '\uFFFD');
}

/** A value as JSON text for a jsonb column. */
export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}
