import { createHash } from 'node:crypto';
import { machineId, type TenantMachine } from './machines.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const OS = {
  win11: { osPlatform: 'Windows11', version: '24H2', osBuild: 26100, osArchitecture: '64-bit' },
  win10: { osPlatform: 'Windows10', version: '22H2', osBuild: 19045, osArchitecture: '64-bit' },
  srv2022: { osPlatform: 'WindowsServer2022', version: '21H2', osBuild: 20348, osArchitecture: '64-bit' },
  srv2019: { osPlatform: 'WindowsServer2019', version: '1809', osBuild: 17763, osArchitecture: '64-bit' },
  srv2008: { osPlatform: 'WindowsServer2008R2', version: 'Other', osBuild: 7601, osArchitecture: '64-bit' },
  macos: { osPlatform: 'macOS', version: '15', osBuild: 24, osArchitecture: 'Arm64' },
  ubuntu: { osPlatform: 'Linux', version: '22.4', osBuild: 0, osArchitecture: '64-bit' },
} as const;

const GROUPS = {
  Workstations: 101,
  Servers: 102,
  'Domain Controllers': 103,
  Executives: 104,
  Factory: 105,
} as const;

type Spec = {
  name: string;
  os: keyof typeof OS;
  group?: keyof typeof GROUPS;
  tags?: string[];
  /** Hours since it was last seen; null for never reported. */
  seen?: number | null;
  /** Distinguishes two machines of the same name. */
  twin?: string;
} & Partial<Omit<TenantMachine, 'lastSeen'>>;

const SPECS: readonly Spec[] = [
  { name: 'ws-042', os: 'win11', tags: ['finance'], seen: 2, riskScore: 'Medium', exposureLevel: 'Medium' },
  { name: 'ws-001', os: 'win11', tags: ['it'], seen: 5 },
  { name: 'ws-002', os: 'win11', tags: ['it'], seen: 9 },
  { name: 'ws-007', os: 'win11', tags: ['sales'], seen: 4, twin: 'new' },
  // Re-imaged: the old record stays behind under the same name.
  {
    name: 'ws-007',
    os: 'win10',
    tags: ['sales'],
    seen: 24 * 41,
    twin: 'old',
    healthStatus: 'Inactive',
    reachable: false,
  },
  // Off: what is sent to it waits until the queue limit.
  { name: 'ws-013', os: 'win10', tags: ['hr'], seen: 52, healthStatus: 'Inactive', reachable: false },
  { name: 'ws-018', os: 'win11', tags: ['hr'], seen: 6 },
  { name: 'ws-021', os: 'win11', tags: ['finance'], seen: 11, riskScore: 'Low' },
  { name: 'ws-022', os: 'win11', tags: ['finance'], seen: 3 },
  // A colleague works on it in the portal; the API can't list that session.
  { name: 'ws-027', os: 'win11', tags: ['legal'], seen: 1, riskScore: 'High', portalSession: true },
  { name: 'ws-033', os: 'win10', tags: ['legal'], seen: 14 },
  { name: 'ws-040', os: 'win11', tags: ['research'], seen: 7 },
  { name: 'ws-041', os: 'win11', tags: ['research'], seen: 8 },
  // Has never sent a full report.
  { name: 'ws-055', os: 'win11', seen: null, healthStatus: 'NoSensorData', riskScore: null, exposureLevel: null },
  { name: 'lt-exec-01', os: 'win11', group: 'Executives', tags: ['vip'], seen: 3, deviceValue: 'High' },
  { name: 'lt-exec-02', os: 'macos', group: 'Executives', tags: ['vip'], seen: 10, deviceValue: 'High' },
  { name: 'mac-design-03', os: 'macos', tags: ['design'], seen: 6 },
  { name: 'dc-01', os: 'srv2022', group: 'Domain Controllers', tags: ['tier0'], seen: 1, deviceValue: 'High' },
  { name: 'dc-02', os: 'srv2022', group: 'Domain Controllers', tags: ['tier0'], seen: 2, deviceValue: 'High' },
  { name: 'adfs-01', os: 'srv2019', group: 'Servers', tags: ['tier0'], seen: 2, deviceValue: 'High' },
  { name: 'srv-file-01', os: 'srv2022', group: 'Servers', tags: ['file'], seen: 3 },
  { name: 'srv-sql-01', os: 'srv2022', group: 'Servers', tags: ['sql', 'finance'], seen: 2, riskScore: 'Low' },
  { name: 'srv-sql-02', os: 'srv2019', group: 'Servers', tags: ['sql'], seen: 4 },
  { name: 'srv-web-01', os: 'srv2022', group: 'Servers', tags: ['dmz'], seen: 1, exposureLevel: 'High' },
  { name: 'srv-print-01', os: 'srv2019', group: 'Servers', seen: 20, healthStatus: 'ImpairedCommunication' },
  { name: 'srv-erp-old', os: 'srv2008', group: 'Servers', tags: ['erp'], seen: 5, support: 'os_not_supported' },
  { name: 'lnx-web-01', os: 'ubuntu', group: 'Servers', tags: ['dmz'], seen: 2 },
  { name: 'lnx-build-02', os: 'ubuntu', group: 'Servers', tags: ['ci'], seen: 6 },
  {
    name: 'fab-hmi-01',
    os: 'win10',
    group: 'Factory',
    tags: ['ot'],
    seen: 13,
    version: '1703',
    support: 'version_not_supported',
  },
  { name: 'fab-hmi-02', os: 'win10', group: 'Factory', tags: ['ot'], seen: 12 },
];

function build(spec: Spec, index: number, now: number): TenantMachine {
  const { name, os, group = 'Workstations', tags = [], seen, twin, ...rest } = spec;
  const id = machineId(`${name}${twin ?? ''}`);
  const joined = os.startsWith('win');
  return {
    id,
    computerDnsName: `${name}.contoso.com`,
    ...OS[os],
    healthStatus: 'Active',
    onboardingStatus: 'Onboarded',
    firstSeen: now - (90 + index * 11) * DAY,
    lastSeen: seen === null ? null : now - (seen ?? 6) * HOUR - index * 61_357,
    lastIpAddress: `10.${GROUPS[group] - 90}.4.${20 + index}`,
    lastExternalIpAddress: '203.0.113.24',
    macAddress: createHash('sha1').update(id).digest('hex').slice(0, 12).toUpperCase(),
    rbacGroupId: GROUPS[group],
    rbacGroupName: group,
    machineTags: tags,
    riskScore: 'None',
    exposureLevel: 'Low',
    deviceValue: 'Normal',
    aadDeviceId: joined ? uuidOf(id) : null,
    reachable: true,
    portalSession: false,
    support: 'full',
    ...rest,
  };
}

function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The machines of contoso.com, as seen at this moment. */
export function contosoMachines(now: number): TenantMachine[] {
  return SPECS.map((spec, index) => build(spec, index, now));
}
