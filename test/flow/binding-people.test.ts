import assert from 'node:assert/strict';
import { ChatError } from '../../src/errors.ts';
import { PAUSE } from '../../src/flow/pause.ts';
import { chatTrouble, fakeChat } from '../support/fake-chat.ts';
import { machine } from '../support/fake-defender.ts';
import { pass, SCRIPT, stateLine } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

describe('who asked and who approved', () => {
  const LOOKED = 'who asked and who approved has to be looked up in Slack once more.';
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    id = (await world.ask('U0ANA', SCRIPT)).id;
    await world.type('U0LEA', 'pause');
    await world.settle();
    await world.click('U0LEA', 'approve', `${id}:1`);
    world.chat.looks.length = 0;
    assert.equal((await world.request(id)).status, 'approved');
  });

  async function resume(): Promise<void> {
    await world.type('U0LEO', 'resume');
    await world.settle();
  }
  const sent = () => world.defender.submissions.length;
  const state = async () => [(await world.request(id)).status, (await world.run(id)).status, sent()];

  it('are looked up afresh right before sending, each once', async () => {
    await resume();
    assert.deepEqual(await state(), ['approved', 'running', 1]);
    const fresh = world.chat.looks.filter((look) => look.fresh).map((look) => look.id);
    assert.deepEqual(fresh.toSorted(), ['U0ANA', 'U0LEA', 'U0LEO'], 'Leo for his “resume”');
  });

  for (const standing of ['deactivated', 'guest', 'external', 'bot'] as const) {
    it(`need an approval again where the approver is ${standing} by now`, async () => {
      world.chat.standings.set('U0LEA', standing);
      await resume();
      assert.deepEqual(await state(), ['waiting', 'held', 0]);
      assert.match(
        stateLine(world, id),
        /Lea Lead approved it and may not approve it any more\. It needs approval again\.$/,
      );
      await world.click('U0LEO', 'approve', `${id}:2`);
      assert.deepEqual(await state(), ['approved', 'running', 1]);
    });

    it(`send nothing where the requester is ${standing} by now`, async () => {
      world.chat.standings.set('U0ANA', standing);
      await resume();
      assert.deepEqual(await state(), ['done', 'cancelled', 0]);
      const said = `Ana Analyst (${standing}) may not request this any more. Nothing was sent to the machine.`;
      assert.ok(stateLine(world, id).endsWith(said), stateLine(world, id));
    });
  }

  it('who can’t be looked up put it off, with the reason on the card, until they can', async () => {
    for (const code of ['chat_unreachable', 'chat_throttled', 'chat_refused'] as const) {
      const trouble = chatTrouble(code);
      world.chat.lookUp = async (who) => {
        if (who.id === 'U0LEA') throw trouble;
        return { platform: 'slack', id: who.id, tenant: 'T0CONTOSO', name: who.id, standing: 'member' };
      };
      if (code === 'chat_unreachable') await resume();
      else await pass(world, 10_000);
      assert.deepEqual(await state(), ['approved', 'queued', 0], code);
      await pass(world, 2_000);
      assert.ok(stateLine(world, id).includes(`waits: ${LOOKED} trouble: ${code}`), stateLine(world, id));
    }
    world.chat.lookUp = fakeChat().lookUp;
    await pass(world, 20_000);
    assert.deepEqual(await state(), ['approved', 'running', 1]);
  });

  it('are not guessed at where the platform doesn’t know them, and the run ends unsent when its time is over', async () => {
    world.chat.standings.set('U0LEA', 'unknown');
    await resume();
    assert.deepEqual(await state(), ['approved', 'queued', 0]);
    assert.match(stateLine(world, id), /It doesn't say who Lea Lead is here now/);
    world.advance(8 * 3_600_000);
    await pass(world, 5_000);
    assert.deepEqual(await state(), ['done', 'cancelled', 0]);
  });

  it('are waited for where their platform has been switched off', async () => {
    const { chats } = world.deps;
    world.deps.chats = new Map();
    await world.deps.store.transaction((tx) => tx.setSetting(PAUSE, null));
    await world.work({ queue: 'dispatch', id: 'next' });
    assert.deepEqual(await state(), ['approved', 'queued', 0]);
    assert.match((await waitingFor()) ?? '', /It is switched off\.$/);
    world.deps.chats = chats;
    await pass(world, 5_000);
    assert.deepEqual(await state(), ['approved', 'running', 1]);
  });

  async function waitingFor(): Promise<string | undefined> {
    const { waits } = await world.run(id);
    return waits.for === 'people' ? waits.why : undefined;
  }

  const inLine = async (): Promise<string> => {
    // Later than the first, so that it stands behind it.
    world.advance(1_000);
    world.defender.machines.push(machine({ id: 'b'.repeat(40), name: 'ws-043.contoso.com' }));
    const { id: other } = await world.ask('U0LEO', 'get ws-043 C:\\x.zip');
    await world.click('U0LEA', 'approve', `${other}:1`);
    return other;
  };

  it('of a platform that wants a pause are asked about once for all runs in line', async () => {
    const other = await inLine();
    let asked = 0;
    const { lookUp } = world.chat;
    world.chat.lookUp = async (who, options) => {
      if (who.id === 'U0LEO' || asked >= 2) return lookUp(who, options);
      asked += 1;
      throw new ChatError('chat_throttled', 'A pause.', { retryAfter: 9_000 });
    };
    await resume();
    const waiting = [await world.run(id), await world.run(other)].map((run) => run.waits.for);
    assert.deepEqual([sent(), waiting], [0, ['people', 'people']]);
    assert.equal(asked, 2, 'who asked and who approved the first of them');
    await pass(world, 6_000);
    assert.equal(sent(), 0);
    await pass(world, 4_000);
    assert.equal(sent(), 2);
  });

  it('who are unknown stand in the way of nobody else’s run', async () => {
    const other = await inLine();
    world.chat.standings.set('U0ANA', 'unknown');
    await resume();
    assert.deepEqual([(await world.run(id)).status, (await world.run(other)).status], ['queued', 'running']);
  });

  it('who broke the glass are looked up as well', async () => {
    world.chat.standings.set('U0LEA', 'member');
    const broke = await world.ask('U0LEA', `${SCRIPT} --break-glass --reason "ransomware"`);
    assert.equal((await world.run(broke.id)).status, 'queued');
    world.chat.standings.set('U0LEA', 'deactivated');
    await resume();
    assert.equal((await world.run(broke.id)).status, 'cancelled');
    assert.equal(sent(), 0);
  });

  it('of a deletion are looked up as well', async () => {
    const asked = await world.ask('U0ANA', 'library delete minidump.ps1');
    await world.click('U0ANA', 'confirm', asked.id);
    await world.click('U0LEO', 'approve', `${asked.id}:1`);
    world.chat.standings.set('U0LEO', 'deactivated');
    await world.type('U0LEA', 'resume');
    await world.settle();
    await pass(world, 20_000);
    assert.equal((await world.request(asked.id)).status, 'waiting');
    assert.equal(world.defender.files.length, 1);
  });
});
