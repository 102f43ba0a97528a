import assert from 'node:assert/strict';
import { endReply } from '../../src/flow/end-reply.ts';
import { plain } from '../../src/model/notice.ts';
import { finish, pass, running, SCRIPT, storyOf } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

describe('the last reply', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const last = () => {
    const reply = world.chat.replies.at(-1)?.reply;
    if (reply === undefined) throw new Error('nothing was said');
    return reply;
  };
  const mentions = () => last().text.filter((span) => span.kind === 'person' && span.mention).length;

  it('mentions the requester and says what one must know without opening anything', async () => {
    const { request } = await running(world);
    await finish(world, request.id);
    assert.match(
      plain(last().text),
      new RegExp(
        `^Ana Analyst ws-042\\.contoso\\.com: ✔ Finished in \\d+ s\\. ${request.id}: Open results on the card or here\\.$`,
      ),
    );
    assert.equal(mentions(), 1);
    assert.deepEqual(
      last().buttons.map(({ action, id }) => [action, id]),
      [['results', request.id]],
    );
    assert.notEqual(last().resultsLink, true);
  });

  it('carries a link for everybody in the thread where the policy says so, made when it is posted', async () => {
    world.policy(`${POLICY}results: { links: channel }\n`);
    const { request } = await running(world);
    await finish(world, request.id);
    const link = last().text.at(-1);
    assert.ok(link?.kind === 'link' && /^https:\/\/bot\.example\.com\/results\/[\w-]{43}$/.test(link.url));
    const entry = (await world.audit()).find((one) => one.action === 'results.link_made');
    assert.equal(entry?.data.forThread, true);
  });

  it('has neither button nor link where there is nothing to see', async () => {
    world.policy(`${POLICY}results: { links: channel }\n`);
    const { request, action } = await running(world);
    world.defender.go(action.id, 'TimeOut');
    await pass(world, 6_000);
    assert.match(
      plain(last().text),
      new RegExp(
        `^Ana Analyst ws-042\\.contoso\\.com: ✘ Timed out: .* Nothing shows that ws-042 picked it up\\. \\(${request.id}\\)$`,
      ),
    );
    assert.deepEqual([last().buttons, last().resultsLink], [[], false]);
  });

  it('shows at most ten of the errors of what failed, none in a channel that others share', async () => {
    for (const shared of [false, true]) {
      world.advance(61_000);
      if (shared) world.chat.shared.add('C0SOC');
      await world.type('U0ANA', 'get ws-042 C:\\x.zip');
      await world.settle();
      const [request] = await world.store.requestsBy({ limit: 1 });
      await world.click('U0LEA', 'approve', `${request?.id}:1`);
      const { action } = await storyOf(world, request?.id ?? '');
      const errors = Array.from({ length: 12 }, (_, i) => `error ${i}`);
      world.defender.go(action?.id ?? '', 'Failed', [{ status: 'Failed', errors }]);
      await pass(world, 6_000);
      assert.deepEqual([last().output.length, last().moreLines], shared ? [0, 0] : [10, 2]);
    }
  });

  it('tells an expiry in one line', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    await pass(world, 8 * 3_600_000);
    assert.equal(
      plain(last().text),
      `Ana Analyst ws-042.contoso.com: – Expired 17:00 UTC: not enough approvals in time. Nothing was sent to the machine. (${request.id})`,
    );
    assert.equal((await world.request(request.id)).status, 'expired');
    assert.equal(world.chat.replies.length, 1);
  });

  it('mentions nobody where the policy wants no mentions', async () => {
    world.policy(`${POLICY}notify: { approvers: none }\n`);
    const { request } = await running(world);
    await finish(world, request.id);
    assert.equal(mentions(), 0);
  });

  it('names a machine without a name by its id, and refers to the card where the record is gone', async () => {
    world.defender.machines = world.defender.machines.map((one) => ({ ...one, name: '' }));
    const { id } = world.defender.machines[0] ?? { id: '' };
    const { request } = await running(world, `run ${id} minidump.ps1`);
    await finish(world, request.id);
    assert.ok(plain(last().text).includes(` ${id}: ✔ `));
    assert.equal(plain((await endReply(world.deps, 'LR-000000')).text), 'It has ended; the card says how.');
  });
});
