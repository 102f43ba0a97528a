import type { DefenderTenant } from '../../src/playground/defender-tenant/index.ts';

/** How an action with one command stands. */
export interface Standing {
  status: string;
  command: string;
}

/** When actions changed at a tenant, and when that was known. */
export interface Ledger {
  /** Somebody knows now that an action stands so. */
  knows(actionId: string, standing: Standing, at: number): void;
  /** Milliseconds from each change to the knowledge of it. Throws where one was never known. */
  lags(): number[];
  close(): void;
}

interface Change {
  words: string;
  at: number;
  knownAt: number | null;
}

const wordsOf = ({ status, command }: Standing): string => `${status} ${command}`;

/** Listens to a tenant from now on. An action never stands the same way twice. */
export function createLedger(tenant: DefenderTenant): Ledger {
  const changes = new Map<string, Change[]>();
  const note = (first: boolean) => {
    const { now, actions } = tenant.state();
    for (const { action } of actions) {
      const { id, status, commands } = action as { id: string; status: string; commands: { commandStatus: string }[] };
      const words = wordsOf({ status, command: commands[0]?.commandStatus ?? '' });
      const known = changes.get(id) ?? [];
      changes.set(id, known);
      // How it stood at the beginning is no change.
      if (known.at(-1)?.words !== words) known.push({ words, at: now, knownAt: first ? now : null });
    }
  };
  note(true);
  const leave = tenant.on('change', () => note(false));
  const all = () => [...changes.values()].flatMap(([, ...later]) => later);
  return {
    knows(actionId, standing, at) {
      const known = changes.get(actionId) ?? [];
      const reached = known.findIndex(({ words }) => words === wordsOf(standing));
      for (const change of known.slice(0, reached + 1)) change.knownAt ??= at;
    },
    lags() {
      return all().map(({ words, at, knownAt }) => {
        if (knownAt === null) throw new Error(`Nobody knew of “${words}”.`);
        return knownAt - at;
      });
    },
    close: leave,
  };
}
