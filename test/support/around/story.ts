import type { Event, Step } from './events.ts';
import { DIGESTS } from './events.ts';
import type { Says } from './rules.ts';

/** A policy by which everything of the story below is right. */
export const PLAIN: Says = {
  analysts: ['U0ANA'],
  leads: ['U0LEA', 'U0LEO'],
  approvals: 1,
  tier0: 'reason',
  pinned: DIGESTS[1] ?? '',
  glass: [],
};

const ask = (machine: string, options = ''): Event => ({
  ...{ do: 'ask', user: 'U0ANA', script: 'minidump.ps1' },
  ...{ machine, options },
});
const press = (user: string, button: Extract<Event, { do: 'press' }>['button']): Event => ({
  ...{ do: 'press', user, button },
  ...{ on: 0, roundsBack: 0, channel: 'C0SOC' },
});
const say = (user: string, words: string): Event => ({ do: 'say', user, words, on: 0 });

/** All that may reach Defender, each once and rightly: so every witness is seen to be asked, whatever else is drawn. */
export const STORY: Step[] = [
  ask('ws-042'),
  press('U0LEA', 'approve'),
  { do: 'machine', status: 'Succeeded' } as const,
  { do: 'pass', minutes: 1 } as const,
  say('U0ANA', 'results'),
  { do: 'open', link: 0 } as const,
  ask('dc-01', ' --reason "INC-1 x"'),
  press('U0LEO', 'approve'),
  say('U0ANA', 'cancel'),
  { do: 'delete', user: 'U0ANA', script: 'minidump.ps1' } as const,
  press('U0ANA', 'confirm'),
  press('U0LEA', 'approve'),
].map((event) => ({ event, instance: 0, jobs: 100, together: false }));
