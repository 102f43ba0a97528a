import { z } from 'zod';
import { DefenderError } from '../errors.ts';
import type { Log, MachineAction, Purpose } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import type { Api } from './http.ts';
import { query, readAll } from './pages.ts';
import { machineActionShape } from './wire.ts';

/** The most that Defender gives in one list (facts 2.2). */
const MOST = 10_000;

/** A live response action of the tenant, whoever started it. */
export interface TenantAction extends MachineAction {
  machineName: string;
}

const shape = z.intersection(
  machineActionShape,
  z
    .object({ computerDnsName: z.string().nullish() })
    .transform((wire) => ({ machineName: wire.computerDnsName ?? '' })),
);

/**
 * All live response actions of the tenant since a time, page after page. Nothing is left out: what isn't understood, or more than
 * Defender lists, is an error. Throws DefenderError.
 */
export async function liveResponsesSince(
  deps: { api: Api; log: Log },
  since: Time,
  purpose: Purpose,
): Promise<TenantAction[]> {
  const filter = `type eq 'LiveResponse' and creationDateTimeUtc ge ${new Date(since).toISOString()}`;
  const path = `/machineactions?${query({ $filter: filter, $top: MOST })}`;
  const found = await readAll(deps, { endpoint: 'actions', path, purpose }, shape);
  if (found.length >= MOST) {
    throw new DefenderError('defender_unexpected', 'Defender has more than it lists at once. Ask for a shorter time.');
  }
  return found;
}
