import { createHash } from 'node:crypto';
import type { Fields } from './odata.ts';
import { wireTime } from './wire.ts';

/** A device of the tenant: what the service says of it, and how it behaves. */
export interface TenantMachine {
  id: string;
  computerDnsName: string;
  osPlatform: string;
  version: string;
  osBuild: number;
  osArchitecture: string;
  healthStatus: string;
  onboardingStatus: string;
  firstSeen: number;
  lastSeen: number | null;
  lastIpAddress: string;
  lastExternalIpAddress: string;
  macAddress: string;
  rbacGroupId: number;
  rbacGroupName: string;
  machineTags: string[];
  riskScore: string | null;
  exposureLevel: string | null;
  deviceValue: string;
  aadDeviceId: string | null;
  /** Whether it picks up actions; otherwise they stay Pending until the queue limit. */
  reachable: boolean;
  /** Somebody has a live response session open in the portal: blocks, and is in no list. */
  portalSession: boolean;
  /** Whether live response works on it at all. */
  support: 'full' | 'os_not_supported' | 'version_not_supported';
}

/** Whether scripts for it are PowerShell. */
export function isWindows(machine: Pick<TenantMachine, 'osPlatform'>): boolean {
  return machine.osPlatform.startsWith('Windows');
}

/** A believable 40-hex device id that is the same in every run. */
export function machineId(seed: string): string {
  return createHash('sha1').update(`machine ${seed}`).digest('hex');
}

const HEALTH = [
  'Active',
  'Inactive',
  'ImpairedCommunication',
  'NoSensorData',
  'NoSensorDataImpairedCommunication',
  'Unknown',
];

/** What `$filter` may name on machines. */
export const MACHINE_FIELDS: Fields<TenantMachine> = {
  id: { kind: 'text', of: (m) => m.id },
  computerDnsName: { kind: 'text', of: (m) => m.computerDnsName },
  version: { kind: 'text', of: (m) => m.version },
  deviceValue: { kind: 'enum', values: ['Normal', 'Low', 'High'], of: (m) => m.deviceValue },
  aadDeviceId: { kind: 'text', of: (m) => m.aadDeviceId },
  machineTags: { kind: 'list', of: (m) => m.machineTags },
  lastSeen: { kind: 'time', of: (m) => m.lastSeen },
  exposureLevel: { kind: 'enum', values: ['None', 'Low', 'Medium', 'High'], of: (m) => m.exposureLevel },
  onboardingStatus: { kind: 'enum', of: (m) => m.onboardingStatus },
  lastIpAddress: { kind: 'text', of: (m) => m.lastIpAddress },
  healthStatus: { kind: 'enum', values: HEALTH, of: (m) => m.healthStatus },
  osPlatform: { kind: 'text', of: (m) => m.osPlatform },
  riskScore: { kind: 'enum', of: (m) => m.riskScore },
  rbacGroupId: { kind: 'number', of: (m) => m.rbacGroupId },
};

/** The entity as recorded answers have it. */
export function machineToWire(machine: TenantMachine): Record<string, unknown> {
  const { firstSeen, lastSeen, macAddress, reachable: _r, portalSession: _p, support: _s, ...facts } = machine;
  return {
    ...facts,
    firstSeen: wireTime(firstSeen),
    lastSeen: lastSeen === null ? null : wireTime(lastSeen),
    osProcessor: machine.osArchitecture === '64-bit' ? 'x64' : 'ARM64',
    agentVersion: isWindows(machine) ? '10.8760.26100.4202' : '101.25092.0005',
    defenderAvStatus: 'NotSupported',
    managedBy: 'MicrosoftDefenderForEndpoint',
    isAadJoined: machine.aadDeviceId !== null,
    mergedIntoMachineId: null,
    isPotentialDuplication: false,
    isExcluded: false,
    exclusionReason: null,
    vmMetadata: null,
    ipAddresses: [
      { ipAddress: machine.lastIpAddress, macAddress, type: 'Ethernet', operationalStatus: 'Up' },
      { ipAddress: '127.0.0.1', macAddress: null, type: 'SoftwareLoopback', operationalStatus: 'Up' },
    ],
  };
}

/** The machines of a tenant, with the look-ups of the API. */
export interface Machines {
  all(): TenantMachine[];
  byId(id: string): TenantMachine | undefined;
  /** By id, DNS name or first label; of several the one seen last. */
  find(idOrName: string): TenantMachine | undefined;
}

/** Keeps the machines of the world. */
export function createMachines(seed: readonly TenantMachine[]): Machines {
  const machines = [...seed];
  const byId = (id: string) => machines.find((machine) => machine.id === id);
  return {
    all: () => machines,
    byId,
    find(idOrName) {
      const name = idOrName.toLowerCase();
      const named = machines.filter(
        (m) => m.computerDnsName === name || (m.computerDnsName.split('.')[0] === name && name !== ''),
      );
      return byId(name) ?? named.toSorted((a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0))[0];
    },
  };
}
