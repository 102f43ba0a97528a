import type { z } from 'zod';
import { DefenderError } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import type { Api, Read } from './http.ts';
import { pageShape } from './wire.ts';

/** At most so many pages of a collection are read. */
const MAX_PAGES = 20;

/**
 * What a collection may be without being a failure. Where a decision rests on something being absent, neither.
 * `none404`: 404 means that there is nothing. `skipUnreadable`: an entry that isn't understood is logged and left out.
 * `firstPage`: the rest isn't wanted.
 */
export interface Leniency {
  none404?: boolean;
  skipUnreadable?: boolean;
  firstPage?: boolean;
}

/** Reads a whole collection, page after page. Throws DefenderError. */
export async function readAll<T extends z.ZodType>(
  deps: { api: Api; log: Log },
  read: Read,
  shape: T,
  leniency: Leniency = {},
): Promise<z.output<T>[]> {
  const entries: z.output<T>[] = [];
  const seen = new Set<string>();
  for (let path = read.path; ; ) {
    const page = await readPage(deps.api, { ...read, path }, leniency);
    for (const entry of page.value) {
      const parsed = shape.safeParse(entry);
      if (parsed.success) entries.push(parsed.data);
      else if (leniency.skipUnreadable === true) {
        deps.log.warn({ endpoint: read.endpoint }, 'Defender sent an entry that is not understood');
      } else throw new DefenderError('defender_unexpected', "Defender answered something that I don't understand.");
    }
    seen.add(path);
    const next = page['@odata.nextLink'] ?? '';
    if (next === '' || leniency.firstPage === true) return entries;
    // A circle, or a collection without end, must not keep the budget of reads busy.
    if (seen.has(next) || seen.size >= MAX_PAGES) {
      throw new DefenderError('defender_unexpected', 'Defender has more than I can take. Ask more narrowly.');
    }
    path = next;
  }
}

async function readPage(api: Api, read: Read, leniency: Leniency): Promise<z.output<typeof pageShape>> {
  try {
    return await api.read(read, pageShape);
  } catch (error) {
    const none = leniency.none404 === true && error instanceof DefenderError && error.code === 'defender_not_found';
    if (none) return { value: [] };
    throw error;
  }
}

/** A text as an OData literal. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A query string of OData options, encoded. */
export function query(options: Record<string, string | number>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}
