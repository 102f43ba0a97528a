import { z } from 'zod';
import type { MachineAction } from '../flow/ports.ts';
import type { LibraryFile, Machine } from '../model/machine.ts';

/** Defender leaves fields out or sends null for them as it likes; both read as empty. */
const words = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** A time of up to 7 fractional digits, trailing zeros dropped, in milliseconds; null where absent or unreadable. */
const moment = z
  .string()
  .nullish()
  .transform((value) => (value == null ? null : parseTime(value)));

/** Milliseconds of a Defender time. Times without a zone are UTC. */
export function parseTime(value: string): number | null {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:?\d\d)?$/i.exec(value.trim());
  if (parts === null) return null;
  const at = Date.parse(`${parts[1]}${parts[2] ?? ''}${parts[3] ?? 'Z'}`);
  return Number.isNaN(at) ? null : at;
}

const id = z.string().min(1);

/** Shown, and to the policy's rules a name like any other, so that nobody takes what can't be read for none. */
const UNREADABLE = '(unreadable)';

const anything = z.unknown().optional();

/** A word of a machine or file, whatever came in its place: one odd field must not hide the whole. */
const word = anything.transform((value) => wordOf(value) ?? '');

/** One that rules of the policy go by. */
const fact = anything.transform((value) => (value == null ? '' : (wordOf(value) ?? UNREADABLE)));

const tags = anything.transform((value) => {
  if (value == null) return [];
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((tag) => tag != null && tag !== '').map((tag) => wordOf(tag) ?? UNREADABLE);
});

function wordOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** In UTC where it can be read, else as it is, so that it is neither a time nor none. */
const report = fact.transform((value) => {
  const at = parseTime(value);
  return at === null ? value || null : new Date(at).toISOString();
});

/** Only the id has to be there. */
export const machineShape = z
  .object({
    id,
    computerDnsName: word,
    osPlatform: word,
    version: word,
    osVersion: word,
    healthStatus: word,
    lastSeen: report,
    riskScore: word,
    rbacGroupName: fact,
    machineTags: tags,
    lastIpAddress: word,
    // Recorded answers write it in camel case, the documentation in lower case.
    onboardingStatus: word,
    onboardingstatus: word,
  })
  .transform(
    (wire): Machine => ({
      id: wire.id,
      name: wire.computerDnsName,
      osPlatform: wire.osPlatform,
      osVersion: wire.version || wire.osVersion,
      // A machine that isn't onboarded can't be reached, whatever its last health was.
      health: healthOf(wire.healthStatus, wire.onboardingStatus || wire.onboardingstatus),
      lastSeen: wire.lastSeen,
      risk: wire.riskScore,
      group: wire.rbacGroupName,
      tags: wire.machineTags,
      lastIp: wire.lastIpAddress,
    }),
  );

function healthOf(health: string, onboarding: string): string {
  const onboarded = onboarding === '' || onboarding.toLowerCase() === 'onboarded';
  return onboarded ? health : onboarding;
}

/** A number, or the same in a string. */
const whole = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);

/** One of a command's errors as text, whatever it is. */
const errorText = anything.transform((error) => {
  if (typeof error !== 'object' || error === null) return String(error);
  const { message } = error as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : JSON.stringify(error);
});

const commandShape = z.object({
  index: whole.nullish(),
  startTime: moment,
  endTime: moment,
  commandStatus: words,
  errors: z.array(errorText).nullish().catch(null),
  command: z.object({ type: words, params: z.array(z.object({ key: words, value: words })).nullish() }).nullish(),
});

/** Only id, status and machine are always there: the rest depends on type and state. */
export const machineActionShape = z
  .object({
    id,
    status: id,
    machineId: id,
    type: words,
    requestor: words,
    requestorComment: words,
    creationDateTimeUtc: moment,
    lastUpdateDateTimeUtc: moment,
    lastUpdateTimeUtc: moment,
    commands: z.array(commandShape).nullish(),
  })
  .transform(
    (wire): MachineAction => ({
      id: wire.id,
      type: wire.type,
      status: wire.status,
      machineId: wire.machineId,
      requestor: wire.requestor,
      comment: wire.requestorComment,
      createdAt: wire.creationDateTimeUtc,
      updatedAt: wire.lastUpdateDateTimeUtc ?? wire.lastUpdateTimeUtc,
      commands: (wire.commands ?? []).map((entry, position) => ({
        index: entry.index ?? position,
        type: entry.command?.type ?? '',
        params: entry.command?.params ?? [],
        status: entry.commandStatus,
        startedAt: entry.startTime,
        endedAt: entry.endTime,
        errors: entry.errors ?? [],
      })),
    }),
  );

/** A digest; null for what can't be one. */
const digest = anything.transform((value) => {
  if (value == null) return '';
  return typeof value === 'string' ? value.trim().toLowerCase() : null;
});

/** Only the name has to be there: a file that is left out would count as deleted. */
export const libraryFileShape = z
  .object({
    fileName: id,
    sha256: digest,
    description: word,
    createdBy: word,
    creationTime: word,
    lastUpdatedTime: word,
    hasParameters: anything,
    parametersDescription: word,
  })
  .transform(
    (wire): LibraryFile => ({
      fileName: wire.fileName,
      sha256: wire.sha256 ?? '',
      description: wire.description,
      createdBy: wire.createdBy,
      // Where the digest can't be read, no time stands in for it: then the file tells no version, and nothing is done with it.
      createdAt: wire.sha256 === null ? '' : wire.creationTime,
      updatedAt: wire.sha256 === null ? '' : wire.lastUpdatedTime,
      hasParameters: wire.hasParameters === true,
      parametersDescription: wire.parametersDescription,
    }),
  );

/** A page of a collection. Entries are parsed one by one. */
export const pageShape = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().nullish(),
});

/** A download link; the sample of a sibling call wraps it in quotes of its own. */
export const linkShape = z
  .object({ value: z.string().min(1) })
  .transform((wire) => wire.value.replace(/^"(.*)"$/, '$1'));
