import assert from 'node:assert/strict';
import { clicked, typed } from '../../src/flow/inbox.ts';
import type { Chat, Click } from '../../src/flow/ports.ts';
import { plain } from '../../src/model/notice.ts';
import type { KnownPerson } from '../../src/model/person.ts';
import { chatTrouble, type FakeChat } from '../support/fake-chat.ts';
import { SCRIPT } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

const CHANNEL = '19:soc@thread.tacv2';
const SOC = '50c00000-0000-4000-8000-000000000001';
const SENIORS = '5e000000-0000-4000-8000-000000000002';
const ANA = 'a0000000-0000-4000-8000-00000000000a';
const LEA = '1ea00000-0000-4000-8000-00000000000b';
const LEO = '1e000000-0000-4000-8000-00000000000c';
const EVE = 'e0000000-0000-4000-8000-00000000000d';

const POLICY = `version: 1
channels: { slack: [C0SOC], teams: ["${CHANNEL}"] }
groups:
  analysts: { teams: { entraGroups: [${SOC}] } }
  leads: { slack: { users: [U0LEA] }, teams: { users: [${LEO}], entraGroups: [${SENIORS}] } }
requesters: [analysts, leads]
approvers: [leads]
default: { breakGlass: true }
breakGlass: { allowed: [leads] }
`;

