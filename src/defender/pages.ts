import type { z } from 'zod';
import { DefenderError } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import type { Api, Read } from './http.ts';
import { pageShape } from './wire.ts';

/** At most so many pages of a collection are read. */
const MAX_PAGES = 20;

/** Reads a whole collection, page after page. An entry that can't be read is left out and logged; 404 is an empty one. */
export async function readAll<T extends z.ZodType>(
  deps: { api: Api; log: Log },
  read: Read,
  shape: T,
): Promise<z.output<T>[]> {
  const entries: z.output<T>[] = [];
  const seen = new Set<string>();
  for (let path = read.path; ; ) {
    const page = await readPage(deps.api, { ...read, path });
    for (const entry of page.value) {
      const parsed = shape.safeParse(entry);
      if (parsed.success) entries.push(parsed.data);
      else deps.log.warn({ endpoint: read.endpoint }, 'Defender sent an entry that is not understood');
    }
    seen.add(path);
    const next = page['@odata.nextLink'] ?? '';
    if (next === '') return entries;
    // A circle, or a collection without end, must not keep the budget of reads busy.
    if (seen.has(next) || seen.size >= MAX_PAGES) {
      throw new DefenderError('defender_unexpected', 'Defender has more than I can take. Ask more narrowly.');
    }
    path = next;
  }
}

async function readPage(api: Api, read: Read): Promise<z.output<typeof pageShape>> {
  try {
    return await api.read(read, pageShape);
  } catch (error) {
    if (error instanceof DefenderError && error.code === 'defender_not_found') return { value: [] };
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
