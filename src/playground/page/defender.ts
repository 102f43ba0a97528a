import { z } from 'zod';

const Command = z.looseObject({
  type: z.string(),
  status: z.string(),
  params: z.array(z.object({ key: z.string(), value: z.string() })).catch([]),
  errors: z.array(z.string()).catch([]),
});

const Action = z.looseObject({
  id: z.string(),
  status: z.string(),
  computerDnsName: z.string().catch('?'),
  comment: z.string().catch(''),
  createdAt: z.number().catch(0),
  commands: z.array(Command).catch([]),
});

const Call = z.looseObject({
  number: z.number(),
  at: z.number(),
  server: z.string().catch('api'),
  method: z.string(),
  path: z.string(),
  query: z.string().catch(''),
  status: z.number().nullable(),
  ms: z.number().nullable().catch(null),
  body: z.unknown().optional(),
});

/** The simulated tenant, as far as the page can read it: what is missing or odd is left out, never an error. */
const Defender = z.looseObject({
  speed: z.number().catch(1),
  executions: z.record(z.string(), z.number()).catch({}),
  actions: z.array(z.unknown()).catch([]),
  calls: z.array(z.unknown()).catch([]),
});

export type Action = z.output<typeof Action>;
export type Command = z.output<typeof Command>;
export type Call = z.output<typeof Call>;

/** Neighbouring calls that differ in their time alone, newest first. */
export interface CallGroup {
  call: Call;
  times: number;
}

export interface Tenant {
  speed: number;
  /** How often Defender executed each run. */
  executions: [string, number][];
  actions: Action[];
  calls: CallGroup[];
  callCount: number;
}

/** Reads the tenant's state. */
export function readTenant(raw: unknown): Tenant {
  const parsed = Defender.safeParse(raw);
  const state = parsed.success ? parsed.data : Defender.parse({});
  const calls = each(Call, state.calls);
  return {
    speed: state.speed,
    executions: Object.entries(state.executions),
    actions: each(Action, state.actions).sort((a, b) => b.createdAt - a.createdAt),
    calls: group(calls),
    callCount: calls.at(-1)?.number ?? 0,
  };
}

function each<T>(shape: z.ZodType<T>, items: unknown[]): T[] {
  return items.flatMap((item) => {
    const parsed = shape.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
}

function group(calls: Call[]): CallGroup[] {
  const groups: CallGroup[] = [];
  for (const call of calls.toReversed()) {
    const last = groups.at(-1);
    const same = last && callWords(last.call) === callWords(call) && last.call.status === call.status;
    if (same && call.body === undefined) last.times += 1;
    else groups.push({ call, times: 1 });
  }
  return groups;
}

/** A call in short: long ids are cut, the API's prefix is left out. */
export function callWords(call: Call): string {
  const path = call.path.replace(/^\/(api|v1\.0)\//, '/').replaceAll(/[0-9a-f-]{30,}/gi, (id) => `${id.slice(0, 6)}…`);
  const query = decode(call.query).replaceAll(/[0-9a-f-]{30,}/gi, (id) => `${id.slice(0, 6)}…`);
  return `${call.method} ${path}${query && call.server === 'api' ? `?${query}` : ''}`;
}

function decode(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}

/** What a command does, in one line: `minidump.ps1 OfficeClickToRun`. */
export const commandWords = (command: Command): string => command.params.map((param) => param.value).join(' ');

/** `LR-8K3F2Q.1` from the beginning of a comment. */
export const runIdOf = (comment: string): string | null => /^\[([^\]]+)\]/.exec(comment)?.[1] ?? null;

/** How far an action is, from 0 to 1; null while nothing can be said. */
export function progressOf(action: Action): number | null {
  if (action.commands.length === 0) return null;
  const weight = (status: string): number =>
    status === 'Completed' || status === 'Failed' ? 1 : status === 'Executing' ? 0.5 : status === 'Submitted' ? 0.2 : 0;
  return action.commands.reduce((sum, command) => sum + weight(command.status), 0) / action.commands.length;
}

/** Whether nothing more will happen to an action. */
export const isOver = (action: Action): boolean => !['Pending', 'InProgress'].includes(action.status);
