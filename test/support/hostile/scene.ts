import fc from 'fast-check';
import type { LibraryFile, Machine } from '../../../src/model/machine.ts';
import { endless, hostile, typable } from './texts.ts';

/** What becomes of the request of a scene. */
export const FATES = [
  ...(['finished', 'failed', 'denied', 'withdrawn', 'cancelled', 'refused', 'unclear'] as const),
  ...(['break glass', 'paused', 'changed', 'unread', 'timed out', 'deleted', 'shared', 'several'] as const),
] as const;
export type Fate = (typeof FATES)[number];

/** At least so many texts stand in a scene. */
export const TEXTS_IN_A_SCENE = 144;

/** Everything that people, machines and Defender say in one story, all of it hostile. */
export interface Scene {
  people: { ana: string; lea: string; leo: string };
  channel: string;
  machine: Omit<Machine, 'id' | 'lastSeen' | 'osPlatform'>;
  /** Found beside it; nothing runs there. */
  neighbours: Omit<Machine, 'id'>[];
  script: Pick<LibraryFile, 'fileName' | 'description' | 'createdBy' | 'parametersDescription'>;
  tool: Pick<LibraryFile, 'fileName' | 'description' | 'createdBy'>;
  library: LibraryFile[];
  args: string[];
  path: string;
  /** Words that people give: with a command, and with a decision. */
  reason: string;
  why: string;
  output: string[];
  errors: string[];
  /** Defender's own words: a code, a message, what went wrong with a command. */
  defender: { code: string; message: string; errors: string[]; action: string };
  fileName: string;
  /** Words behind the words that ask something, and lines that nobody would type. */
  questions: string[];
  lines: string[];
  /** What is filled into the form, and the message that it is opened from. */
  form: { machine: string; script: string; words: string; reason: string; message: string };
}

/** Names that Defender and directories give have a longest one. */
const name = hostile.map((text) => text.slice(0, 250));
const tag = hostile.map((text) => text.slice(0, 200));
const words = hostile.map((text) => typable(text).replaceAll('"', '”').trim().slice(0, 250) || 'x');

const machine = {
  name,
  osVersion: tag,
  health: tag,
  risk: tag,
  group: tag,
  tags: fc.array(tag, { minLength: 2, maxLength: 2 }),
  lastIp: tag,
};

/** A library holds no such character, and the bot asks for none. */
const fileName = words.map((text) => `${text.replaceAll(/[\\/:*?"<>|]/g, '').slice(0, 100)}.ps1`);

const file: fc.Arbitrary<LibraryFile> = fc.record({
  fileName: name,
  sha256: fc.constantFrom('a'.repeat(64), ''),
  description: endless,
  createdBy: name,
  createdAt: fc.constantFrom('2026-11-01T09:00:00Z', '', 'never'),
  updatedAt: hostile,
  hasParameters: fc.boolean(),
  parametersDescription: endless,
});

export const scenes: fc.Arbitrary<Scene> = fc.record({
  people: fc.record({ ana: name, lea: name, leo: name }),
  channel: name,
  machine: fc.record(machine),
  neighbours: fc.array(fc.record({ ...machine, osPlatform: tag, lastSeen: fc.option(hostile) }), {
    minLength: 3,
    maxLength: 3,
  }),
  script: fc.record({ fileName, description: endless, createdBy: name, parametersDescription: endless }),
  tool: fc.record({ fileName, description: endless, createdBy: name }),
  library: fc.array(file, { minLength: 5, maxLength: 5 }),
  args: fc.array(
    words.map((text) => text.replaceAll(/[“”„]/g, '') || 'x'),
    { minLength: 1, maxLength: 3 },
  ),
  path: words.map((text) => `/tmp/${text.replaceAll(/[/\\]|~\d/g, '').replace(/^\.+$/, 'x') || 'x'}.zip`),
  reason: words,
  why: hostile.map((text) => text.slice(0, 300)),
  output: fc.array(endless, { minLength: 36, maxLength: 36 }),
  errors: fc.array(endless, { minLength: 6, maxLength: 6 }),
  defender: fc.record({
    code: hostile,
    message: endless,
    errors: fc.array(endless, { minLength: 4, maxLength: 4 }),
    action: hostile,
  }),
  fileName: name,
  questions: fc.array(hostile, { minLength: 12, maxLength: 12 }),
  lines: fc.array(endless, { minLength: 4, maxLength: 4 }),
  form: fc.record({ machine: hostile, script: hostile, words: hostile, reason: hostile, message: endless }),
});
