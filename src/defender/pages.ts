import type { z } from 'zod';
import { DefenderError } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import type { Api, Read } from './http.ts';
import { pageShape } from './wire.ts';

/** At most so many pages of a collection are read, unless fewer are wanted. */
const MAX_PAGES = 20;

/**
 * What a collection may be without being a failure. Where a decision rests on something being absent, neither.
 * `none404`: 404 means that there is nothing. `skipUnreadable`: an entry that isn't understood is logged and left out.
 * `pages`: at most so many of them; a collection with more is a failure.
 */
export interface Leniency {
  none404?: boolean;
  skipUnreadable?: boolean;
  pages?: number;
}

/** What of each page is kept: the rest of a large collection needn't be held. */
interface Keep<T extends z.ZodType> {
  keep?: (entry: z.output<T>) => boolean;
}

/** Reads a whole collection, page after page. Throws DefenderError. */
export async function readAll<T extends z.ZodType>(
  deps: { api: Api; log: Log },
  read: Read,
  shape: T,
  leniency: Leniency & Keep<T> = {},
): Promise<z.output<T>[]> {
  const { keep = () => true } = leniency;
  const entries: z.output<T>[] = [];
  const seen = new Set<string>();
  for (let path = read.path; ; ) {
    const page = await readPage(deps.api, { ...read, path }, leniency);
    entries.push(...entriesOf(deps.log, read, page, shape, leniency).filter(keep));
    seen.add(path);
    const next = page['@odata.nextLink'] ?? '';
    if (next === '') return entries;
    // A circle, or a collection without end, must not keep the budget of reads busy.
    if (seen.has(next) || seen.size >= (leniency.pages ?? MAX_PAGES)) {
      throw new DefenderError('defender_unexpected', 'Defender has more than I can take. Ask more narrowly.');
    }
    path = next;
  }
}

/** Reads one page of a collection, of at most `top` entries, whether or not there are more. Throws DefenderError. */
export async function readFirst<T extends z.ZodType>(
  deps: { api: Api; log: Log },
  read: Read,
  shape: T,
  { top, ...leniency }: Leniency & { top: number },
): Promise<{ entries: z.output<T>[]; mayBeMore: boolean }> {
  const page = await readPage(deps.api, read, leniency);
  // Where `$top` has cut the answer, nothing says so: the page is full, and without a nextLink.
  const mayBeMore = (page['@odata.nextLink'] ?? '') !== '' || page.value.length >= top;
  return { entries: entriesOf(deps.log, read, page, shape, leniency), mayBeMore };
}

type Page = z.output<typeof pageShape>;

function entriesOf<T extends z.ZodType>(log: Log, read: Read, page: Page, shape: T, leniency: Leniency): z.output<T>[] {
  return page.value.flatMap((entry) => {
    const parsed = shape.safeParse(entry);
    if (parsed.success) return [parsed.data];
    if (leniency.skipUnreadable !== true) {
      throw new DefenderError('defender_unexpected', "Defender answered something that I don't understand.");
    }
    log.warn({ endpoint: read.endpoint }, 'Defender sent an entry that is not understood');
    return [];
  });
}

async function readPage(api: Api, read: Read, leniency: Leniency): Promise<Page> {
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
