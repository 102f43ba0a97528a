import assert from 'node:assert/strict';
import { endRun } from '../../src/flow/changes.ts';
import { createResults, mintLink } from '../../src/flow/results.ts';
import { plain } from '../../src/model/notice.ts';
import type { Request, Run } from '../../src/model/request.ts';
import { libraryFile, machine, scriptResult } from '../support/fake-defender.ts';
import { ANA } from '../support/records.ts';
import { attempt, buttons, facts, pass, stateLine, warnings, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const RUN = 'run minidump.ps1 OfficeClickToRun';

describe('a request on several machines', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
    world.defender.machines = Array.from({ length: 6 }, (_unused, n) =>
      machine({
        id: `m${n}`,
        name: `ws-10${n}.contoso.com`,
        tags: n < 4 ? ['finance'] : [],
        group: n < 2 ? 'Tills' : 'Desks',
      }),
    );
  });

  const runs = (id: string): Promise<Run[]> => world.store.transaction((tx) => tx.runsOf(id));
  const statuses = async (id: string): Promise<string[]> => (await runs(id)).map(({ status }) => status);
  const approve = (request: Request, user = 'U0LEA') => world.click(user, 'approve', `${request.id}:${request.round}`);
  const approved = async (line: string): Promise<Request> => {
    const request = await world.ask('U0ANA', line);
    await approve(request);
    return world.request(request.id);
  };
  const answered = async (line: string): Promise<string> => {
    await world.type('U0ANA', line);
    await world.settle();
    return whispers(world).join('\n');
  };
  const sentTo = (): string[] => world.defender.submissions.map(({ machineId }) => machineId);
  const thread = (): string[] => world.chat.replies.map(({ reply }) => plain(reply.text));
  /** The machine's action ends so. */
  async function end(run: Run, status: string, command: 'Completed' | 'Failed' = 'Completed'): Promise<void> {
    const action = world.defender.list.findLast(({ machineId }) => machineId === run.machine.id);
    assert.ok(action !== undefined, run.machine.id);
    world.defender.go(action.id, status, [{ status: command, startedAt: world.now(), endedAt: world.now() + 3_000 }]);
  }

  it('is approved once, and sent once to each of them', async () => {
    const request = await approved(`${RUN} --machines ws-100,WS-101.contoso.com,m2`);
    assert.deepEqual(await statuses(request.id), ['running', 'running', 'running']);
    assert.deepEqual(sentTo().sort(), ['m0', 'm1', 'm2']);
    const comments = world.defender.submissions.map(({ body }) => body.Comment.slice(0, 13)).sort();
    assert.deepEqual(
      comments,
      [1, 2, 3].map((n) => `[${request.id}.${n}] `).map((text) => text.slice(0, 13)),
    );
    await pass(world, 60_000);
    assert.equal(sentTo().length, 3);
  });

  it('shows every machine to who decides, and how many ran well at the end', async () => {
    world.defender.results.set('*', scriptResult({}));
    const request = await world.ask('U0ANA', `${RUN} --tag finance`);
    assert.match(plain(world.card(request.id).headline), /4 machines: ws-100\.contoso\.com, .*ws-103\.contoso\.com$/);
    await approve(request);
    const all = await runs(request.id);
    for (const run of all.slice(0, 3)) await end(run, 'Succeeded');
    await pass(world, 6_000);
    assert.match(stateLine(world, request.id), /^◌ 3 of 4 done · ✔ 3 finished · ◌ 1 waiting · ███████░░░ 75 %/);
    await end(all[3] as Run, 'Failed', 'Failed');
    world.defender.results.set('*', scriptResult({ exitCode: 1, errors: 'no such process\n' }));
    await pass(world, 6_000);
    assert.equal((await world.request(request.id)).status, 'done');
    assert.match(stateLine(world, request.id), /^✘ 4 of 4 done · ✔ 3 finished · ✘ 1 failed · ██████████ 100 %$/);
    assert.deepEqual(buttons(world, request.id), ['results']);
    const last = thread().at(-1) ?? '';
    assert.match(last, /4 machines: ✔ 3 finished · ✘ 1 failed\. Look at ws-103\. LR-\w+: Open results/);
  });

  it('takes all machines of a device group, in any case, and those of a tag as Defender spells it', async () => {
    const group = await world.ask('U0ANA', `${RUN} --group tills`);
    assert.equal((await runs(group.id)).length, 2);
    assert.match(await answered(`${RUN} --tag Finance`), /No machine has the tag “Finance”\. Tags are written exactly/);
  });

  it('is done by nobody where a name is unknown, or means several', async () => {
    assert.match(await answered(`${RUN} --machines ws-100,ws-1000`), /don't know the machine “ws-1000”/);
    assert.match(await answered(`${RUN} --machines ws-100,x1,x2`), /don't know these machines: x1, x2/);
    world.defender.machines.push(machine({ id: 'm7', name: 'ws-100.fabrikam.com' }));
    const several = await answered(`${RUN} --machines ws-101,ws-100`);
    assert.match(several, /Several machines are called ws-100/);
    assert.match(several, /run minidump\.ps1 OfficeClickToRun --machines ws-101,m7/);
    assert.deepEqual(sentTo(), []);
  });

  it('leaves out machines that have no live response, and says so', async () => {
    world.defender.machines.push(machine({ id: 'm8', name: 'phone', osPlatform: 'Android', tags: ['finance'] }));
    const request = await world.ask('U0ANA', `${RUN} --tag finance`);
    assert.equal((await runs(request.id)).length, 4);
    assert.ok(warnings(world, request.id).some((line) => /Left out, .* phone\.$/.test(line)));
    assert.match(await answered(`${RUN} --machines ws-100,phone`), /phone runs Android/);
  });

  it('is more than one request takes above a hundred machines', async () => {
    world.defender.machines = Array.from({ length: 101 }, (_unused, n) => machine({ id: `m${n}`, name: `w${n}` }));
    assert.match(await answered(`${RUN} --tag finance`), /That is 101 machines; one request takes 100 at most/);
  });

  it('is refused where no card could show all names', async () => {
    world.defender.machines = Array.from({ length: 90 }, (_unused, n) =>
      machine({ id: `m${n}`, name: `${'w'.repeat(35)}${n}` }),
    );
    assert.match(
      await answered(`${RUN} --tag finance`),
      /Commands and machines are too long for a card.* where 3000 fit/,
    );
  });

  it('is judged by the strictest rule of all its machines', async () => {
    world.defender.machines[5] = machine({ id: 'm5', name: 'dc-01.contoso.com', tags: ['tier0'] });
    const line = `${RUN} --machines ws-100,dc-01 --reason "INC-1 x"`;
    const request = await world.ask('U0ANA', line);
    assert.equal(request.terms?.approvals, 2);
    await approve(request);
    assert.deepEqual(await statuses(request.id), ['held', 'held']);
    await approve(request, 'U0LEO');
    assert.deepEqual(await statuses(request.id), ['running', 'running']);
  });

  it('is refused above the machines that a rule allows, and for those that a rule refuses by name', async () => {
    world.policy(POLICY.replace('default: {', 'default: { maxMachines: 2,'));
    assert.match(await answered(`${RUN} --tag finance`), /at most 2 machines at once, and you named 4/);
    const rule = '  - name: Never\n    match: { machineGroups: [Tills] }\n    refuse: "Ask the shop."\n';
    world.policy(POLICY.replace('rules:\n', `rules:\n${rule}`));
    assert.match(await answered(`${RUN} --machines ws-101,ws-104`), /^Not on ws-101: Ask the shop\./);
    assert.match(await answered(`${RUN} --machines ws-100,ws-101`), /^Ask the shop\./);
  });

  it('is refused once the policy allows fewer machines, while it waits and when it is approved', async () => {
    const request = await world.ask('U0ANA', `${RUN} --tag finance`);
    world.policy(POLICY.replace('default: {', 'default: { maxMachines: 2,'));
    await approve(request);
    assert.match(whispers(world).join(), /allows this on at most 2 machines at once, and these are 4/);
    assert.deepEqual(sentTo(), []);
  });

  it('takes turns with others: a small request behind it isn’t starved', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 2 }\n`);
    const big = await world.ask('U0ANA', `${RUN} --machines ws-100,ws-101,ws-102,ws-103`);
    const small = await world.ask('U0GUS', 'run ws-104 minidump.ps1');
    await approve(big);
    assert.deepEqual(sentTo().length, 2);
    await approve(small);
    assert.match(facts(world, big.id).at(-1) ?? '', /^◌ 2 wait for their turn · /);
    await pass(world, 61_000);
    assert.ok(sentTo().includes('m4'));
    assert.equal(sentTo().length, 4);
  });

  it('goes back to its approvers as a whole where a script changed before any was sent', async () => {
    const request = await world.ask('U0ANA', `${RUN} --tag finance`);
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await approve(request);
    assert.equal((await world.request(request.id)).status, 'waiting');
    assert.deepEqual(await statuses(request.id), ['held', 'held', 'held', 'held']);
    const again = await world.request(request.id);
    await approve(again);
    assert.equal(sentTo().length, 4);
  });

  it('ends on those that were not sent yet where a script changed while others run, and says why', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 2 }\n`);
    const request = await approved(`${RUN} --tag finance`);
    assert.equal(sentTo().length, 2);
    for (const run of await runs(request.id)) if (run.status === 'running') await end(run, 'Succeeded');
    world.defender.results.set('*', scriptResult({}));
    await pass(world, 6_000);
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await pass(world, 61_000);
    assert.equal(sentTo().length, 2);
    assert.deepEqual((await statuses(request.id)).sort(), ['cancelled', 'cancelled', 'succeeded', 'succeeded']);
    const told = facts(world, request.id).join('\n');
    assert.match(
      told,
      /– ws-10\d: Cancelled\. minidump\.ps1 changed after it was approved\. The request is under way on other machines, so it isn’t asked for again here\. Nothing was sent to the machine\./,
    );
    assert.match(stateLine(world, request.id), /^– 4 of 4 done/);
  });

  it('is cancelled on all machines at once, in line and at Defender', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 2 }\n`);
    const request = await approved(`${RUN} --tag finance`);
    await world.click('U0ANA', 'cancel', request.id);
    await pass(world, 6_000);
    assert.deepEqual(await statuses(request.id), ['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    assert.equal(world.defender.cancels.length, 2);
    assert.equal((await world.request(request.id)).status, 'done');
  });

  it('asks about the machine whose start is unclear, and goes on with the others', async () => {
    world.defender.next({ outcome: 'unclear', why: 'reset' });
    const request = await approved(`${RUN} --machines ws-100,ws-101`);
    await pass(world, world.deps.visibilityLag + 1_000);
    const [doubtful] = (await runs(request.id)).filter(({ status }) => status === 'unclear');
    assert.ok(doubtful !== undefined);
    assert.match(stateLine(world, request.id), /^\? 0 of 2 done · .*\? 1 unclear/);
    assert.ok(
      thread().some((line) =>
        /^\? ws-10\d: Still unclear whether it ran, and maybe on others: the card says where\./.test(line),
      ),
    );
    await world.click('U0LEO', 'it_did_not_run', attempt(doubtful));
    assert.deepEqual(await statuses(request.id), ['running', 'running']);
    assert.equal(sentTo().length, 3);
  });

  it('asks about two of one name by what tells them apart, on the card, in the dialog and in the thread', async () => {
    world.defender.machines = ['contoso.com', 'fabrikam.com', 'fabrikam.com'].map((domain, n) =>
      machine({ id: `${n}234567890`, name: `ws-7.${domain}`, tags: ['finance'] }),
    );
    for (let n = 0; n < 3; n++) world.defender.next({ outcome: 'unclear', why: 'reset' });
    const request = await world.ask('U0ANA', `${RUN} --tag finance`);
    const names = ['ws-7.contoso.com', 'ws-7.fabrikam.com (12345678…)', 'ws-7.fabrikam.com (22345678…)'];
    assert.ok(plain(world.card(request.id).headline).endsWith(`3 machines: ${names.join(', ')}`));
    await approve(request);
    await pass(world, world.deps.visibilityLag + 1_000);
    const asked = world.card(request.id).buttons.filter(({ action }) => action === 'it_did_not_run');
    assert.deepEqual(
      asked.map(({ label }) => label),
      names.map((name) => `${name}: It didn’t run`),
    );
    assert.deepEqual(
      asked.map(({ confirm }) => confirm?.title),
      names.map((name) => `${name}: It didn’t run?`),
    );
    for (const run of await runs(request.id)) await world.click('U0LEO', 'it_ran', attempt(run));
    const said = thread().filter((line) => line.includes('says that it ran'));
    assert.deepEqual(said.sort(), names.map((name) => `${name}: Leo Lead says that it ran.`).sort());
  });

  it('runs once on a machine that Defender lists twice', async () => {
    world.defender.machines = [machine({ id: 'AB' }), machine({ id: 'ab' }), machine({ id: 'cd', name: 'ws-1' })];
    const request = await approved(`${RUN} --tag finance`);
    assert.equal((await runs(request.id)).length, 2);
    assert.equal(sentTo().length, 2);
  });

  it('calls people once an hour about unclear machines, and says in the end why the others were left out', async () => {
    world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 1h').concat('limits: { callsPerMinute: 3 }\n'));
    for (let n = 0; n < 3; n++) world.defender.next({ outcome: 'unclear', why: 'reset' });
    const request = await approved(`${RUN} --tag finance`);
    assert.equal(sentTo().length, 3);
    await world.type('U0LEA', 'pause maintenance');
    await pass(world, world.deps.visibilityLag + 1_000);
    assert.equal(thread().filter((line) => line.includes('Still unclear')).length, 1);
    assert.match(stateLine(world, request.id), /^\? 0 of 4 done .* · paused by Lea Lead: maintenance$/);
    const said = await answered(`cancel ${request.id}`);
    assert.match(said, /Cancelled where it could be\. On other machines it is unclear whether it ran/);
    for (const run of await runs(request.id)) {
      if (run.status === 'unclear') await world.click('U0LEO', 'it_ran', attempt(run));
    }
    await pass(world, 6_000);
    assert.match(thread().at(-1) ?? '', /ws-10\d: Cancelled by Ana Analyst\. Nothing was sent to the machine\./);
  });

  it('that never ran says why at its end', async () => {
    world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 1m'));
    await world.type('U0LEA', 'pause');
    const request = await approved(`${RUN} --machines ws-100,ws-101`);
    await pass(world, 61_000);
    assert.deepEqual(await statuses(request.id), ['cancelled', 'cancelled']);
    assert.match(thread().at(-1) ?? '', /2 machines: – 2 cancelled\. It did not start within 1 min of the approval\./);
  });

  it('that lost a machine before it was sent says so where what was approved changed then', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 1 }\n`);
    await world.type('U0LEA', 'pause');
    const request = await approved(`${RUN} --machines ws-100,ws-101,ws-102`);
    const [first] = await runs(request.id);
    await world.store.transaction(async (tx) => {
      const run = await tx.run(first?.id ?? '');
      const its = await tx.request(request.id);
      assert.ok(run !== null && its !== null);
      await endRun(tx, world.deps, run, its, 'cancelled', { note: 'Refused.' });
    });
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await world.type('U0LEA', 'resume');
    await pass(world, 6_000);
    assert.deepEqual(await statuses(request.id), ['cancelled', 'cancelled', 'cancelled']);
    assert.match(facts(world, request.id).join('\n'), /has ended on other machines, so it isn’t asked for again here/);
  });

  it('names the machine in each reply, and tells only what went wrong on many', async () => {
    const few = await approved(`${RUN} --machines ws-100,ws-101`);
    world.defender.results.set('*', scriptResult({}));
    for (const run of await runs(few.id)) await end(run, 'Succeeded');
    await pass(world, 6_000);
    assert.ok(
      thread().some((line) => line.startsWith('✔ ws-100: minidump.ps1 ended with exit 0')),
      thread().join('\n'),
    );
    world.defender.machines = Array.from({ length: 11 }, (_unused, n) => machine({ id: `n${n}`, name: `w${n}` }));
    world.policy(`${POLICY}limits: { callsPerMinute: 100 }\n`);
    world.chat.replies.length = 0;
    const many = await approved(`${RUN} --tag finance`);
    const all = await runs(many.id);
    for (const run of all.slice(1)) await end(run, 'Succeeded');
    await pass(world, 6_000);
    world.defender.results.set('*', scriptResult({ exitCode: 2, errors: 'no such process\n' }));
    await end(all[0] as Run, 'Succeeded');
    await pass(world, 6_000);
    const said = thread().filter((line) => line.includes('minidump.ps1'));
    assert.deepEqual(said, ['✘ w0: minidump.ps1 ended with exit 2 after 3 s.']);
    assert.match(thread().at(-1) ?? '', /11 machines: ✔ 10 finished · ⚠ 1 finished with errors\. Look at w0\./);
  });

  it('has a results page of all machines, and one for each, with its own files', async () => {
    const request = await approved('run minidump.ps1 then get C:\\x.zip --machines ws-100,ws-101');
    const all = await runs(request.id);
    for (const [index, run] of all.entries()) {
      const action = world.defender.list.find(({ machineId }) => machineId === run.machine.id);
      world.defender.results.set(`${action?.id}:0`, scriptResult({ output: `from machine ${index + 1}\n` }));
      const done = { status: 'Completed', startedAt: world.now(), endedAt: world.now() + 1_000 };
      world.defender.go(action?.id ?? '', 'Succeeded', [done, done]);
    }
    await pass(world, 6_000);
    const results = createResults(world.deps);
    const token = (await mintLink(world.deps, request.id, ANA)).split('/').at(-1) ?? '';
    const overview = await results.open(token);
    assert.ok(overview.kind === 'page');
    assert.equal(overview.page.machine, '2 machines');
    assert.deepEqual(
      overview.page.machines?.map(({ number, name, state }) => [number, name, state.tone]),
      [
        [1, 'ws-100.contoso.com', 'good'],
        [2, 'ws-101.contoso.com', 'good'],
      ],
    );
    const second = await results.open(token, 2);
    assert.ok(second.kind === 'page');
    assert.deepEqual(
      [second.page.machine, second.page.commands[0]?.output],
      ['ws-101.contoso.com', 'from machine 2\n'],
    );
    assert.deepEqual(
      second.page.commands.map(({ fileIndex }) => fileIndex),
      [2, 3],
    );
    const file = await results.file(token, 3);
    const itsAction = world.defender.list.find(({ machineId }) => machineId === 'm1');
    assert.ok(file.kind === 'link' && file.url.includes(`/${itsAction?.id}/1?`), JSON.stringify(file.kind));
    assert.deepEqual(
      [(await results.open(token, 3)).kind, (await results.file(token, 4)).kind],
      ['unknown', 'unknown'],
    );
  });

  it('stands in lists, in status and in history by how many machines it has', async () => {
    const request = await approved(`${RUN} --machines ws-100,ws-101`);
    for (const line of [`status ${request.id}`, 'status', 'history ws-101']) {
      assert.match(
        await answered(line),
        new RegExp(`${request.id} Ana Analyst · 2 machines · run minidump.* · ◌ 0 of 2 done`),
        line,
      );
    }
    assert.match(await answered(`explain ${RUN} --tag finance`), /For 4 machines with tag finance: run minidump\.ps1/);
  });

  it('is asked once more with “again”, on the machines that have the tag by then', async () => {
    const request = await approved(`${RUN} --tag finance`);
    world.defender.machines.push(machine({ id: 'm9', name: 'ws-109.contoso.com', tags: ['finance'] }));
    world.advance(61_000);
    const fresh = /LR-\w{6}/.exec(await answered(`again ${request.id}`))?.[0] ?? '';
    assert.notEqual(fresh, request.id);
    assert.equal((await runs(fresh)).length, 5);
    assert.equal((await runs(request.id)).length, 4);
  });
});
