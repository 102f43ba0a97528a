import fc from 'fast-check';
import type { Decision } from '../../src/model/request.ts';
import {
  couldRead,
  countApprovals,
  entraGroupsOf,
  isMember,
  loadPolicy,
  mayApprove,
  mayRead,
  mayRequest,
  type PersonId,
  type Policy,
  quorumReached,
} from '../../src/policy/index.ts';
import { decisionBy, requestWith, slackPerson, terms } from './fixtures.ts';

const NAMES = ['analysts', 'leads', 'seniors'] as const;
type Entra = Record<(typeof NAMES)[number], string[]>;

/** So few ids that policies and people often share some. */
const IDS = Array.from({ length: 6 }, (_, at) => `${`${at}`.repeat(2)}abcdef-0000-4000-8000-00000000000${at}`);
const ids = fc.array(fc.constantFrom(...IDS), { maxLength: 3 });
const entra: fc.Arbitrary<Entra> = fc.record({ analysts: ids, leads: ids, seniors: ids });

function policyOf(groups: Entra): Policy {
  const lines = NAMES.map(
    (name) => `  ${name}: { slack: { users: [U${name.toUpperCase()}] }, teams: { entraGroups: [${groups[name]}] } }`,
  );
  return loadPolicy(
    `version: 1
channels: { slack: [C0SOC], teams: ["19:abc@thread.tacv2"] }
groups:
${lines.join('\n')}
requesters: [analysts, leads]
approvers: [leads]
rules: [{ name: Narrow, match: { machineGroups: [x] }, approvers: [seniors] }]
`,
    { platforms: ['teams'] },
  );
}

const rights = (policy: Policy, person: PersonId) => [
  ...NAMES.map((name) => isMember(policy, [name], person)),
  mayRequest(policy, person),
  mayApprove(policy, person),
  mayRead(policy, person),
];
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const onTeams = (groups: string[]): PersonId => ({ platform: 'teams', id: 'somebody', groups });
const inAnyCase = (id: string) =>
  fc
    .array(fc.boolean(), { minLength: id.length, maxLength: id.length })
    .map((upper) => [...id].map((char, at) => (upper[at] ? char.toUpperCase() : char)).join(''));

describe('Rights by Entra groups', () => {
  it('are those of the groups that the policy names, whatever the case', () => {
    const people = fc.array(fc.constantFrom(...IDS).chain(inAnyCase));
    fc.assert(
      fc.property(entra, people, (groups, found) => {
        const expected = NAMES.map((name) => groups[name].some((id) => found.some((one) => one.toLowerCase() === id)));
        return same(rights(policyOf(groups), onTeams(found)).slice(0, 3), expected);
      }),
    );
  });

  it('are nobody’s on Slack', () => {
    const who = fc.constantFrom('UANALYSTS', 'ULEADS', 'USENIORS', 'USOMEBODY', ...IDS);
    fc.assert(
      fc.property(entra, fc.array(fc.constantFrom(...IDS)), who, (groups, found, id) => {
        const policy = policyOf(groups);
        const person: PersonId = { platform: 'slack', id };
        return (
          same(rights(policy, { ...person, groups: found }), rights(policy, person)) &&
          couldRead(policy, person) === mayRead(policy, person)
        );
      }),
    );
  });

  it('come from no group that the policy doesn’t name, and not from being called like one', () => {
    const others = fc.array(fc.oneof(fc.uuid(), fc.string(), fc.constantFrom(...NAMES, '__proto__', 'constructor')));
    fc.assert(
      fc.property(entra, others, fc.constantFrom(...IDS), (groups, found, id) => {
        const policy = policyOf(groups);
        const unnamed = found.filter((one) => !IDS.includes(one.toLowerCase()));
        return [onTeams(unnamed), { ...onTeams([]), id }].every((person) =>
          rights(policy, person).every((may) => !may),
        );
      }),
    );
  });

  it('come from the whole id only', () => {
    const bent = fc.constantFrom(...IDS).chain((id) =>
      fc.oneof(
        fc.nat(id.length - 1).map((length) => id.slice(0, length)),
        fc.integer({ min: 1, max: id.length }).map((from) => id.slice(from)),
        fc.constantFrom(`${id} `, ` ${id}`, `${id}\0`, `{${id}}`, id.replaceAll('-', ''), `${id},${id}`, `${id}${id}`),
        // Letters that only look like these, or become others in another case.
        fc.constantFrom(
          id.replace('a', 'а'),
          id.replace('c', 'ⅽ'),
          id.replace('f', 'ſ'),
          id.normalize('NFKC').replace('e', 'ｅ'),
        ),
      ),
    );
    fc.assert(
      fc.property(fc.array(bent), (found) => {
        const policy = policyOf({ analysts: IDS, leads: IDS, seniors: IDS });
        return rights(policy, onTeams(found)).every((may) => !may);
      }),
    );
  });

  it('need no other groups than those that are asked about', () => {
    fc.assert(
      fc.property(entra, fc.array(fc.constantFrom(...IDS)), (groups, found) => {
        const policy = policyOf(groups);
        const asked = entraGroupsOf(policy);
        const answered = found.filter((id) => asked.includes(id));
        return same(rights(policy, onTeams(found)), rights(policy, onTeams(answered)));
      }),
    );
  });

  it('turn nobody away before a look-up who has them after it', () => {
    fc.assert(
      fc.property(entra, fc.array(fc.constantFrom(...IDS)), (groups, found) => {
        const policy = policyOf(groups);
        return couldRead(policy, { platform: 'teams', id: 'somebody' }) || !mayRead(policy, onTeams(found));
      }),
    );
  });
});

describe('A decision by Entra groups', () => {
  const request = requestWith({ platform: 'teams', terms: { ...terms, approverGroups: [['leads'], ['seniors']] } });
  const decided = (groups: string[] | undefined): Decision => {
    const { groups: _, ...person } = slackPerson('somebody', { platform: 'teams', groups: [] });
    return decisionBy('', { person: groups === undefined ? person : { ...person, groups } });
  };

  it('counts by the groups of its moment under the policy in force', () => {
    fc.assert(
      fc.property(entra, fc.option(fc.array(fc.constantFrom(...IDS)), { nil: undefined }), (groups, found) => {
        const policy = policyOf(groups);
        const expected =
          found !== undefined && ['leads', 'seniors'].every((name) => isMember(policy, [name], onTeams(found)));
        return countApprovals(policy, request, [decided(found)]) === (expected ? 1 : 0);
      }),
    );
  });

  it('counts no more when the policy drops the group, and on no other platform', () => {
    fc.assert(
      fc.property(fc.constantFrom(...IDS), entra, (id, others) => {
        const without = { ...others, leads: others.leads.filter((one) => one !== id) };
        const decision = decided([id]);
        const before = policyOf({ ...without, leads: [...without.leads, id], seniors: [id] });
        const now = policyOf({ ...without, seniors: [id] });
        return (
          quorumReached(before, request, [decision]) &&
          !quorumReached(now, request, [decision]) &&
          !quorumReached(before, { ...request, platform: 'slack' }, [
            { ...decision, person: { ...decision.person, platform: 'slack' } },
          ])
        );
      }),
    );
  });
});
