import assert from 'node:assert/strict';
import { createClient } from '../../src/chat/slack/client.ts';
import { createIdentify } from '../../src/chat/slack/identify.ts';
import { createUserGroups } from '../../src/chat/slack/user-groups.ts';
import { createWorkspace } from '../../src/chat/slack/workspace.ts';
import { plain } from '../../src/model/notice.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { userGroupsOf } from '../../src/policy/index.ts';
import { memoryLog, SECRET, until } from '../chat/slack/fake-slack.ts';
import { pass, SCRIPT, stateLine } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

const POLICY = `version: 1
channels: { slack: [C0SOC] }
groups:
  analysts: { slack: { userGroups: [S0ANALYSTS] } }
  leads: { slack: { users: [U0LEO], userGroups: [S0LEADS] } }
requesters: [analysts, leads]
approvers: [leads]
trustUserGroups: true
`;

/** The spine with the look-up that is used in production, against the simulated workspace. */
describe('people of Slack user groups', () => {
  let world: World;
  let slack: SlackWorkspace;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    world = await createWorld();
    world.policy(POLICY);
    slack = await startSlackWorkspace({ botToken: 'xoxb-secret', signingSecret: SECRET, pace: 'off' });
    slack.setUserGroup({ id: 'S0LEADS', users: ['U0LEA'] });
    const log = memoryLog();
    const client = createClient({ botToken: 'xoxb-secret', apiUrl: slack.apiUrl, log });
    const workspace = createWorkspace({ client, log });
    const userGroups = createUserGroups({ client, userGroups: () => userGroupsOf(world.deps.policy()), log });
    world.chat.lookUp = createIdentify({ client, workspace, userGroups });
    workspace.start();
    await until(() => workspace.known() !== null);
    stop = async () => {
      await workspace.stop();
      await slack.stop();
    };
  });
  afterEach(() => stop());

  const approve = (id: string, user = 'U0LEA', round = 1) => world.click(user, 'approve', `${id}:${round}`);
  const state = async (id: string) => [(await world.request(id)).status, world.defender.submissions.length];
  const whispered = () => world.chat.whispered().at(-1) ?? '';

  it('ask, approve and have it run, with their groups on record', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await approve(id);
    assert.deepEqual(await state(id), ['approved', 1]);
    const [decision] = await world.store.transaction((tx) => tx.decisionsOf(id));
    assert.deepEqual(
      [(await world.request(id)).requester.groups, decision?.person.groups],
      [['S0ANALYSTS'], ['S0LEADS']],
    );
  });

  it('are nobody while the policy does not trust the groups, from the next line on', async () => {
    world.policy(POLICY.replace('trustUserGroups: true', 'trustUserGroups: false'));
    const said = (await world.type('U0ANA', SCRIPT))?.lines.map(plain).join(' ') ?? '';
    assert.match(said, /^You aren't among the people who may use live response here\. Ask Leo Lead/);
    world.policy(POLICY);
    const { id } = await world.ask('U0ANA', SCRIPT);
    world.policy(POLICY.replace('trustUserGroups: true', 'trustUserGroups: false'));
    await approve(id);
    assert.deepEqual(await state(id), ['waiting', 0]);
  });

  it('may no more from the moment they leave the group', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    slack.setUserGroup({ id: 'S0LEADS', users: [] });
    await approve(id);
    assert.deepEqual(await state(id), ['waiting', 0]);
    assert.match(whispered(), /^You may not approve LR-/);
    slack.setUserGroup({ id: 'S0LEADS', users: ['U0LEA'] });
    await approve(id);
    assert.deepEqual(await state(id), ['approved', 1], 'and may again as soon as they are back');
  });

  it('are refused when they are guests, deactivated or of another organisation, whatever group they are in', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    for (const [user, why] of [
      ['U0GUS', /^Guests may not/],
      ['U0DEE', /deactivated/],
      ['U0EVE', /other organisations/],
      ['U0OTHERBOT', /Apps and bots/],
    ] as const) {
      slack.setUserGroup({ id: 'S0LEADS', users: ['U0LEA', user] });
      await approve(id, user);
      assert.match(whispered(), why);
    }
    assert.deepEqual(await state(id), ['waiting', 0]);
  });

  it('are told to try again where Slack doesn’t tell who is in the group, and nothing counts', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    slack.fault({ kind: 'rate_limited', retryAfter: 30, method: 'usergroups.users.list', times: 2 });
    await approve(id);
    assert.equal(world.failed.length, 1, 'it is asked again first');
    world.advance(21_000);
    await world.work({ queue: 'decide.slack', id: world.failed[0]?.job.id ?? '' });
    await world.settle();
    assert.match(whispered(), /^I couldn’t check who you are/);
    assert.deepEqual(await state(id), ['waiting', 0]);
  });

  describe('right before sending', () => {
    let id: string;
    beforeEach(async () => {
      await world.type('U0LEO', 'pause');
      await world.settle();
      ({ id } = await world.ask('U0ANA', SCRIPT));
      await approve(id);
      assert.deepEqual(await state(id), ['approved', 0]);
    });
    const resume = async () => {
      await world.type('U0LEO', 'resume');
      await world.settle();
    };

    it('don’t count as approvers any more when they have left the group', async () => {
      slack.setUserGroup({ id: 'S0LEADS', users: [] });
      await resume();
      assert.deepEqual(await state(id), ['waiting', 0]);
      assert.equal((await world.request(id)).round, 2);
    });

    it('have nothing sent for them when they were deactivated', async () => {
      slack.setMember('U0ANA', { deleted: true });
      await resume();
      assert.deepEqual(await state(id), ['done', 0]);
      assert.match(stateLine(world, id), /Ana Analyst \(deactivated\) may not request this any more/);
    });

    it('are waited for where Slack doesn’t tell', async () => {
      await world.type('U0LEO', 'resume');
      const [job] = world.jobs;
      assert.equal(job?.queue, 'look_up.slack');
      world.jobs.length = 0;
      await world.work(job);
      world.jobs.length = 0;
      slack.fault({ kind: 'reset', method: 'usergroups.users.list', times: 2 });
      await world.work({ queue: 'dispatch', id: 'next' });
      assert.deepEqual(await state(id), ['approved', 0]);
      const { waits } = await world.run(id);
      assert.ok(waits.for === 'people' && waits.why.includes('in Slack once more'));
      slack.clearFaults();
      await pass(world, 5_000);
      assert.deepEqual(await state(id), ['approved', 1]);
    });
  });
});
