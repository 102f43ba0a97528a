import type { Machine } from '../../src/model/machine.ts';
import type { DefenderTenant } from '../../src/playground/defender-tenant/index.ts';

/** Makes the machines of a line known to a tenant; all of them are on. */
export function addMachines(tenant: DefenderTenant, machines: readonly Machine[]): void {
  const model = tenant.machines.find('ws-042');
  if (model === undefined) throw new Error('The tenant has no ws-042.');
  for (const { id, name } of machines) tenant.machines.all().push({ ...model, id, computerDnsName: name });
}
