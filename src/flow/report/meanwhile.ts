import type { Step } from './step.ts';

/** One edit at a time beside the posts of the channel, which it doesn't keep waiting. */
export interface Meanwhile {
  /** Begins it unless one is being made, or the platform answers none in this round: those would be in nobody's way, but help nobody. */
  begin(edit: () => Promise<Step>): void;
  isBusy(): boolean;
  /** Resolves when none is being made; whether one was. Throws what nobody foresaw of it. */
  end(): Promise<boolean>;
  /** Resolves when none is being made. */
  over(): Promise<void>;
}

/** For one round of a channel's sender. */
export function createMeanwhile(): Meanwhile {
  let making: Promise<void> | null = null;
  let failed: { error: unknown } | null = null;
  let inVain = false;
  const make = async (edit: () => Promise<Step>): Promise<void> => {
    try {
      inVain = (await edit()) === 'unanswered';
    } catch (error) {
      failed = { error };
    }
    making = null;
  };
  return {
    begin: (edit) => {
      if (making === null && !inVain && failed === null) making = make(edit);
    },
    isBusy: () => making !== null,
    end: async () => {
      const was = making !== null;
      await making;
      if (failed !== null) throw failed.error;
      return was;
    },
    over: async () => void (await making),
  };
}
