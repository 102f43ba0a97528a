import { z } from 'zod';

const WireCommand = z.looseObject({
  commandStatus: z.string().catch('?'),
  errors: z.array(z.string()).catch([]),
  command: z.looseObject({
    type: z.string().catch('?'),
    params: z.array(z.object({ key: z.string(), value: z.string() })).catch([]),
  }),
});

/** A machine action as on the wire. */
const WireAction = z.looseObject({
  id: z.string(),
  status: z.string(),
  computerDnsName: z.string().catch('?'),
  requestorComment: z.string().catch(''),
  creationDateTimeUtc: z.string().catch(''),
  commands: z.array(WireCommand).catch([]),
});

const ActionShape = z.looseObject({
  runId: z.string().nullable().catch(null),
  final: z.boolean().catch(false),
  action: WireAction,
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
  settings: z.looseObject({ speed: z.number().catch(1) }).catch({ speed: 1 }),
  executions: z.record(z.string(), z.number()).catch({}),
  actions: z.array(z.unknown()).catch([]),
  calls: z.array(z.unknown()).catch([]),
});

export interface Command {
  type: string;
  status: string;
  /** What it does, in one line: `minidump.ps1 OfficeClickToRun`. */
  words: string;
  errors: string[];
}

export interface Action {
  id: string;
  runId: string | null;
  machine: string;
  status: string;
  over: boolean;
  createdAt: number;
  commands: Command[];
  /** How often Defender executed this run; null where the tenant doesn't say. */
  executions: number | null;
}

export type Call = z.output<typeof Call>;

/** Neighbouring calls that differ in their time alone, newest first. */
export interface CallGroup {
  call: Call;
  times: number;
}

export interface Tenant {
  speed: number;
  /** Newest first. */
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
    speed: state.settings.speed,
    actions: each(ActionShape, state.actions).map((one) => readAction(one, state.executions)),
    calls: group(calls),
    callCount: calls.at(-1)?.number ?? 0,
  };
}

function readAction(observed: z.output<typeof ActionShape>, executions: Record<string, number>): Action {
  const { action, runId, final } = observed;
  return {
    id: action.id,
    runId,
    machine: action.computerDnsName.split('.')[0] ?? '',
    status: action.status,
    over: final,
    createdAt: Date.parse(action.creationDateTimeUtc) || 0,
    commands: action.commands.map(({ command, commandStatus, errors }) => ({
      type: command.type,
      status: commandStatus,
      words: command.params.map((param) => param.value).join(' '),
      errors,
    })),
    executions: runId === null ? null : (executions[runId] ?? null),
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
    if (same && call.body === undefined && last.call.body === undefined) last.times += 1;
    else groups.push({ call, times: 1 });
  }
  return groups;
}

/** A call in short: long ids are cut, the API's prefix and what is no part of the API are left out. */
export function callWords(call: Call): string {
  const last = cutIds(call.path.split('/').at(-1) ?? '');
  if (call.server === 'login') return `${call.method} Entra ${last}`;
  if (call.server === 'blob') return `${call.method} download ${last}`;
  const path = cutIds(call.path.replace(/^\/(api|v1\.0)\//, '/'));
  const query = cutIds(decode(call.query));
  return `${call.method} ${path}${query ? `?${query}` : ''}`;
}

const cutIds = (text: string): string => text.replaceAll(/[0-9a-f-]{30,}/gi, (id) => `${id.slice(0, 6)}…`);

function decode(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}

/** How far an action is, from 0 to 1; null while nothing can be said. */
export function progressOf(action: Action): number | null {
  if (action.commands.length === 0) return null;
  const weight = (status: string): number =>
    status === 'Completed' || status === 'Failed' ? 1 : status === 'Executing' ? 0.5 : status === 'Submitted' ? 0.2 : 0;
  return action.commands.reduce((sum, command) => sum + weight(command.status), 0) / action.commands.length;
}
