import { shortName } from '../model/machine.ts';
import { answer, code, link, type PrivateAnswer, strong, type Text, text, time } from '../model/notice.ts';
import type { Person } from '../model/person.ts';
import { explain, isMember, mayApprove, mayRequest, PLATFORM_NAMES, reasonTrouble } from '../policy/index.ts';
import { judgeNow } from './binding.ts';
import { parseLine } from './command.ts';
import { whereWords } from './command-aim.ts';
import { shownCommands } from './command-line.ts';
import { type Deps, nameLookup } from './deps.ts';
import { machineFacts } from './machine-facts.ts';
import { inLibrary, preflight } from './preflight.ts';

/** Machines told at once. */
const LISTED = 10;

/** Which rule would apply to a request, and who could approve it. */
export async function explained(deps: Deps, words: string, person: Person): Promise<PrivateAnswer> {
  const asked = parseLine(words);
  if (asked.kind !== 'request') return answer('I can explain a request: explain run ws-042 minidump.ps1.');
  const found = await preflight(deps, asked, { fresh: false, purpose: 'people' });
  const verdict = judgeNow(deps, found, found.machines, found.files);
  const nameOf = await nameLookup(deps, person.platform, verdict.terms);
  const lines = explain(deps.policy(), verdict, {
    platform: person.platform,
    requester: person,
    reason: asked.reason,
    machines: found.machines.length,
    nameOf,
  });
  const missing = verdict.refuse === null ? reasonTrouble(verdict, asked.reason) : null;
  return answer(
    [text('For '), code(`${whereWords(asked, found.machines.length)}: ${shownCommands(found).join(' then ')}`)],
    ...new Set([...lines, ...(missing === null ? [] : [missing]), ...found.warnings.map((warning) => `⚠ ${warning}`)]),
  );
}

/** Who somebody is here, and what they may do. */
export function whoAmI(deps: Deps, person: Person): PrivateAnswer {
  const policy = deps.policy();
  const groups = [...policy.groups.keys()].filter((name) => isMember(policy, [name], person));
  return answer(
    `You are ${person.name} on ${PLATFORM_NAMES[person.platform]}, in ${groups.join(', ') || 'no group of the policy'}.`,
    mayRequest(policy, person) ? 'You may request live responses.' : 'You may not request live responses.',
    mayApprove(policy, person) ? 'You may approve requests of others.' : 'You may not approve.',
  );
}

/** Machines by the beginning of their name, or by id. */
export async function machines(deps: Deps, query: string): Promise<PrivateAnswer> {
  const found = await deps.defender.findMachines(query.toLowerCase(), { fresh: false, purpose: 'people' });
  if (found.length === 0) return answer(`No machine is called “${query}” or starts with it.`);
  const now = deps.clock.now();
  return answer(
    ...found
      .slice(0, LISTED)
      .map(
        (machine): Text => [
          link(deps.defender.portalUrl(machine.id), machine.name || machine.id),
          text(` · ${machineFacts(machine, now)} · `),
          code(machine.id),
        ],
      ),
    // One page of machines may not be all.
    ...(found.length > LISTED ? ['… and more. Type more of the name.'] : []),
  );
}

/** What the library holds, or what is known of one file. */
export async function library(deps: Deps, file: string | null): Promise<PrivateAnswer> {
  const files = await deps.defender.library({ fresh: false, purpose: 'people' });
  if (file === null) {
    if (files.length === 0) return answer('The library is empty.');
    const lines = files.map((one) => `${one.fileName}${one.description === '' ? '' : `  ${one.description}`}`).sort();
    return {
      ...answer(`The library has ${files.length} files. “library show <file>” tells more.`),
      output: lines.slice(0, 100),
    };
  }
  const found = inLibrary(file, files);
  const changed = Date.parse(found.updatedAt || found.createdAt);
  return answer(
    [strong(found.fileName), text(found.description === '' ? '' : `: ${found.description}`)],
    [
      text(`Added by ${found.createdBy || 'somebody unnamed'}`),
      ...(Number.isNaN(changed) ? [] : [text(', changed '), time(changed, 'date')]),
    ],
    found.parametersDescription === '' ? 'No parameters are described.' : `Parameters: ${found.parametersDescription}`,
    found.sha256 === '' ? 'Defender tells no sha256 of it.' : [text('sha256 '), code(found.sha256)],
  );
}

/** What the bot can’t do itself: the machine’s page in the Defender portal. */
export async function portal(deps: Deps, verb: string, name: string | null): Promise<PrivateAnswer> {
  const words = `I can’t ${verb} machines.`;
  if (name === null)
    return answer([
      text(`${words} In the Defender portal: `),
      link(deps.defender.portalUrl('').replace(/\/$/, ''), 'machines ↗'),
    ]);
  const found = await deps.defender.findMachines(name.toLowerCase(), {
    fresh: false,
    purpose: 'people',
    only: 'exact',
  });
  const exact = found.filter((machine) =>
    [machine.id, machine.name, shortName(machine)].some((one) => one.toLowerCase() === name.toLowerCase()),
  );
  if (exact.length === 0) return answer(`${words} And I don’t know the machine “${name}”.`);
  return answer([
    text(`${words} In the Defender portal: `),
    ...exact
      .slice(0, 5)
      .flatMap((machine): Text => [link(deps.defender.portalUrl(machine.id), `${shortName(machine)} ↗`), text(' ')]),
  ]);
}
