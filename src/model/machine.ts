/** A machine as Defender describes it; what it says of itself (name, tags) proves nothing about it. */
export interface Machine {
  id: string;
  /** `computerDnsName`; empty where Defender has none. */
  name: string;
  osPlatform: string;
  osVersion: string;
  /** Active, Inactive, ImpairedCommunication, NoSensorData, …, or whatever Defender says next. */
  health: string;
  /** ISO time of the last full report (about daily), null where there was none; other words where it can't be read. Not an online indicator. */
  lastSeen: string | null;
  risk: string;
  /** RBAC device group. */
  group: string;
  tags: string[];
  lastIp: string;
}

/** A file of the tenant-wide live response library. */
export interface LibraryFile {
  fileName: string;
  /** Hex, lower case. */
  sha256: string;
  description: string;
  createdBy: string;
  /** ISO times, empty where absent. */
  createdAt: string;
  updatedAt: string;
  hasParameters: boolean;
  parametersDescription: string;
}

/** The first label of a machine's DNS name, as people say it: `ws-042`. The id where there is no name. */
export function shortName(machine: Pick<Machine, 'id' | 'name'>): string {
  return machine.name === '' ? machine.id : (machine.name.split('.')[0] ?? machine.name);
}

/** Whether it could be a DNS name, its first label, or a machine id. Windows allows letters of any script. */
export function isMachine(text: string): boolean {
  return text.length <= 253 && /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}_])?$/u.test(text);
}
