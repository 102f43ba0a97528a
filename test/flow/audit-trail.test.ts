import assert from 'node:assert/strict';
import { ChatError } from '../../src/errors.ts';
import { createResults, mintLink } from '../../src/flow/results.ts';
import type { PersonRef } from '../../src/model/person.ts';
import { approved, attempt, finish, pass, running, SCRIPT, SCRIPT_THEN_GET, unclear } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const LEA: PersonRef = { platform: 'slack', id: 'U0LEA', tenant: 'T0CONTOSO', name: 'Lea Lead' };

describe('what the audit trail keeps', () => {
  let world: World;
  let read: number;

  beforeEach(async () => {
    world = await createWorld();
    read = 0;
  });

  /** The entries since the last look. */
  async function entries() {
    const all = await world.audit();
    const fresh = all.slice(read);
    read = all.length;
    return fresh;
  }
  /** The same as `who action`, in their order. */
  const lines = async (): Promise<string[]> =>
    (await entries()).map(({ actor, action }) => `${typeof actor === 'string' ? actor : idOf(actor)} ${action}`);
  const idOf = (actor: unknown): string => (actor as PersonRef).id;
  const ask = async (user: string, line: string, channel?: string | null): Promise<void> => {
    await world.type(user, line, channel === undefined ? {} : { channel });
    await world.settle();
  };

  it('tells of a run who asked what and where, who let it run and by which rule, and what Defender said', async () => {
    const asked = await world.ask('U0ANA', `${SCRIPT_THEN_GET} --reason INC-1`);
    await world.click('U0LEA', 'approve', `${asked.id}:1`);
    const [received, waiting, click, approval, ...rest] = await entries();
    assert.deepEqual(received?.data, { line: asked.line, channel: 'C0SOC', typedIn: 'C0SOC' });
    const { policyHash } = asked.terms ?? { policyHash: '' };
    assert.equal((waiting?.actor as PersonRef | undefined)?.name, 'Ana Analyst');
    assert.deepEqual(
      [waiting?.action, waiting?.data.policy, waiting?.data.groups, waiting?.data.commands],
      ['request.waiting', policyHash, ['analysts'], asked.commands],
    );
    assert.deepEqual(
      [click?.action, click?.data],
      [
        'click.approve',
        { button: 'approve', round: 1, channel: 'C0SOC', rule: 'Default', policy: policyHash, groups: ['leads'] },
      ],
    );
    assert.deepEqual(
      [approval?.action, approval?.data.policy, approval?.data.groups, approval?.data.files],
      ['request.approve', policyHash, ['leads'], asked.files],
    );
    assert.equal((approval?.data.terms as { rule: string } | undefined)?.rule, 'Default');
    assert.deepEqual(
      rest.map(({ action }) => action),
      ['request.approved', 'run.submitting', 'run.running'],
    );
    const { outcome, actionId } = rest.at(-1)?.data ?? {};
    assert.deepEqual([outcome, actionId], ['accepted', world.defender.list[0]?.id]);
  });

  it('tells with which digest an output was read, who made a link to it, and who opened which file', async () => {
    const { request } = await running(world, SCRIPT_THEN_GET);
    await finish(world, request.id, 'one\n');
    const collected = (await entries()).find(({ action }) => action === 'result.collected');
    assert.match(String(collected?.data.sha256), /^[0-9a-f]{64}$/);
    const token = (await mintLink(world.deps, request.id, LEA)).replace(/^.*\//, '');
    const results = createResults(world.deps);
    await results.open(token);
    await results.file(token, 1);
    const [made, opened] = await entries();
    assert.deepEqual([made?.action, idOf(made?.actor)], ['results.link_made', 'U0LEA']);
    assert.deepEqual([opened?.action, idOf(opened?.actor)], ['results.file_opened', 'U0LEA']);
    assert.deepEqual(opened?.data, {
      index: 1,
      command: 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip',
      forThread: false,
    });
    world.policy(POLICY.replaceAll('U0LEA', 'U0LEX'));
    await results.file(token, 1);
    assert.deepEqual(await lines(), ['U0LEA results.refused']);
  });

  it('keeps what led to nothing: not understood, not here, not theirs, help, form, said twice', async () => {
    await ask('U0ANA', 'rnu ws-042');
    await ask('U0ANA', 'help');
    await ask('U0ANA', '');
    await ask('U0ANA', SCRIPT, 'C0ELSE');
    await ask('U0EVE', SCRIPT);
    await ask('U0ANA', SCRIPT);
    await ask('U0ANA', SCRIPT);
    const kept = await entries();
    assert.deepEqual(
      kept.map(({ actor, action, data }) => `${idOf(actor)} ${action} in ${data.channel}`),
      [
        'U0ANA command.not_understood in C0SOC',
        'U0ANA command.help in C0SOC',
        'U0ANA command.form in C0SOC',
        'U0ANA command.refused in C0ELSE',
        'U0EVE command.refused in C0SOC',
        'U0ANA request.received in C0SOC',
        'U0ANA request.waiting in undefined',
        'U0ANA command.repeated in C0SOC',
      ],
    );
    const refusals = kept.filter(({ action }) => action === 'command.refused');
    assert.ok(refusals.every(({ data }) => typeof data.why === 'string' && typeof data.policy === 'string'));
  });

  it('keeps typed questions once, where they were asked, and what somebody may not do', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    await entries();
    await ask('U0ANA', 'whoami', null);
    await ask('U0GUS', `cancel ${request.id} no`);
    await ask('U0ANA', 'pause');
    await ask('U0LEA', 'pause maintenance');
    const kept = await entries();
    assert.deepEqual(
      kept.map(({ actor, action }) => `${idOf(actor)} ${action}`),
      [
        'U0ANA command.whoami',
        'U0GUS command.cancel',
        'U0GUS command.refused',
        'U0ANA command.pause',
        'U0ANA command.refused',
        'U0LEA command.pause',
        'U0LEA paused',
      ],
    );
    assert.deepEqual([kept[0]?.data.channel, kept[0]?.data.groups], [null, ['analysts']]);
    assert.equal(kept[2]?.data.line, `cancel ${request.id} no`);
    assert.equal(kept[4]?.data.rule, 'approver');
  });

  it('keeps a question of somebody whom the platform can’t name, once', async () => {
    const silent = () => new ChatError('chat_unreachable', 'Slack is silent.');
    world.chat.fail('lookUp', silent(), silent());
    await world.type('U0ANA', 'whoami');
    const job = world.jobs[0];
    await world.settle();
    assert.deepEqual(await lines(), []);
    world.advance(16_000);
    assert.ok(job);
    await world.work(job);
    assert.deepEqual(await lines(), ['U0ANA command.not_checked']);
  });

  it('keeps clicks that were refused and those that decided, with what they rested on', async () => {
    const request = await world.ask('U0LEO', SCRIPT);
    await entries();
    await world.click('U0LEO', 'approve', `${request.id}:1`);
    await world.click('U0ANA', 'approve', `${request.id}:1`);
    await world.click('U0LEA', 'deny', `${request.id}:1`, { words: 'not today' });
    await world.click('U0LEA', 'approve', 'LR-ZZZZZZ:1');
    const kept = await entries();
    assert.deepEqual(
      kept.map(({ actor, action }) => `${idOf(actor)} ${action}`),
      ['U0LEO click.refused', 'U0ANA click.refused', 'U0LEA click.deny', 'U0LEA request.denied', 'U0LEA click.refused'],
    );
    assert.deepEqual(
      kept.map(({ data }) => data.rule),
      ['not-requester', 'listed-approver', 'Default', undefined, 'unknown request'],
    );
    assert.deepEqual([kept[2]?.data.words, kept[3]?.data.why], ['not today', 'not today']);
    assert.ok(kept.every(({ action, data }) => action === 'request.denied' || Array.isArray(data.groups)));
  });

  it('names the rule by which the policy refused a request', async () => {
    world.policy(
      POLICY.replace('rules:', 'rules:\n  - name: No\n    match: { scripts: [mini*] }\n    refuse: "Never."'),
    );
    await world.ask('U0ANA', SCRIPT);
    const refused = (await entries()).at(-1);
    assert.equal(refused?.action, 'request.refused');
    assert.deepEqual([refused?.data.why, refused?.data.rule, refused?.data.refusedBy], ['Never.', 'No', 'refuse']);
    assert.match(String(refused?.data.policy), /^[0-9a-f]{64}$/);
  });

  it('keeps every answer of Defender to an attempt at sending', async () => {
    world.defender.next({ outcome: 'throttled', retryAfter: 1_000, sessions: false });
    world.defender.next({ outcome: 'not_sent', why: 'the connection failed' });
    world.defender.next({ outcome: 'refused', code: 'DisabledFeature', message: 'Live response is switched off.' });
    await approved(world);
    for (let step = 0; step < 20; step++) await pass(world, 30_000);
    const outcomes = (await entries()).filter(({ action, data }) => action.startsWith('run.') && 'outcome' in data);
    assert.deepEqual(
      outcomes.map(({ action, data }) => [action, data.attempt, data.outcome]),
      [
        ['run.requeued', 1, 'throttled'],
        ['run.requeued', 2, 'not_sent'],
        ['run.refused', 3, 'refused'],
      ],
    );
  });

  it('keeps that an answer never came, that nothing was found, and by whose word it was settled', async () => {
    const { run } = await unclear(world);
    await world.click('U0LEO', 'it_did_not_run', attempt(run));
    const kept = await entries();
    assert.equal(kept.find(({ action }) => action === 'run.reconciling')?.data.outcome, 'no_answer');
    const after = kept.slice(kept.findIndex(({ action }) => action === 'run.unclear'));
    assert.deepEqual(
      after.slice(0, 3).map(({ action }) => action),
      ['run.unclear', 'click.it_did_not_run', 'run.settled_not_ran'],
    );
  });

  it('keeps what Defender said to a cancel, also when it took none', async () => {
    const { request } = await running(world);
    await entries();
    world.defender.nextCancel({ outcome: 'unclear', why: 'Defender answered 500' });
    await world.click('U0ANA', 'cancel', request.id);
    await pass(world, 60_000);
    const kept = await entries();
    assert.deepEqual(
      kept.map(({ action, data }) => [action, data.outcome]),
      [
        ['click.cancel', undefined],
        ['request.cancel', 'requested'],
        ['run.cancel_not_taken', 'unclear'],
        ['run.cancel_sent', 'requested'],
      ],
    );
  });

  it('keeps how each attempt at a deletion ended', async () => {
    const request = await world.ask('U0ANA', 'library delete minidump');
    world.defender.nextDeletion({ outcome: 'unclear', why: 'Defender answered 502' });
    await world.click('U0ANA', 'confirm', request.id);
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    await pass(world, 60_000);
    const kept = (await entries()).filter(({ action }) => action.startsWith('library.'));
    assert.deepEqual(
      kept.map(({ action, data }) => [action, data.attempt ?? data.attempts, data.outcome]),
      [
        ['library.deleting', 1, undefined],
        ['library.not_deleted', 1, 'unclear'],
        ['library.deleting', 2, undefined],
        ['library.deleted', 2, undefined],
      ],
    );
  });

  it('keeps a broken glass with its reason and rule, and who reviewed it', async () => {
    const request = await world.ask('U0LEA', `${SCRIPT} --break-glass --reason "it spreads"`);
    await world.click('U0LEO', 'reviewed', request.id);
    const kept = await entries();
    const broken = kept.find(({ action }) => action === 'request.break_glass');
    assert.deepEqual(
      [broken?.data.reason, broken?.data.rule, broken?.data.groups, broken?.data.policy],
      ['it spreads', 'Default', ['leads'], request.terms?.policyHash],
    );
    assert.deepEqual(
      kept.slice(-2).map(({ actor, action }) => `${idOf(actor)} ${action}`),
      ['U0LEO click.reviewed', 'U0LEO request.reviewed'],
    );
  });
});
