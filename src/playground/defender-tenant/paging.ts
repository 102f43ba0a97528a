import { type Fields, parseFilter } from './odata.ts';
import { refusal } from './wire.ts';

const OPTIONS = new Set(['$filter', '$top', '$skip', '$orderby', '$count']);
const MAX_TOP = 10_000;

const bad = (message: string) => refusal(400, 'ODataError', `The query specified in the URI is not valid. ${message}`);

function single(query: URLSearchParams, name: string): string | null {
  const values = query.getAll(name);
  if (values.length > 1) throw bad(`Query option '${name}' was specified more than once.`);
  return values[0] ?? null;
}

function count(query: URLSearchParams, name: string, max: number): number | null {
  const value = single(query, name);
  if (value === null) return null;
  if (!/^\d+$/.test(value) || Number(value) > max)
    throw bad(`'${value}' is out of range for ${name} (at most ${max}).`);
  return Number(value);
}

function sort<T>(entries: T[], order: string, fields: Fields<T>): T[] {
  const match = /^(\w+)(?:\s+(asc|desc))?$/i.exec(order.trim());
  const field = match?.[1] === undefined || !Object.hasOwn(fields, match[1]) ? undefined : fields[match[1]];
  if (field === undefined) throw bad(`Cannot order by '${order}'.`);
  const sign = match?.[2]?.toLowerCase() === 'desc' ? -1 : 1;
  const key = (entry: T) => {
    const value = field.of(entry);
    return typeof value === 'number' ? value : String(value ?? '');
  };
  return entries.toSorted((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
}

/** One page of a collection as the service answers it, with `@odata.nextLink` where the page cut the answer short. */
export function pageOf<T>(
  entries: readonly T[],
  query: URLSearchParams,
  setup: {
    fields: Fields<T>;
    toWire: (entry: T) => unknown;
    pageSize: number;
    /** The collection's own address, without a query. */
    url: string;
    context: string;
  },
): Record<string, unknown> {
  for (const name of query.keys()) {
    if (!OPTIONS.has(name)) throw bad(`The query parameter '${name}' is not supported.`);
  }
  const filter = single(query, '$filter');
  const order = single(query, '$orderby');
  let found = filter === null ? [...entries] : entries.filter(parseFilter(filter, setup.fields));
  if (order !== null) found = sort(found, order, setup.fields);
  const skip = count(query, '$skip', Number.MAX_SAFE_INTEGER) ?? 0;
  const top = count(query, '$top', MAX_TOP) ?? Number.POSITIVE_INFINITY;
  const size = Math.min(top, setup.pageSize);
  const page = found.slice(skip, skip + size);
  const wantsMore = top > setup.pageSize && found.length > skip + size;
  return {
    '@odata.context': setup.context,
    ...(single(query, '$count') === 'true' ? { '@odata.count': found.length } : {}),
    value: page.map(setup.toWire),
    ...(wantsMore ? { '@odata.nextLink': nextLink(setup.url, query, skip + size, top - size) } : {}),
  };
}

function nextLink(url: string, query: URLSearchParams, skip: number, top: number): string {
  const next = new URLSearchParams(query);
  next.set('$skip', String(skip));
  if (Number.isFinite(top)) next.set('$top', String(top));
  return `${url}?${next}`;
}
