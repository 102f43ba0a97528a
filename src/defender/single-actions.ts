import { DefenderError } from '../errors.ts';
import type { Clock, MachineAction } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import type { Api } from './http.ts';
import { machineActionShape } from './wire.ts';

/** Reads of single actions in one go, so that they leave room for others in the budget. */
const IN_A_GO = { listed: 5, alone: 10 };
/** An action that lists don't show yet isn't asked about more often. Milliseconds. */
const PAUSE = 10_000;

/** Looks at actions one by one, for what lists don't show: a few at a time, those longest unseen first. */
export interface SingleActions {
  /** What is known of these actions after a few looks. `listed`: a list was answered, so what isn't known isn't there (yet). */
  look(ids: readonly string[], listed: boolean): Promise<MachineAction[]>;
  /** Forgets all others. */
  keep(ids: readonly string[]): void;
}

/** Creates the looks; what they saw is kept until the next look at the same action. */
export function createSingleActions({ api, clock }: { api: Api; clock: Clock }): SingleActions {
  /** Null: Defender doesn't know it. */
  const seen = new Map<string, { at: Time; action: MachineAction | null }>();

  async function read(id: string): Promise<MachineAction | null> {
    try {
      const single = { endpoint: 'action', path: `/machineactions/${id}`, purpose: 'run' } as const;
      const action = await api.read(single, machineActionShape);
      return action.id.toLowerCase() === id.toLowerCase() ? action : null;
    } catch (error) {
      if (error instanceof DefenderError && error.code === 'defender_not_found') return null;
      throw error;
    }
  }

  return {
    async look(ids, listed) {
      const lastLook = (id: string) => seen.get(id)?.at ?? 0;
      const due = ids.filter((id) => !listed || clock.now() - lastLook(id) >= PAUSE);
      due.sort((a, b) => lastLook(a) - lastLook(b));
      for (const id of due.slice(0, listed ? IN_A_GO.listed : IN_A_GO.alone)) {
        seen.set(id, { at: clock.now(), action: await read(id) });
      }
      // Nothing may pass for gone because its turn hasn't come; the next call goes on with the rest.
      if (!listed && ids.some((id) => !seen.has(id))) {
        throw new DefenderError('defender_throttled', 'There are more actions than I can look at one by one at once.');
      }
      return ids.flatMap((id) => seen.get(id)?.action ?? []);
    },
    keep(ids) {
      const kept = new Set(ids);
      for (const id of seen.keys()) if (!kept.has(id)) seen.delete(id);
    },
  };
}
