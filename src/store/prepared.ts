import type { ClientBase } from 'pg';

/** Uses of one text before it is prepared: what runs a few times, as while tables are made, isn't worth it. */
const OFTEN = 10;
/** Texts at the same time. */
const MOST = 200;
/** What has no choice of ways to find rows, which would be made once for tables that are small at the start and grow. */
const INSERT = /^\s*insert\s/i;

type Query = (...sent: unknown[]) => unknown;

/**
 * Has a session keep what it made of inserts that come again and again: parsing and planning is half of what the job of a command costs,
 * and a third of all that its acknowledgement does. Only for a session that lives as long as its process.
 */
export function prepareInserts(client: ClientBase): void {
  const known = new Map<string, { uses: number; name: string }>();
  const query = client.query.bind(client) as Query;
  const nameOf = (text: string): string | undefined => {
    const use = known.get(text) ?? { uses: 0, name: `insert_${known.size}` };
    use.uses += 1;
    if (use.uses === 1 && known.size < MOST) known.set(text, use);
    return use.uses > OFTEN ? use.name : undefined;
  };
  const prepared: Query = (...sent) => {
    const [text, values, ...rest] = sent;
    const name = typeof text === 'string' && Array.isArray(values) && INSERT.test(text) ? nameOf(text) : undefined;
    return name === undefined ? query(...sent) : query({ name, text, values }, ...rest);
  };
  client.query = prepared as typeof client.query;
}
