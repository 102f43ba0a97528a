import assert from 'node:assert/strict';
import { homeOf } from '../../src/flow/home.ts';
import type { Home, HomeSection } from '../../src/model/home.ts';
import { newRequestId } from '../../src/model/ids.ts';
import { plain } from '../../src/model/notice.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { aRequest, LEO } from '../support/records.ts';
import { approved, finish, running, SCRIPT, unclear, whispers } from '../support/story.ts';
import { createWorld, POLICY, T0, type World } from '../support/world.ts';

describe('a home', () => {
  let world: World;
  let openings: number;

  beforeEach(async () => {
    world = await createWorld();
    openings = 0;
  });

  const person = (id: string) => ({ platform: 'slack' as const, id, tenant: '', name: id });
  async function open(user: string, offset = 0): Promise<Home> {
    openings += 1;
    const home = await homeOf(world.deps, { delivery: `home-${openings}`, person: person(user), offset });
    assert.ok(home);
    return home;
  }
  const section = (home: Home, title: string): HomeSection => {
    const found = home.sections.find((one) => one.title.startsWith(title));
    assert.ok(found, `no section ${title}`);
    return found;
  };
  const ids = (home: Home, title: string) => section(home, title).entries.map(({ requestId }) => requestId);

  it('says what waits for an approver, and not to who asked for it', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    const home = await open('U0LEA');
    const [entry] = section(home, 'Waits for you (1)').entries;
    assert.equal(entry?.requestId, id);
    assert.equal(entry?.asker, 'Ana Analyst');
    assert.equal(entry?.machine, 'ws-042');
    assert.equal(entry?.commands, 'run minidump.ps1 OfficeClickToRun');
    assert.equal(plain(entry?.state.words ?? []), 'Waiting for approval');
    assert.match(plain(entry?.todo ?? []), /^Approve or deny it on its card · expires 2026-11-24 17:00 UTC$/);
    const mine = await open('U0ANA');
    assert.deepEqual(section(mine, 'Waits for you').entries, []);
    assert.deepEqual(ids(mine, 'You asked (1)'), [id]);
    assert.equal(section(mine, 'You asked').entries[0]?.todo, null);
  });

  it('leaves out what an approver has approved already, or has asked for', async () => {
    world.policy(POLICY.replace('default: { approvals: 1', 'default: { approvals: 2'));
    const { id } = await world.ask('U0ANA', SCRIPT);
    const own = await world.ask('U0LEO', SCRIPT);
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.deepEqual(ids(await open('U0LEA'), 'Waits for you'), [own.id]);
    assert.deepEqual(ids(await open('U0LEO'), 'Waits for you'), [id]);
  });

  it('takes out what has expired, though no clock has ended it yet', async () => {
    await world.ask('U0ANA', SCRIPT);
    world.advance(8 * 3_600_000 + 1);
    assert.deepEqual(ids(await open('U0LEA'), 'Waits for you'), []);
  });

  it('asks for a review of what was started without approval, and says when it is late', async () => {
    const { id } = await world.ask('U0LEA', `${SCRIPT} --break-glass --reason "ransomware spreading"`);
    const words = async () => plain(section(await open('U0LEO'), 'Waits for you').entries[0]?.todo ?? []);
    assert.match(await words(), /^‼ To be reviewed on its card until 2026-11-25 09:00 UTC · .*“ransomware spreading”$/);
    world.advance(25 * 3_600_000);
    assert.match(await words(), /^‼ Overdue/);
    assert.deepEqual(ids(await open('U0LEA'), 'Waits for you'), []);
    await world.click('U0LEO', 'reviewed', id);
    assert.deepEqual(ids(await open('U0LEO'), 'Waits for you'), []);
  });

  it('asks approvers whether something ran of which nobody knows', async () => {
    const { request } = await unclear(world);
    const [entry] = section(await open('U0LEA'), 'Waits for you').entries;
    assert.equal(entry?.requestId, request.id);
    assert.equal(plain(entry?.todo ?? []), 'Say on its card whether it ran');
    assert.deepEqual(ids(await open('U0ANA'), 'Waits for you'), []);
  });

  it('says what runs or is next, in the words of the cards, and where the card is', async () => {
    const { request } = await running(world);
    const behind = await world.ask('U0LEO', `${SCRIPT} again`);
    await world.click('U0LEA', 'approve', `${behind.id}:1`);
    const { entries } = section(await open('U0ANA'), 'Runs now or is next (2)');
    const words = new Map(entries.map((one) => [one.requestId, plain(one.state.words)]));
    assert.match(words.get(request.id) ?? '', /Sent, ws-042 hasn’t picked it up yet/);
    assert.match(words.get(behind.id) ?? '', new RegExp(`waits: ${request.id} runs on this machine`));
    assert.equal(entries.find((one) => one.requestId === request.id)?.message, 'message-1');
  });

  it('says so when somebody has paused', async () => {
    await world.type('U0LEA', 'pause maintenance');
    await world.settle();
    await approved(world);
    const [entry] = section(await open('U0ANA'), 'Runs now').entries;
    assert.match(plain(entry?.state.words ?? []), /paused by Lea Lead: maintenance/);
  });

  it('puts open ones of a person before those that have ended, and what has ended to the recent ones', async () => {
    const first = await world.ask('U0ANA', SCRIPT);
    world.advance(120_000);
    const second = await world.ask('U0ANA', SCRIPT);
    await world.click('U0LEA', 'deny', `${second.id}:1`);
    const home = await open('U0ANA');
    assert.deepEqual(ids(home, 'You asked (2)'), [first.id, second.id]);
    assert.deepEqual(ids(home, 'Recent (1)'), [second.id]);
    assert.match(plain(section(home, 'Recent').entries[0]?.state.words ?? []), /^Denied by Lea Lead/);
  });

  it('offers results as soon as there are some, and never of a request that lives elsewhere', async () => {
    const { request } = await running(world);
    await finish(world, request.id);
    const results = async () => section(await open('U0ANA'), 'Recent').entries.map((entry) => entry.results);
    assert.deepEqual(await results(), [true]);
    const stored = await world.request(request.id);
    await world.store.transaction((tx) => tx.saveRequest(stored, { ...stored, platform: 'teams' }));
    const [entry] = section(await open('U0ANA'), 'Recent').entries;
    assert.deepEqual([entry?.results, entry?.message], [false, null]);
  });

  it('is a place where results can be opened and nothing can be decided', async () => {
    const { request } = await running(world);
    await finish(world, request.id);
    const waiting = await world.ask('U0LEO', `${SCRIPT} again`);
    whispers(world);
    const nowhere = { channel: null };
    await world.click('U0ANA', 'results', request.id, nowhere);
    assert.match(whispers(world).join(), /^Results of .*, for you alone:\nOpen results of/);
    await world.click('U0EVE', 'results', request.id, nowhere);
    assert.match(whispers(world).join(), /You may not see the results/);
    for (const action of ['approve', 'deny'] as const) {
      await world.click('U0LEA', action, `${waiting.id}:1`, nowhere);
      assert.match(whispers(world).join(), /I can't see in which channel you clicked/);
    }
    assert.equal((await world.request(waiting.id)).status, 'waiting');
  });

  it('shows a copy in somebody’s private chat to nobody as the card', async () => {
    world.policy(`${POLICY}notify: { approvers: direct }\n`);
    const { id } = await world.ask('U0ANA', SCRIPT);
    const channelCard = world.chat.posts.find(({ place }) => place === 'C0SOC')?.posted.message;
    const [entry] = section(await open('U0LEA'), 'Waits for you').entries;
    assert.equal(entry?.requestId, id);
    assert.equal(entry?.message, channelCard);
  });

  it('turns pages of twelve by where they begin, and stays on the last one when there is less', async () => {
    await world.ask('U0ANA', SCRIPT);
    const one = await open('U0LEA');
    assert.deepEqual([one.newer, one.older], [null, null]);
    for (let i = 1; i < 14; i += 1) await world.ask('U0ANA', `${SCRIPT} ${i}`);
    const page = await open('U0LEA');
    assert.deepEqual([page.newer, page.older, page.footer], [null, 12, null]);
    assert.equal(section(page, 'Waits for you (14)').entries.length, 12);
    const next = await open('U0LEA', 12);
    assert.deepEqual([next.newer, next.older], [0, null]);
    assert.deepEqual(
      next.sections.map(({ title }) => title),
      ['Waits for you (14), continued'],
    );
    assert.deepEqual(ids(await open('U0LEA', 4_000), 'Waits for you'), ids(next, 'Waits for you'));
    assert.equal(next.footer, null);
  });

  it('goes back a hundred ended requests, and says what tells of older ones', async () => {
    const old = Array.from({ length: 101 }, (_, i) =>
      aRequest({ id: newRequestId(), status: 'denied', requester: LEO, createdAt: T0 - i * 60_000 }),
    );
    await world.store.transaction(async (tx) => {
      for (const one of old) await tx.insertRequest(one);
    });
    const first = await open('U0ANA');
    assert.equal(section(first, 'Recent').title, 'Recent (100 or more)');
    const last = await open('U0ANA', 96);
    assert.deepEqual(
      ids(last, 'Recent'),
      old.slice(96, 100).map(({ id }) => id),
    );
    assert.deepEqual([last.offset, last.older], [96, null]);
    assert.match(last.footer ?? '', /history/);
  });

  it('tells who has no right whom to ask, and nothing else', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    for (const [user, words] of [
      ['U0EVE', /^You may not use live response here. Ask analysts or leads \(.*Lea Lead/],
      ['U0GUS', /^Guests may not/],
    ] as const) {
      if (user === 'U0GUS') world.chat.standings.set(user, 'guest');
      const home = await open(user);
      assert.match(home.notices.join(), words);
      assert.deepEqual(home.sections, []);
      assert.doesNotMatch(JSON.stringify(home), new RegExp(`${id}|ws-042`));
    }
  });

  it('says so where nobody can tell who it is', async () => {
    world.chat.fail('lookUp', chatTrouble('chat_unreachable'));
    const home = await open('U0LEA');
    assert.deepEqual(
      [home.notices, home.sections],
      [['I couldn’t check who you are, so I show nothing. Refresh in a minute.'], []],
    );
    assert.equal(home.at, T0);
  });

  it('counts a delivery once, and writes down who has read', async () => {
    const asked = { delivery: 'home-x', person: person('U0LEA'), offset: 0 };
    assert.ok(await homeOf(world.deps, asked));
    assert.equal(await homeOf(world.deps, asked), null);
    await open('U0EVE');
    const entries = (await world.audit()).filter(({ action }) => action.startsWith('home.'));
    assert.deepEqual(
      entries.map(({ data }) => [data.offset, data.groups]),
      [[0, ['leads']]],
    );
  });
});
