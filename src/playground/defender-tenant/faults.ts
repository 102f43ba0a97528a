import { z } from 'zod';
import {
  type Answer,
  errorAnswer,
  GATEWAY_NOT_FOUND,
  namedRefusal,
  type RetryAfterForm,
  throttled,
  tooManySessions,
} from './wire.ts';

/** The calls that a fault may lie in wait for. */
const ENDPOINTS = [
  'token',
  'machines',
  'machine',
  'submit',
  'actions',
  'action',
  'result',
  'cancel',
  'library',
  'library_delete',
  'blob',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

const aim = {
  /** Which call it waits for; `any` for whatever comes next. */
  on: z.enum([...ENDPOINTS, 'any']).default('submit'),
  /** For how many calls it lasts. */
  times: z.number().int().min(1).default(1),
  /** Only for the submission of this run, or for calls about this machine (id). */
  runId: z.string().optional(),
  machineId: z.string().optional(),
};

const bare = {
  status: z.number().int().min(200).max(599).default(500),
  body: z.string().default(''),
  contentType: z.string().default('text/html'),
};

const NAMED = [
  'unauthorized',
  'disabled_feature',
  'disallowed_operation',
  'missing_role',
  'unknown_machine',
  'os_not_supported',
  'version_not_supported',
  'busy',
] as const;

/** Faults that answer in place of the real handling: nothing has been done when they strike. */
const earlyShapes = [
  z.strictObject({ kind: z.enum(NAMED), ...aim }),
  z.strictObject({
    kind: z.literal('refuse'),
    status: z.number().int(),
    code: z.string(),
    message: z.string(),
    ...aim,
  }),
  z.strictObject({ kind: z.literal('gateway_404'), ...aim }),
  z.strictObject({ kind: z.literal('bare'), ...bare, ...aim }),
  z.strictObject({
    kind: z.literal('throttle'),
    form: z.enum(['seconds', 'date', 'none']).default('seconds'),
    seconds: z.number().int().min(0).default(5),
    /** Which limit it is about. The code of the one for calls was documented as one word and seen as another. */
    limit: z.enum(['calls', 'sessions']).default('calls'),
    code: z.enum(['429', 'TooManyRequests']).default('429'),
    ...aim,
  }),
  z.strictObject({ kind: z.literal('reset'), ...aim }),
  z.strictObject({ kind: z.literal('hang'), ...aim }),
  z.strictObject({ kind: z.literal('hold'), ...aim }),
] as const;

/** Faults of a submission that would be accepted. All but `foreign` strike after the action was created. */
const lateShapes = [
  z.strictObject({ kind: z.literal('bare_after'), ...bare, ...aim }),
  z.strictObject({ kind: z.literal('reset_after'), ...aim }),
  z.strictObject({ kind: z.literal('hang_after'), ...aim }),
  z.strictObject({ kind: z.literal('hold_after'), ...aim }),
  /** Something on the way asked twice: the first created the action, and what comes back is that one is in progress. */
  z.strictObject({ kind: z.literal('busy_after'), ...aim }),
  /** Answers 2xx with the earlier action of somebody else; nothing is created. */
  z.strictObject({ kind: z.literal('foreign'), ...aim }),
] as const;

/** Faults that shape the action a submission creates, or the end of one that is cancelled. */
const shapingShapes = [
  z.strictObject({
    kind: z.literal('words'),
    status: z.string().optional(),
    commandStatus: z.string().optional(),
    ...aim,
  }),
  z.strictObject({
    kind: z.literal('fail'),
    command: z.number().int().min(0).default(0),
    errors: z.array(z.string()).default(['The command failed on the device.']),
    ...aim,
  }),
  z.strictObject({ kind: z.literal('cancel_race'), ...aim, on: z.literal('cancel').default('cancel') }),
] as const;

/** Short names for what tests often order. */
const shorthandShapes = [
  z.strictObject({ kind: z.literal('result_404'), reads: z.number().int().min(1).default(1) }),
  z.strictObject({ kind: z.literal('cancel_final') }),
] as const;

/** A fault as ordered, in code or as JSON. */
export const faultShape = z.discriminatedUnion('kind', [
  ...earlyShapes,
  ...lateShapes,
  ...shapingShapes,
  ...shorthandShapes,
]);

export type FaultOrder = z.input<typeof faultShape>;
type Shorthand = z.output<(typeof shorthandShapes)[number]>;
export type Fault = Exclude<z.output<typeof faultShape>, Shorthand>;
export type EarlyFault = z.output<(typeof earlyShapes)[number]>;
export type LateFault = z.output<(typeof lateShapes)[number]>;

const EARLY: ReadonlySet<string> = new Set<EarlyFault['kind']>([
  ...NAMED,
  'refuse',
  'gateway_404',
  'bare',
  'throttle',
  'reset',
  'hang',
  'hold',
]);
const LATE: ReadonlySet<string> = new Set<LateFault['kind']>([
  'bare_after',
  'reset_after',
  'hang_after',
  'hold_after',
  'busy_after',
  'foreign',
]);

/** What a fault can be aimed at. */
export interface Target {
  endpoint: Endpoint;
  runId?: string | null;
  machineId?: string | null;
}

/** The faults waiting to strike, in the order they were ordered. */
export interface Faults {
  order(order: FaultOrder): void;
  takeEarly(target: Target): EarlyFault | null;
  takeLate(target: Target): LateFault | null;
  take<K extends 'words' | 'fail' | 'cancel_race'>(kind: K, target: Target): Extract<Fault, { kind: K }> | null;
  pending(): Fault[];
  clear(): void;
}

function expand(order: FaultOrder): Fault {
  const fault = faultShape.parse(order);
  if (fault.kind === 'result_404') {
    const words = { status: 404, code: 'ResourceNotFound', message: 'The result is not ready.' };
    return { kind: 'refuse', on: 'result', times: fault.reads, ...words };
  }
  if (fault.kind === 'cancel_final') {
    return { kind: 'refuse', on: 'cancel', times: 1, status: 400, code: 'BadRequest', message: NOT_CANCELLABLE };
  }
  return fault;
}

/** The text for what can't be cancelled any more; its real code is not documented. */
export const NOT_CANCELLABLE = 'The machine action is not in a status that can be cancelled.';

function fits(fault: Fault, target: Target): boolean {
  return (
    (fault.on === 'any' || fault.on === target.endpoint) &&
    (fault.runId === undefined || fault.runId === target.runId) &&
    (fault.machineId === undefined || fault.machineId === target.machineId)
  );
}

/** Keeps the ordered faults. */
export function createFaults(changed: () => void): Faults {
  let waiting: Fault[] = [];

  function take(of: (fault: Fault) => boolean, target: Target): Fault | null {
    const fault = waiting.find((each) => of(each) && fits(each, target));
    if (fault === undefined) return null;
    fault.times -= 1;
    waiting = waiting.filter((each) => each.times > 0);
    changed();
    return fault;
  }

  return {
    order(order) {
      waiting.push(expand(order));
      changed();
    },
    takeEarly: (target) => take((fault) => EARLY.has(fault.kind), target) as EarlyFault | null,
    takeLate: (target) => take((fault) => LATE.has(fault.kind), target) as LateFault | null,
    take: (kind, target) => take((fault) => fault.kind === kind, target) as never,
    pending: () => [...waiting],
    clear() {
      waiting = [];
      changed();
    },
  };
}

/** What an early fault that answers at all says. */
export function faultAnswer(
  fault: Exclude<EarlyFault, { kind: 'reset' | 'hang' | 'hold' }>,
  now: number,
  tenantId: string,
): Answer {
  switch (fault.kind) {
    case 'refuse':
      return errorAnswer(fault.status, fault.code, fault.message);
    case 'gateway_404':
      return GATEWAY_NOT_FOUND;
    case 'bare':
      return bareAnswer(fault);
    case 'throttle':
      return throttledBy(fault, now, tenantId);
    default:
      return namedRefusal(fault.kind);
  }
}

function throttledBy(fault: Extract<EarlyFault, { kind: 'throttle' }>, now: number, tenantId: string): Answer {
  const form: RetryAfterForm = fault.form;
  return fault.limit === 'sessions'
    ? tooManySessions(form, fault.seconds, { count: 50, now, tenantId })
    : throttled(form, fault.seconds, now, tenantId, fault.code);
}

/** An answer that isn't JSON, or nothing but a status. */
export function bareAnswer(fault: { status: number; body: string; contentType: string }): Answer {
  if (fault.body === '') return { status: fault.status };
  return { status: fault.status, body: fault.body, headers: { 'Content-Type': fault.contentType } };
}
