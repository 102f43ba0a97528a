import { z } from 'zod';
import type { Call } from './calls.ts';
import type { Fault, FaultOrder } from './faults.ts';
import type { Library } from './library.ts';
import type { Machines, TenantMachine } from './machines.ts';
import type { Identity, Settings } from './options.ts';

/** What can be changed of a machine while the tenant runs. */
export const machineChange = z.strictObject({
  /** Id or name. */
  id: z.string(),
  reachable: z.boolean().optional(),
  portalSession: z.boolean().optional(),
  support: z.enum(['full', 'os_not_supported', 'version_not_supported']).optional(),
  machineTags: z.array(z.string()).optional(),
  healthStatus: z.string().optional(),
  computerDnsName: z.string().optional(),
});
type MachineChange = z.infer<typeof machineChange>;

/** A library file to add or replace. */
export const fileChange = z.strictObject({
  fileName: z.string().regex(/^[A-Za-z0-9._ -]+$/),
  content: z.string(),
  description: z.string().nullable().optional(),
  createdBy: z.string().optional(),
  hasParameters: z.boolean().optional(),
  parametersDescription: z.string().optional(),
  workMs: z.number().min(0).optional(),
  resultForm: z.enum(['json', 'gzip', 'raw_newline', 'plain']).optional(),
});
type FileChange = z.infer<typeof fileChange>;

/** An action as `state()` tells it: as on the wire, and what only the tenant knows. */
export interface ObservedAction {
  runId: string | null;
  /** Whether the device ever picked it up. */
  started: boolean;
  final: boolean;
  action: Record<string, unknown>;
}

/** Everything there is to see. */
export interface TenantState {
  /** Milliseconds since 1970, as the answers have it; `elapsed` in simulated ones since the start. */
  now: number;
  elapsed: number;
  settings: Settings;
  machines: TenantMachine[];
  library: Record<string, unknown>[];
  /** Newest first. */
  actions: ObservedAction[];
  executions: Record<string, number>;
  /** Oldest first. */
  calls: Call[];
  faults: Fault[];
  held: number;
}

/** Orders for the tenant; the same as over HTTP (control.ts). */
export interface TenantControl {
  /** What the next calls meet. See faults.ts. */
  fault(order: FaultOrder): void;
  clearFaults(): void;
  /** The next accepted submission gets no answer until `release`; its action exists. */
  hold(options?: { times?: number; runId?: string }): void;
  /** Lets held answers go; how many. */
  release(): number;
  set(changes: Partial<Settings>): void;
  /** Skips simulated milliseconds. */
  advance(ms: number): void;
  machine(change: MachineChange): void;
  putFile(change: FileChange): void;
  removeFile(fileName: string): void;
}

/** A Defender tenant of our own: sign-in, API, downloads and control over HTTP on loopback. */
export interface DefenderTenant extends Identity {
  /** For DEFENDER_API_URL: without `/api`. */
  apiUrl: string;
  /** For DEFENDER_LOGIN_URL. */
  loginUrl: string;
  blobUrl: string;
  /** Simulated milliseconds for each real one. */
  speed: number;
  readonly machines: Machines;
  readonly library: Library;
  readonly control: TenantControl;
  state(): TenantState;
  /** How many actions were ever created with `[runId]` in front of their comment. */
  executions(runId: string): number;
  /** Calls the listener after anything changed; the answer undoes it. */
  on(event: 'change', listener: () => void): () => void;
  close(): Promise<void>;
}
