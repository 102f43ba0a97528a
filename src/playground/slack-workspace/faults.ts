import { z } from 'zod';

/** Trouble for the next Web API calls. */
export const Fault = z.strictObject({
  /** `status`: an HTTP status without meaning; `rate_limited`: 429; `error`: ok:false; `hang`: no answer; `reset`: the connection is cut. */
  kind: z.enum(['status', 'rate_limited', 'error', 'hang', 'reset']),
  /** `chat.postMessage`; `response_url` for those; any call when left out. */
  method: z.string().optional(),
  channel: z.string().optional(),
  /** How many calls it meets. */
  times: z.int().positive().default(1),
  /** Whether the call took effect before things went wrong. */
  applied: z.boolean().default(false),
  status: z.int().min(300).max(599).default(500),
  /** How long a caller waits for one that hangs before it gives up, in milliseconds of the workspace's clock; for ever unless set. */
  lasts: z.int().positive().optional(),
  /** Seconds. */
  retryAfter: z.int().positive().default(1),
  /** Slack's code, for `error`. */
  error: z.string().default('internal_error'),
});

export type Fault = z.output<typeof Fault>;
export type FaultInput = z.input<typeof Fault>;

/** Lets so many milliseconds pass on the workspace's clock. */
export type Wait = (milliseconds: number) => Promise<void>;

/** A call as trouble sees it, before anything is done. */
export interface Incoming {
  method: string;
  channel: string | null;
  args: Readonly<Record<string, unknown>>;
}

/** What brings trouble by the clock or by chance, besides the faults that were planned; null: this call goes well. */
export type Trouble = (call: Incoming) => FaultInput | null;

/** The faults that are waiting; each is used up after its number of calls. */
export function createFaults(options: { trouble?: Trouble | undefined; wait?: Wait | undefined } = {}) {
  const waiting: Fault[] = [];
  return {
    /** How the workspace lets time pass; null: it doesn't know when a caller loses patience. */
    wait: options.wait ?? null,
    add(input: FaultInput): void {
      waiting.push(Fault.parse(input));
    },
    clear(): void {
      waiting.length = 0;
    },
    /** The fault that meets this call, if any. */
    take({ method, channel, args }: Incoming): Fault | null {
      const drawn = options.trouble?.({ method, channel, args }) ?? null;
      if (drawn !== null) return Fault.parse(drawn);
      const index = waiting.findIndex(
        (fault) =>
          (fault.method === undefined || fault.method === method) &&
          (fault.channel === undefined || fault.channel === channel),
      );
      const fault = waiting[index];
      if (!fault) return null;
      fault.times -= 1;
      if (fault.times === 0) waiting.splice(index, 1);
      return fault;
    },
  };
}

export type Faults = ReturnType<typeof createFaults>;