describe('people of Entra groups', () => {
  let world: World;
  let chat: FakeChat;
  let groups: Map<string, string[]>;
  let count = 0;

  beforeEach(async () => {
    world = await createWorld();
    world.policy(POLICY);
    groups = new Map([
      [ANA, [SOC]],
      [LEA, [SENIORS]],
    ]);
    const names = new Map(Object.entries({ [ANA]: 'Ana Analyst', [LEA]: 'Lea Lead', [LEO]: 'Leo Lead', [EVE]: 'Eve' }));
    chat = world.chat;
    const { lookUp } = chat;
    Object.assign<FakeChat, Pick<Chat, 'platform' | 'lookUp'>>(chat, {
      platform: 'teams',
      lookUp: async (who, options) => {
        const found = await lookUp(who, options);
        const name = names.get(who.id) ?? found.name;
        return { ...found, platform: 'teams', name, groups: groups.get(who.id) ?? [] };
      },
    });
    world.deps.chats = new Map([['teams', chat]]);
  });

  const person = (id: string) => ({ platform: 'teams' as const, id, tenant: 'T', name: id });

  async function type(id: string, text: string): Promise<string> {
    chat.answers.length = 0;
    count += 1;
    const answer = await typed(world.deps, {
      delivery: `typed-${count}`,
      person: person(id),
      channel: CHANNEL,
      place: CHANNEL,
      thread: null,
      text,
      replyTo: id,
    });
    await world.settle();
    return [...(answer?.lines.map(plain) ?? []), ...chat.whispered()].join('\n');
  }

  async function ask(id: string, text = SCRIPT): Promise<string> {
    return /LR-\w{6}/.exec(await type(id, text))?.[0] ?? '';
  }

  async function click(id: string, action: Click['action'], on: string): Promise<void> {
    count += 1;
    await clicked(world.deps, {
      delivery: `clicked-${count}`,
      person: person(id),
      channel: CHANNEL,
      action,
      id: on,
      words: null,
      openUntil: null,
      replyTo: id,
    });
    await world.settle();
  }

  const without = (group: string) => POLICY.replace(`entraGroups: [${group}]`, 'entraGroups: []');

  it('ask, approve and have it run, though nobody lists them by id', async () => {
    const id = await ask(ANA);
    assert.equal((await world.request(id)).status, 'waiting');
    await click(LEA, 'approve', `${id}:1`);
    assert.equal((await world.request(id)).status, 'approved');
    assert.equal(world.defender.submissions.length, 1);
    assert.deepEqual(chat.said(), ['Lea Lead approved. Ana Analyst']);
  });

  it('are on record with the groups of that moment', async () => {
    const id = await ask(ANA);
    await click(LEA, 'approve', `${id}:1`);
    const [decision] = await world.store.transaction((tx) => tx.decisionsOf(id));
    assert.deepEqual([(await world.request(id)).requester.groups, decision?.person.groups], [[SOC], [SENIORS]]);
    const groupsIn = async (action: string) =>
      (await world.audit()).filter((one) => one.action === action).map(({ actor }) => (actor as KnownPerson).groups);
    assert.deepEqual([await groupsIn('request.approve'), await groupsIn('request.waiting')], [[[SENIORS]], [[SOC]]]);
    const denied = await ask(ANA, `${SCRIPT} again`);
    await click(LEA, 'deny', `${denied}:1`);
    assert.deepEqual(await groupsIn('request.denied'), [[SENIORS]]);
    await ask(LEA, `${SCRIPT} --break-glass --reason "INC-1"`);
    assert.deepEqual(await groupsIn('request.break_glass'), [[SENIORS]]);
  });

  it('get nothing when the directory finds them in no group of the policy, but whom to ask', async () => {
    const id = await ask(EVE);
    assert.equal((await world.request(id)).status, 'refused');
    assert.deepEqual(chat.whispered(), [
      'You may not ask for live responses here. These people may: analysts or leads (among them Leo Lead).',
    ]);
    for (const line of ['machines ws', 'library', 'pending', `show ${id}`, `cancel ${id}`, 'whoami']) {
      assert.equal(
        await type(EVE, line),
        'You may not use live response here. Ask analysts or leads (among them Leo Lead).',
        line,
      );
    }
    assert.deepEqual([chat.posts.length, world.defender.reads.length], [0, 0], 'Defender was asked nothing');
    const real = await ask(ANA);
    await click(EVE, 'approve', `${real}:1`);
    assert.match(chat.whispered().join(), /^You may not approve LR-/);
    assert.equal(world.defender.submissions.length, 0);
  });

  it('get nothing while the directory doesn’t answer', async () => {
    const id = await ask(ANA);
    chat.fail('lookUp', chatTrouble('chat_unreachable'));
    await click(LEA, 'approve', `${id}:1`);
    assert.equal((await world.request(id)).status, 'waiting');
    assert.equal(world.failed.length, 1, 'it is asked again later');
  });

  it('are turned away before any look-up where no Entra group could let them in', async () => {
    world.policy(without(SOC).replace(`entraGroups: [${SENIORS}]`, 'entraGroups: []'));
    assert.match(await type(ANA, SCRIPT), /^You aren't among the people .* Ask Leo Lead/);
    assert.ok(chat.looks.every((look) => look.id !== ANA));
    assert.equal((await world.store.requestsBy({ limit: 1 })).length, 0);
  });

  it('know from whoami which groups of the policy they are in', async () => {
    assert.match(await type(LEA, 'whoami'), /, in leads\.\nYou may request live responses\.\nYou may approve/);
    assert.match(await type(ANA, 'whoami'), /, in analysts\.\nYou may request live responses\.\nYou may not approve/);
  });

  describe('are judged again right before sending, by the policy in force', () => {
    let id: string;
    beforeEach(async () => {
      await type(LEO, 'pause');
      id = await ask(ANA);
      await click(LEA, 'approve', `${id}:1`);
      assert.deepEqual([(await world.request(id)).status, world.defender.submissions.length], ['approved', 0]);
    });

    it('and it goes on where nothing has changed', async () => {
      await type(LEO, 'resume');
      assert.equal(world.defender.submissions.length, 1);
    });

    it('and an approval counts no more when the approver’s group was taken out', async () => {
      world.policy(without(SENIORS));
      await type(LEO, 'resume');
      const request = await world.request(id);
      assert.deepEqual([request.status, request.round, world.defender.submissions.length], ['waiting', 2, 0]);
      assert.match(request.note ?? '', /approved it and may not approve it any more\. It needs approval again\.$/);
    });

    it('and an approval counts no more when the approver has left the group', async () => {
      groups.set(LEA, []);
      await type(LEO, 'resume');
      const request = await world.request(id);
      assert.deepEqual([request.status, request.round, world.defender.submissions.length], ['waiting', 2, 0]);
      await click(LEA, 'approve', `${id}:2`);
      assert.equal((await world.request(id)).status, 'waiting', 'who left it may not approve either');
      await click(LEO, 'approve', `${id}:2`);
      assert.equal(world.defender.submissions.length, 1);
    });

    it('and an approval goes on counting for who is in the policy by id by now', async () => {
      groups.set(LEA, []);
      world.policy(POLICY.replace(`users: [${LEO}]`, `users: [${LEO}, ${LEA}]`));
      await type(LEO, 'resume');
      assert.equal(world.defender.submissions.length, 1);
    });

    it('and nothing is sent when the requester has left the group', async () => {
      groups.set(ANA, []);
      await type(LEO, 'resume');
      assert.match((await world.run(id)).note ?? '', /^Ana Analyst may not request this any more/);
      assert.equal(world.defender.submissions.length, 0);
    });

    it('and nothing is sent when the requester’s group was taken out', async () => {
      world.policy(without(SOC));
      await type(LEO, 'resume');
      assert.match((await world.run(id)).note ?? '', /^Ana Analyst may not request this any more/);
      assert.equal(world.defender.submissions.length, 0);
    });
  });

  it('don’t count as approvals that were given before they were taken out', async () => {
    const two = (text: string) => text.replace('{ breakGlass: true }', '{ breakGlass: true, approvals: 2 }');
    world.policy(two(POLICY));
    const id = await ask(ANA);
    await click(LEA, 'approve', `${id}:1`);
    world.policy(two(without(SENIORS)));
    await click(LEO, 'approve', `${id}:1`);
    assert.equal((await world.request(id)).status, 'waiting');
    assert.ok(world.card(id).facts.some((line) => plain(line).includes('2 approvals by leads, 1 so far')));
  });

  it('leave a card that hides its buttons from nobody, as nobody knows all of them', async () => {
    const id = await ask(ANA);
    assert.equal(world.card(id).audience, null);
    world.policy(without(SENIORS));
    assert.deepEqual(world.card(await ask(LEO)).audience, { approvers: [], requester: LEO });
  });

  it('are reminded by the names of their groups', async () => {
    const id = await ask(ANA);
    world.advance(16 * 60_000);
    await world.tick();
    assert.equal(chat.said().at(-1), `${id} still waits for approval. For leads, among them Leo Lead`);
    world.policy(POLICY.replace(`users: [${LEO}], `, ''));
    const other = await ask(ANA, `${SCRIPT} other`);
    world.advance(16 * 60_000);
    await world.tick();
    assert.equal(chat.said().at(-1), `${other} still waits for approval. For leads`);
  });
});
