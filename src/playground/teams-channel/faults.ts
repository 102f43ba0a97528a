import { z } from 'zod';

/** What a call of the bot is about. */
export const Operation = z.enum(['create', 'post', 'edit', 'member', 'members', 'token', 'graph', 'openid', 'keys']);
export type Operation = z.output<typeof Operation>;

/** Trouble for the next calls of the bot. */
export const Fault = z.strictObject({
  /** `status`: an answer with that status; `reset`: the connection is cut; `hang`: no answer; `slow`: the right answer, late; `garbage`: 200 and no JSON. */
  kind: z.enum(['status', 'reset', 'hang', 'slow', 'garbage']),
  /** Which call it waits for; any when left out. */
  on: Operation.optional(),
  /** Only calls about this conversation, whatever the thread. */
  conversation: z.string().optional(),
  /** How many calls it meets. */
  times: z.int().positive().default(1),
  /** Whether the call took effect before things went wrong. */
  after: z.boolean().default(false),
  status: z.int().min(200).max(599).default(500),
  /** The service's code in the body: `MessageWritesBlocked`, `BotNotInConversationRoster`. No body without one. */
  code: z.string().optional(),
  message: z.string().default('Trouble on demand.'),
  headers: z.record(z.string(), z.string()).default({}),
  /** Milliseconds, for `slow`. */
  delay: z.int().positive().default(1000),
});

export type Fault = z.output<typeof Fault>;
export type FaultInput = z.input<typeof Fault>;

/** The faults that are waiting; each is used up after its number of calls. */
export function createFaults() {
  const waiting: Fault[] = [];
  return {
    add(input: FaultInput): void {
      waiting.push(Fault.parse(input));
    },
    clear(): void {
      waiting.length = 0;
    },
    /** The fault that meets this call, if any. */
    take(operation: Operation, conversation: string | null): Fault | null {
      const index = waiting.findIndex(
        (fault) =>
          (fault.on === undefined || fault.on === operation) &&
          (fault.conversation === undefined || fault.conversation === conversation),
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
