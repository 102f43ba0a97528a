import type { Actions } from './actions.ts';
import type { TenantClock } from './clock.ts';
import type { Downloads } from './downloads.ts';
import type { Entra } from './entra.ts';
import type { Faults } from './faults.ts';
import type { Holds } from './holds.ts';
import type { Library } from './library.ts';
import type { Life } from './life.ts';
import type { Quotas } from './limits.ts';
import type { Machines } from './machines.ts';
import type { Identity, Settings } from './options.ts';
import type { Answer } from './wire.ts';

/** Everything the API stands on. */
export interface ApiDeps {
  identity: Identity;
  settings: Settings;
  clock: TenantClock;
  entra: Entra;
  quotas: Quotas;
  machines: Machines;
  library: Library;
  actions: Actions;
  life: Life;
  faults: Faults;
  holds: Holds;
  downloads: Downloads;
  blobUrl: string;
  changed: () => void;
}

/** A call that got past sign-in, quota and permission. */
export interface ApiCall {
  id: string;
  operation: string;
  query: URLSearchParams;
  raw: string;
  /** Own address up to and including the `/api` the caller used. */
  base: string;
  requestor: string;
  hungUp: Promise<void>;
}

/** An answer, or the connection's end without one. */
export type Outcome = Answer | 'reset' | 'hang';
