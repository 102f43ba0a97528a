import { createHash } from 'node:crypto';
import type { TenantMachine } from './machines.ts';
import { wireTime } from './wire.ts';

/** What a script did on a machine. */
export interface ScriptRun {
  exitCode: number;
  output: string;
  errors: string;
  /** Set where the service calls the command Failed: its `errors`. There is still a result. */
  failed?: string[];
}

/** How a result file is written; the service is known for all of these. */
type ResultForm = 'json' | 'gzip' | 'raw_newline' | 'plain';

/** A file of the tenant-wide library. */
export interface TenantFile {
  fileName: string;
  content: string;
  description: string | null;
  createdBy: string;
  createdAt: number;
  updatedAt: number;
  hasParameters: boolean;
  /** Absent from the answer where undefined. */
  parametersDescription?: string;
  /** Simulated milliseconds of work; more than 10 minutes is a time-out. Undefined: as the timings say. */
  workMs?: number;
  resultForm?: ResultForm;
  run?: (machine: TenantMachine, args: string) => ScriptRun;
}

/** Digest of a library file's content: hex, lower case. */
function digest(file: Pick<TenantFile, 'content'>): string {
  return createHash('sha256').update(file.content).digest('hex');
}

/** The entity as the list answers it. */
export function fileToWire(file: TenantFile): Record<string, unknown> {
  return {
    fileName: file.fileName,
    sha256: digest(file),
    description: file.description,
    creationTime: wireTime(file.createdAt),
    lastUpdatedTime: wireTime(file.updatedAt),
    createdBy: file.createdBy,
    hasParameters: file.hasParameters,
    ...(file.parametersDescription === undefined ? {} : { parametersDescription: file.parametersDescription }),
  };
}

/** The library, keyed by file name without regard to case. */
export interface Library {
  all(): TenantFile[];
  find(fileName: string): TenantFile | undefined;
  /** Adds a file or replaces it; what it doesn't name stays as it was. */
  put(file: Partial<TenantFile> & Pick<TenantFile, 'fileName' | 'content'>, now: number): TenantFile;
  remove(fileName: string): boolean;
}

/** Keeps the files. */
export function createLibrary(seed: readonly TenantFile[]): Library {
  const files = new Map(seed.map((file) => [file.fileName.toLowerCase(), file]));
  return {
    all: () => [...files.values()],
    find: (fileName) => files.get(fileName.toLowerCase()),
    put(file, now) {
      const before = files.get(file.fileName.toLowerCase());
      const fresh = { description: null, createdBy: 'analyst@contoso.com', createdAt: now, hasParameters: false };
      const after: TenantFile = { ...fresh, ...before, ...file, updatedAt: now };
      files.set(file.fileName.toLowerCase(), after);
      return after;
    },
    remove: (fileName) => files.delete(fileName.toLowerCase()),
  };
}
