import assert from 'node:assert/strict';
import { createResults } from '../../src/flow/results.ts';
import { plain } from '../../src/model/notice.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { defenderTrouble, libraryFile, machine } from '../support/fake-defender.ts';
import {
  approved,
  audited,
  finish,
  pass,
  running,
  SCRIPT,
  SCRIPT_THEN_GET,
  stateLine,
  whispers,
} from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

describe('questions', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  /** What the last private answer says, its preformatted lines included. */
  const ask = async (user: string, line: string, changes: Parameters<World['type']>[2] = {}): Promise<string> => {
    world.chat.answers.length = 0;
    await world.type(user, line, changes);
    await world.settle();
    const answers = world.chat.answers.map(({ answer }) => [...answer.lines.map(plain), ...answer.output].join('\n'));
    assert.ok(answers.length <= 1);
    return answers[0] ?? '';
  };

  describe('about requests', () => {
    it('are answered with how one stands, by its id or in its thread', async () => {
      const { request } = await running(world);
      const words = await ask('U0LEA', `status ${request.id}`);
      assert.match(
        words,
        new RegExp(
          `^${request.id} Ana Analyst · ws-042 · run minidump\\.ps1 OfficeClickToRun · ◌ Sent, ws-042 hasn’t picked it up`,
        ),
      );
      const thread = world.chat.posts[0]?.posted.thread ?? '';
      assert.equal(await ask('U0LEA', 'status', { thread }), words);
    });

    it('without an id list one’s own, or ask which', async () => {
      assert.equal(await ask('U0ANA', 'status'), 'Your requests: nothing.');
      const { request } = await running(world);
      assert.match(await ask('U0ANA', 'status'), new RegExp(`^Your requests\n${request.id}`));
      assert.equal(await ask('U0LEA', 'status'), 'Your requests: nothing.');
      for (const verb of ['show', 'results', 'cancel', 'withdraw', 'again'])
        assert.match(await ask('U0ANA', verb), new RegExp(`^Say which request: ${verb} LR-8K3F2Q`));
      assert.match(await ask('U0ANA', 'show LR-000000'), /^I don’t know LR-000000\./);
    });

    it('list what waits, and what was, of a machine too', async () => {
      assert.equal(await ask('U0ANA', 'pending'), 'Waiting for approval: nothing.');
      const first = await world.ask('U0ANA', SCRIPT);
      world.advance(1_000);
      const second = await approved(world, 'get ws-042 C:\\x.zip');
      assert.match(
        await ask('U0LEA', 'pending'),
        new RegExp(`^Waiting for approval\n${first.id} .* · ⏳ Waiting for approval$`),
      );
      assert.match(
        await ask('U0LEA', 'history'),
        new RegExp(`^The latest requests\n${second.request.id}[^\n]*\n${first.id}[^\n]*$`),
      );
      assert.equal((await ask('U0LEA', 'history ws-042')).split('\n').length, 3);
      assert.equal(await ask('U0LEA', 'history ws-999'), 'The latest requests for ws-999: nothing.');
    });

    it('tell the place in line', async () => {
      await ask('U0LEA', 'pause');
      world.defender.machines.push(machine({ id: 'm2', name: 'ws-043.contoso.com' }));
      await approved(world);
      world.advance(10);
      const second = await approved(world, SCRIPT.replace('042', '043'));
      await ask('U0LEA', 'resume');
      world.policy(`${POLICY}limits: { callsPerMinute: 1 }\n`);
      assert.match(await ask('U0ANA', `status ${second.request.id}`), /· [✔◌]/);
    });

    it('show a fresh card where the request lives, which is kept up to date', async () => {
      const { id } = await world.ask('U0ANA', SCRIPT);
      assert.equal(
        await ask('U0LEA', `show ${id}`, { channel: null }),
        `A fresh card of ${id} is on its way to #c0soc.`,
      );
      assert.equal(world.chat.posts.length, 2);
      assert.equal(world.chat.posts[1]?.place, 'C0SOC');
      await world.click('U0LEA', 'deny', `${id}:1`);
      await pass(world, 2_000);
      assert.ok([...world.chat.cards.values()].every((card) => card.state.symbol === '✘'));
      assert.equal(world.chat.replies.length, 1, 'the thread stays the first');
    });

    it('show no card of what never reached a machine, and stop no channel by it', async () => {
      world.chat.standings.set('U0ANA', 'guest');
      const refused = await world.ask('U0ANA', SCRIPT);
      world.chat.standings.clear();
      assert.match(await ask('U0LEA', `show ${refused.id}`), /has no card: it was refused: Guests may not/);
      await world.type('U0ANA', 'get ws-042 C:\\x.zip');
      const [received] = await world.store.requestsBy({ status: ['received'], limit: 1 });
      const id = received?.id ?? '';
      world.lose();
      assert.equal(await ask('U0LEA', `show ${id}`), `${id} has no card: it is being looked at.`);
      assert.match(await ask('U0LEA', `status ${id}`), / · it is being looked at$/);
      assert.equal(await ask('U0ANA', `withdraw ${id}`), `${id} is withdrawn.`);
      assert.equal(await ask('U0LEA', `show ${id}`), `${id} has no card: it was withdrawn.`);
      assert.match(await ask('U0LEA', `status ${refused.id}`), / · it was refused: Guests/);
      const fine = await world.ask('U0LEA', SCRIPT);
      assert.ok(stateLine(world, fine.id).startsWith('⏳'));
      assert.deepEqual(world.failed, []);
    });

    it('give results to whom they belong, for that person alone', async () => {
      const { request } = await running(world);
      await finish(world, request.id);
      assert.match(
        await ask('U0LEA', `results ${request.id}`),
        /for you alone:\nOpen results of LR-\w+ · works for 30 min$/,
      );
      const link = world.chat.answers[0]?.answer.lines.flat().find((span) => span.kind === 'link');
      const opened = await createResults(world.deps).open(
        link?.kind === 'link' ? (link.url.split('/').at(-1) ?? '') : '',
      );
      assert.equal(opened.kind === 'page' && opened.page.viewer, 'Lea Lead');
    });

    it('repeat a request as one’s own, once', async () => {
      const { id } = await world.ask('U0ANA', `${SCRIPT_THEN_GET} --reason "INC-1"`);
      const words = await ask('U0LEA', `again ${id}`, { delivery: 'd' });
      const fresh = await world.request(/LR-\w{6}/.exec(words)?.[0] ?? '');
      assert.deepEqual([fresh.requester.id, fresh.line], ['U0LEA', (await world.request(id)).line]);
      assert.notEqual(fresh.id, id);
      assert.equal(await ask('U0LEA', `again ${id}`, { delivery: 'd' }), '');
      assert.equal((await world.store.requestsBy({ limit: 10 })).length, 2);
    });

    it('ask first before they repeat what the same person asked a moment ago', async () => {
      const { id } = await world.ask('U0ANA', SCRIPT);
      world.advance(20_000);
      assert.equal(await ask('U0ANA', `again ${id}`), `You asked the same thing 20 s ago (${id}). Ask again?`);
      assert.equal((await world.store.requestsBy({ limit: 10 })).length, 1);
      const [yes] = world.chat.answers.at(-1)?.answer.buttons ?? [];
      await world.click('U0ANA', 'ask_again', yes?.id ?? '');
      await world.click('U0ANA', 'ask_again', yes?.id ?? '');
      assert.equal((await world.store.requestsBy({ limit: 10 })).length, 2);
      world.advance(61_000);
      assert.match(await ask('U0ANA', `again ${id}`), /^Got it/);
    });

    it('repeat nothing twice when their work is done again, and nothing across platforms', async () => {
      const { id } = await world.ask('U0ANA', SCRIPT);
      world.advance(61_000);
      const { transaction } = world.store;
      world.store.transaction = (work) =>
        transaction((tx) =>
          work({
            ...tx,
            insertAnswer: async () => {
              throw new Error('killed');
            },
          }),
        );
      assert.equal(await ask('U0ANA', `again ${id}`), '');
      world.store.transaction = transaction;
      await pass(world, 3_000);
      assert.equal((await world.store.requestsBy({ limit: 10 })).length, 2);

      const teams = {
        platform: 'teams' as const,
        id: 'U0LEA',
        tenant: '',
        name: 'Lea Lead',
        standing: 'member' as const,
      };
      const told: string[] = [];
      (world.deps.chats as Map<string, unknown>).set('teams', {
        ...world.chat,
        lookUp: async () => teams,
        answer: async (_to: string, answer: { lines: Parameters<typeof plain>[0][] }) =>
          void told.push(...answer.lines.map(plain)),
      });
      const policy = world.deps.policy();
      world.deps.policy = () =>
        ({
          ...policy,
          groups: new Map([
            [
              'leads',
              { ...[...policy.groups.values()][1], users: { slack: new Set<string>(), teams: new Set(['u0lea']) } },
            ],
          ]),
        }) as never;
      const line = {
        delivery: 't',
        person: teams,
        channel: null,
        place: null,
        thread: null,
        text: `again ${id}`,
        replyTo: 'x',
      };
      await world.store.transaction((tx) =>
        tx.insertInbound({
          id: '00000000-0000-0000-0000-000000000001',
          platform: 'teams',
          line,
          createdAt: world.now(),
        }),
      );
      await world.work({ queue: 'look_up.slack', id: '00000000-0000-0000-0000-000000000001' });
      await world.settle();
      assert.deepEqual(told, [`${id} lives elsewhere; type it anew here.`]);
    });
  });

  describe('about rights and rules', () => {
    it('say who one is and what one may', async () => {
      assert.equal(
        await ask('U0ANA', 'whoami'),
        'You are Ana Analyst on Slack, in analysts.\nYou may request live responses.\nYou may not approve.',
      );
      assert.match(
        await ask('U0LEA', 'whoami'),
        /in leads\.\nYou may request live responses\.\nYou may approve requests of others\.$/,
      );
      world.policy(POLICY.replace('requesters: [analysts, leads]', 'requesters: [analysts]'));
      assert.match(await ask('U0LEA', 'whoami'), /\nYou may not request live responses\./);
    });

    it('explain which rule would apply, who could approve and what is missing, and ask nobody', async () => {
      world.defender.machines = [machine({ tags: ['tier0'], health: 'Inactive' })];
      const words = await ask('U0ANA', `explain ${SCRIPT}`);
      assert.match(words, /^For ws-042: run minidump\.ps1 OfficeClickToRun\n/);
      assert.match(words, /Rule “Domain controllers” counts on ws-042/);
      assert.match(words, /It needs 2 approvals by leads \(.*Lea Lead.*\)/);
      assert.match(words, /needs a reason like “INC-1234” \(it has to fit \^INC/);
      assert.match(words, /⚠ Defender calls ws-042 “Inactive”/);
      assert.equal(world.chat.posts.length, 0);
      assert.doesNotMatch(await ask('U0ANA', `explain ${SCRIPT} --reason "INC-1"`), /Yours doesn’t|Add one with/);
    });

    it('explain a refusal, and what isn’t found', async () => {
      world.policy(
        POLICY.replace('rules:', 'rules:\n  - name: No\n    match: { scripts: [minidump.ps1] }\n    refuse: "Never."'),
      );
      assert.match(await ask('U0ANA', `explain ${SCRIPT}`), /It is refused: Never\./);
      assert.match(await ask('U0ANA', 'explain run ws-999 minidump.ps1'), /^I don't know the machine “ws-999”/);
    });

    it('are not for those who may not read, nor for guests', async () => {
      world.chat.standings.set('U0GUS', 'guest');
      assert.match(await ask('U0GUS', 'machines ws'), /^Guests may not use live response/);
      assert.equal(await audited(world, 'command.refused'), 1);
      assert.deepEqual(world.defender.reads, []);
    });
  });

  describe('about machines and the library', () => {
    it('list machines with their facts, their ids and a link to the portal', async () => {
      world.defender.machines.push(machine({ id: 'ws-0nameless', name: '' }));
      assert.match(
        await ask('U0ANA', 'machines ws-042'),
        /^ws-042\.contoso\.com · Windows 11 · Workstations · Active · last full report 3 h ago · tags: finance · aa0+42$/,
      );
      assert.match(await ask('U0ANA', 'machines ws-0nameless'), /^ws-0nameless · /);
      assert.equal(await ask('U0ANA', 'machines zz'), 'No machine is called “zz” or starts with it.');
      world.defender.machines = Array.from({ length: 12 }, (_, i) => machine({ id: `m${i}`, name: `ws-${i}` }));
      assert.match(await ask('U0ANA', 'machines ws-'), /… and more\. Type more of the name\.$/);
    });

    it('list the library, and tell what is known of a file', async () => {
      world.defender.files.push(libraryFile({ fileName: 'a.sh', description: '' }));
      assert.equal(
        await ask('U0ANA', 'library'),
        'The library has 2 files. “library show <file>” tells more.\na.sh\nminidump.ps1  Dumps a process',
      );
      const words = await ask('U0ANA', 'library show MINIDUMP');
      assert.match(
        words,
        /^minidump\.ps1: Dumps a process\nAdded by Dan, changed 2026-11-03 09:00 UTC\nParameters: process name\nsha256 a{64}$/,
      );
      world.defender.files = [
        libraryFile({
          ...{ description: '', createdBy: '', createdAt: '', updatedAt: '', parametersDescription: '' },
          sha256: '',
        }),
      ];
      assert.match(
        await ask('U0ANA', 'library show minidump.ps1'),
        /^minidump\.ps1\nAdded by somebody unnamed\nNo parameters are described\.\nDefender tells no sha256 of it\.$/,
      );
      assert.match(await ask('U0ANA', 'library show nothing'), /^The library has no file “nothing”/);
      world.defender.files = [];
      assert.equal(await ask('U0ANA', 'library'), 'The library is empty.');
    });

    it('get a link to the machine in the portal for what we lack', async () => {
      assert.equal(await ask('U0ANA', 'isolate ws-042'), 'I can’t isolate machines. In the Defender portal: ws-042 ↗ ');
      assert.equal(
        await ask('U0ANA', 'isolate ws-04'),
        'I can’t isolate machines. And I don’t know the machine “ws-04”.',
      );
      assert.equal(await ask('U0ANA', 'isolate'), 'I can’t isolate machines. In the Defender portal: machines ↗');
    });
  });

  describe('that need the outside', () => {
    it('are answered with the trouble when it lasts, and with the answer when it is short', async () => {
      world.defender.fail('findMachines', defenderTrouble('defender_unreachable'));
      assert.equal(await ask('U0ANA', 'machines ws'), '');
      await pass(world, 3_000);
      assert.equal(world.chat.answers.length, 1);
      world.defender.fail(
        'findMachines',
        defenderTrouble('defender_unreachable'),
        defenderTrouble('defender_unreachable'),
      );
      assert.equal(await ask('U0ANA', 'machines ws'), '');
      await pass(world, 15_000);
      assert.equal(world.chat.whispered().join(), 'Defender trouble: defender_unreachable.');
    });

    it('are answered at once where no second try would help', async () => {
      world.defender.fail('findMachines', defenderTrouble('defender_forbidden'));
      assert.equal(await ask('U0ANA', 'machines ws'), 'Defender trouble: defender_forbidden.');
    });

    it('wait for the platform to name who asks', async () => {
      world.chat.fail('lookUp', chatTrouble('chat_unreachable'));
      assert.equal(await ask('U0ANA', 'whoami'), '');
      await pass(world, 3_000);
      assert.equal(world.chat.answers.length, 1);
    });

    it('leave our own bugs to the engine, and are answered once', async () => {
      world.defender.findMachines = async () => {
        throw new TypeError('a bug');
      };
      assert.equal(await ask('U0ANA', 'machines ws'), '');
      assert.ok(world.failed[0]?.error instanceof TypeError);
      await world.work({ queue: 'look_up.slack', id: 'nothing' });
      await pass(world, 16_000);
      assert.match(whispers(world).join(), /Something went wrong on my side/);
      await pass(world, 16_000);
      assert.equal(world.chat.answers.length, 0);
    });

    it('answered by two at the same moment are answered once', async () => {
      const { findMachines } = world.defender;
      world.defender.findMachines = async (...args) => {
        world.defender.findMachines = findMachines;
        const [job] = [...seen];
        if (job !== undefined) await world.work({ queue: 'look_up.slack', id: job });
        return findMachines(...args);
      };
      const seen = new Set<string>();
      await world.type('U0ANA', 'machines ws');
      for (const job of world.jobs) if (job.queue === 'look_up.slack') seen.add(job.id);
      await world.settle();
      assert.equal(world.chat.answers.length, 1);
    });
  });
});
