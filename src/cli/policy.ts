import { readFile } from 'node:fs/promises';
import { checkLibrary } from '../doctor/policy.ts';
import { AppError, DefenderError } from '../errors.ts';
import { judgeNow } from '../flow/binding.ts';
import { parseLine, type RequestLine } from '../flow/command.ts';
import type { Defender } from '../flow/ports.ts';
import { preflight } from '../flow/preflight.ts';
import { Refusal } from '../flow/refusal.ts';
import type { Machine } from '../model/machine.ts';
import { PLATFORMS, type Platform } from '../model/person.ts';
import { SLACK_USER } from '../model/slack-ids.ts';
import { checkPolicy, couldRequest, explain, loadPolicy, type Policy } from '../policy/index.ts';
import { defenderOf } from './policy-defender.ts';

/** Where the settings come from, and where the words go. */
export interface Around {
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}

const HERE: Around = { env: process.env, say: (line) => void process.stdout.write(`${line}\n`) };
const PLATFORM_NAMES: Record<Platform, string> = { slack: 'Slack', teams: 'Teams' };
const ENTRA_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `policy check [FILE]`: errors with line and column and exit 1, or warnings and exit 0. */
export async function policyCheck(file?: string, { env, say }: Around = HERE): Promise<void> {
  const path = file ?? env.POLICY_FILE ?? './policy.yaml';
  const policy = await read(path);
  const warnings = [...checkPolicy(policy), ...(await libraryWarnings(policy, env, say))];
  for (const warning of warnings) say(`warning: ${warning}`);
  say(`${path} is valid: ${policy.rules.length} rules, ${policy.groups.size} groups, ${warnings.length} warnings.`);
}

/** What rules name and the library lacks, as the doctor finds it; where nobody can look, it says so. */
async function libraryWarnings(policy: Policy, env: NodeJS.ProcessEnv, say: Around['say']): Promise<string[]> {
  const opened = defenderOf(env);
  if (opened === null) {
    say('Defender is not configured here: whether the library has what rules name was not looked at.');
    return [];
  }
  try {
    const library = await opened.library({ fresh: true, purpose: 'people' });
    const warnings: string[] = [];
    checkLibrary(policy, library, ({ status, message, mend }) => {
      if (status !== 'ok') warnings.push([message, mend ?? ''].join(' ').trim());
    });
    return warnings;
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    return [`the library could not be read, so it was not compared with what rules name: ${error.message}`];
  } finally {
    opened.close();
  }
}

/** `policy explain "<line>" [--as <person>]`: which rule applies, and who could approve. */
export async function policyExplain(
  words: string,
  options: { as?: string; policy?: string },
  { env, say }: Around = HERE,
): Promise<void> {
  const policy = await read(options.policy ?? env.POLICY_FILE ?? './policy.yaml');
  const asked = parseLine(words);
  if (asked.kind !== 'request')
    throw new AppError('usage', 'Only a request can be explained: "run ws-042 minidump.ps1".');
  const requester = options.as === undefined ? null : personOf(options.as);
  const found = await lookAt(asked, env, say);
  const verdict = judgeNow({ policy: () => policy }, found, found.machines, found.files);
  const on = requester === null ? PLATFORMS.filter((one) => policy.channels[one].length > 0) : [requester.platform];
  const said = on.map((platform) =>
    explain(policy, verdict, { platform, requester, reason: asked.reason, machines: found.machines.length }),
  );
  for (const line of merged(on, said)) say(line);
  if (requester !== null) {
    const { platform, id } = requester;
    if (policy.channels[platform].length === 0)
      say(`The policy names no channel of ${PLATFORM_NAMES[platform]}, so nothing can be asked for there.`);
    if (!couldRequest(policy, requester)) say(`${id} may not request live responses at all.`);
  }
  for (const warning of found.warnings) say(`warning: ${warning}`);
}

/** Whom `--as` means: the form of the id says on which platform. Names prove nothing, so none is taken. */
function personOf(id: string): { platform: Platform; id: string } {
  if (ENTRA_ID.test(id)) return { platform: 'teams', id: id.toLowerCase() };
  if (SLACK_USER.test(id)) return { platform: 'slack', id };
  throw new AppError('usage', `--as takes a Slack user id like U012AB3CD or an Entra object id, not “${id}”.`);
}

/** What holds on every platform once, and what doesn't with the platform's name. */
function merged(on: readonly Platform[], said: readonly string[][]): string[] {
  const [first = [], ...others] = said;
  const everywhere = first.filter((line) => others.every((lines) => lines.includes(line)));
  const apart = said.flatMap((lines, index) =>
    lines
      .filter((line) => !everywhere.includes(line))
      .map((line) => `${PLATFORM_NAMES[on[index] ?? 'slack']}: ${line}`),
  );
  return [...everywhere, ...apart];
}

/** Machine, script and library as Defender shows them; without Defender, as they were typed. */
async function lookAt(asked: RequestLine, env: NodeJS.ProcessEnv, say: Around['say']) {
  const opened = defenderOf(env);
  if (opened === null) {
    say(
      'Defender is not configured here: the machine’s tags, group and system are unknown, and scripts are taken as typed.',
    );
    return { machines: unseenMachines(asked), commands: asked.commands, files: [], warnings: [] };
  }
  try {
    return await lookInDefender(opened, asked);
  } finally {
    opened.close();
  }
}

async function lookInDefender(defender: Defender, asked: RequestLine) {
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

async function read(path: string): Promise<Policy> {
  let words: string;
  try {
    words = await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('policy', `${path} can't be read. policy.example.yaml is a policy to start from.`, { cause });
  }
  return loadPolicy(words, { platforms: [] });
}

/** The machines of a request as far as its words tell. */
function unseenMachines({ machine, aim }: RequestLine): Machine[] {
  if (aim === undefined) return [unknownMachine(machine)];
  if (aim.by === 'names') return aim.names.map(unknownMachine);
  const some = unknownMachine(`any with ${aim.by} ${aim.is}`);
  return [aim.by === 'tag' ? { ...some, tags: [aim.is] } : { ...some, group: aim.is }];
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
