/** A JSON object, as far as anybody knows. */
export type Json = Record<string, unknown>;

/** The value as an object; null for anything else, lists included. */
export const object = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;

/** The objects of a list; none where it isn't a list. */
export const objects = (value: unknown): Json[] =>
  Array.isArray(value) ? value.flatMap((item): Json[] => [object(item)].filter((one) => one !== null)) : [];

/** The value as text; empty for anything else. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The parsed text; undefined where it isn't JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
