import { readFile } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import type { LibraryFile } from '../model/machine.ts';
import { checkPolicy, loadPolicy, type Policy, type Rule } from '../policy/index.ts';
import { type Finding, failed, ok, type Say, warning } from './finding.ts';
import type { Settings } from './settings.ts';

const CHECK = 'Policy';
const LIBRARY = 'Policy and library';

/** Reads and checks the policy; null where there is none that could be used. */
export async function checkPolicyFile(settings: Settings, say: Say): Promise<Policy | null> {
  const { policyFile } = settings;
  if (policyFile === undefined) {
    say(failed(CHECK, 'POLICY_FILE: can’t be used.', 'Let it name the policy file.'));
    return null;
  }
  let words: string;
  try {
    words = await readFile(policyFile, 'utf8');
  } catch {
    const mend = 'policy.example.yaml is a policy to start from; POLICY_FILE names yours.';
    say(failed(CHECK, `${policyFile} can't be read.`, mend));
    return null;
  }
  try {
    const policy = loadPolicy(words, { platforms: settings.platforms });
    say(ok(CHECK, `${policyFile} is valid: ${policy.rules.length} rules, ${policy.groups.size} groups.`));
    for (const one of checkPolicy(policy)) say(warning(CHECK, one, 'docs/policy.md explains what a policy says.'));
    return policy;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const lines = error.message.split('\n');
    // The first line only counts those that follow.
    for (const line of lines.length > 1 ? lines.slice(1) : lines) {
      say(failed(CHECK, `${policyFile}: ${line}`, 'Correct it; docs/policy.md explains what a policy says.'));
    }
    return null;
  }
}

/** What rules name, against what is in the library. */
export function checkLibrary(policy: Policy, library: readonly LibraryFile[], say: Say): void {
  const rules = [...policy.rules, policy.default].filter((rule) => rule.refuse === null);
  const found = rules.flatMap((rule) => [...pinsOf(rule, library), ...namesOf(rule, library)]);
  for (const finding of found) say(finding);
  if (found.length === 0) say(ok(LIBRARY, 'everything that rules name is in the library, as pinned.'));
}

function pinsOf({ name, sha256 }: Rule, library: readonly LibraryFile[]): Finding[] {
  return [...sha256].flatMap(([file, digest]) => {
    const there = library.find(({ fileName }) => fileName.toLowerCase() === file.toLowerCase());
    if (there === undefined) {
      const what = `rule “${name}” pins ${file}, which the library lacks, so nothing runs through it.`;
      return [warning(LIBRARY, what, 'Upload the file, or take the pin out.')];
    }
    if (there.sha256 === digest) return [];
    const what = `rule “${name}” pins another ${there.fileName} than the library's, so the rule doesn't count for it.`;
    const mend = `Look at what changed; if it is meant, pin ${there.sha256}.`;
    return [warning(LIBRARY, what, mend)];
  });
}

/** Names and patterns that fit no file. A rule without any is about all files. */
function namesOf({ name, match, sha256 }: Rule, library: readonly LibraryFile[]): Finding[] {
  return [...(match.scripts ?? []), ...(match.files ?? [])]
    .filter((glob) => !library.some(({ fileName }) => glob.test(fileName)))
    .filter((glob) => ![...sha256.keys()].some((pinned) => glob.test(pinned)))
    .map((glob) =>
      warning(
        LIBRARY,
        `rule “${name}” is about “${glob.source}”, which fits nothing in the library.`,
        'Upload the file, or correct the name.',
      ),
    );
}
