import { readFile } from 'node:fs/promises';
import { readDefenderConfig } from '../config.ts';
import { createDefender } from '../defender/client.ts';
import { AppError } from '../errors.ts';
import { judgeNow } from '../flow/binding.ts';
import { parseLine } from '../flow/command.ts';
import type { Defender } from '../flow/ports.ts';
import { preflight } from '../flow/preflight.ts';
import { Refusal } from '../flow/refusal.ts';
import { createLog } from '../log.ts';
import { secretsIn } from '../model/credential.ts';
import type { Machine } from '../model/machine.ts';
import { PLATFORMS, type Platform } from '../model/person.ts';
import { checkPolicy, couldRequest, explain, loadPolicy, type Policy } from '../policy/index.ts';

const SILENT = { defenderCall: () => undefined, throttled: () => undefined };

/** `policy check [FILE]`: errors with line and column and exit 1, or warnings and exit 0. */
export async function policyCheck(file?: string): Promise<void> {
  const path = file ?? process.env.POLICY_FILE ?? './policy.yaml';
  const policy = await read(path);
  const warnings = checkPolicy(policy);
  for (const warning of warnings) say(`warning: ${warning}`);
  say(`${path} is valid: ${policy.rules.length} rules, ${policy.groups.size} groups, ${warnings.length} warnings.`);
}

/** `policy explain "<line>" [--as <person>]`: which rule applies, and who could approve. */
export async function policyExplain(words: string, options: { as?: string; policy?: string }): Promise<void> {
  const policy = await read(options.policy ?? process.env.POLICY_FILE ?? './policy.yaml');
  const asked = parseLine(words);
  if (asked.kind !== 'request')
    throw new AppError('usage', 'Only a request can be explained: "run ws-042 minidump.ps1".');
  const defender = defenderOfEnvironment();
  if (defender === null) {
    say(
      'Defender is not configured here: the machine’s tags, group and system are unknown, and scripts are taken as typed.',
    );
  }
  const found =
    defender === null
      ? { machine: unknownMachine(asked.machine), commands: asked.commands, files: [], warnings: [] }
      : await lookAt(defender, asked);
  const platform: Platform = PLATFORMS.find((one) => policy.channels[one].length > 0) ?? 'slack';
  const requester = options.as === undefined ? null : { platform, id: options.as };
  const verdict = judgeNow({ policy: () => policy }, found, found.machine, found.files);
  for (const line of explain(policy, verdict, { platform, requester, reason: asked.reason })) say(line);
  if (requester !== null && !couldRequest(policy, requester))
    say(`${requester.id} may not request live responses at all.`);
  for (const warning of found.warnings) say(`warning: ${warning}`);
}

async function lookAt(defender: Defender, asked: Parameters<typeof preflight>[1]) {
  const store = { lastApprovedDigest: async () => null };
  try {
    return await preflight({ defender, clock: { now: () => Date.now() }, store }, asked, {
      fresh: true,
      purpose: 'people',
    });
  } catch (error) {
    if (error instanceof Refusal) throw new AppError('usage', error.message, { cause: error });
    throw error;
  }
}

/** Null where nothing of it is set; set in part or wrongly, it is an error, so that a typo doesn't silently mean “not configured”. */
function defenderOfEnvironment(): Defender | null {
  if (!Object.keys(process.env).some((name) => /^DEFENDER_(?:TENANT|CLIENT|CERTIFICATE|MANAGED)_/.test(name)))
    return null;
  const { visibilityLag: _, ...config } = readDefenderConfig(process.env);
  return createDefender({
    ...config,
    clock: { now: () => Date.now() },
    log: createLog('fatal', { destination: process.stderr, secrets: secretsIn(config.credential) }),
    metrics: SILENT,
    budget: { takeRead: async () => 0, blockReads: async () => undefined },
  });
}

async function read(path: string): Promise<Policy> {
  let words: string;
  try {
    words = await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('policy', `${path} can't be read. policy.example.yaml is a policy to start from.`, { cause });
  }
  return loadPolicy(words, { platforms: [] });
}

function unknownMachine(name: string): Machine {
  return {
    id: name,
    name,
    osPlatform: '',
    osVersion: '',
    health: 'Active',
    lastSeen: null,
    risk: '',
    group: '',
    tags: [],
    lastIp: '',
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
