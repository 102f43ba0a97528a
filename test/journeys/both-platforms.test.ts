import assert from 'node:assert/strict';
import { PLATFORMS, type Platform } from '../../src/model/person.ts';
import { CONVERSATIONS, PEOPLE, personalChat, type TeamsMessage } from '../../src/playground/teams-channel/index.ts';
import type { Side } from '../support/sides/side.ts';
import { requestOf, rootOf } from '../support/sides/teams.ts';
import { type Stage, setStage } from './stage.ts';

const WHOLE = String.raw`run ws-042 minidump.ps1 OfficeClickToRun then get C:\windows\TEMP\OfficeClickToRun.dmp.zip --reason "INC-1234"`;
const LIVES_IN: Record<Platform, string> = { slack: 'Slack', teams: 'Teams' };

describe('a request in one bot with both platforms', function () {
  this.timeout(90_000);
  let stage: Stage;

  before(async () => {
    stage = await setStage();
    stage.defender.control.putFile({ fileName: 'Slow.ps1', content: 'Start-Sleep 30', workMs: 30_000 });
  });
  after(() => stage.close());

  const executions = (id: string) => stage.defender.executions(`${id}.1`);

  for (const platform of PLATFORMS) {
    const elsewhere: Platform = platform === 'slack' ? 'teams' : 'slack';

    describe(`that lives in ${platform}`, () => {
      let side: Side;
      let other: Side;

      before(() => {
        side = stage.sides[platform];
        other = stage.sides[elsewhere];
      });

      it('goes from the typed line over the approval to its results', async () => {
        const id = await side.waiting(WHOLE);
        const { text, buttons } = side.card(id);
        assert.match(text, /minidump\.ps1 OfficeClickToRun/);
        assert.match(text, /C:\\windows\\TEMP\\OfficeClickToRun\.dmp\.zip/);
        assert.match(text, /INC-1234/);
        assert.deepEqual(buttons, ['approve', 'deny', 'withdraw']);

        assert.match(await side.refusal('gus', id, 'approve'), /^Guests may not/);
        assert.match(await side.refusal('ana', id, 'approve'), /yourself, so someone else must approve it.*Lea Lead/);
        assert.match(await side.refusal('max', id, 'approve'), /You may not approve LR-\w+\. These people may: .*Lea/);
        assert.match(side.card(id).text, /Waiting for approval/);
        assert.equal(executions(id), 0);

        await side.press('lea', id, 'approve');
        const end = await side.ended(id);
        assert.match(end.text, /Finished/);
        assert.deepEqual(end.calls, [side.id('ana')]);
        assert.equal(executions(id), 1);
        assert.equal(side.cards(id).length, 1);
        assert.match(side.card(id).text, /^✔ Finished/);
        assert.deepEqual(side.card(id).buttons, ['results']);
        const said = side.thread(id).map((reply) => reply.text);
        assert.match(said[0] ?? '', /^Lea Lead approved/);
        assert.ok(said.some((words) => /minidump\.ps1 ended with exit 0/.test(words) && /^Done$/m.test(words)));
        assert.deepEqual(said, [...new Set(said)], 'nothing is said twice');

        const link = await side.resultsLink('ana', id);
        const page = await fetch(link);
        assert.equal(page.status, 200);
        assert.match(await page.text(), new RegExp(`${id}[\\s\\S]*Looking for process`));
        assert.ok(!said.some((words) => words.includes('/results/')), 'the link is for one person');
        assert.match(await side.refusal('max', id, 'results'), /You may not see the results of/);
      });

      it('deletes a library file once its author has confirmed and a lead has approved', async () => {
        const name = `old-${platform}.ps1`;
        stage.defender.control.putFile({ fileName: name, content: 'Write-Host old' });
        const id = await side.ask(`library delete ${name} --reason "INC-7 outdated"`);
        const asked = await side.waitFor(
          () => side.whispers('ana').find(({ text }) => text.includes(`${id} would delete`)),
          20_000,
        );
        assert.match(asked.text, new RegExp(`delete ${name} from the library, for the whole tenant`));
        assert.equal(side.cards(id).length, 0);
        await side.pressPrivately('ana', id, 'confirm');
        const card = await side.shows(id, /Waiting for approval/);
        assert.match(card.text, new RegExp(`wants to delete ${name} from the library[\\s\\S]*INC-7 outdated`));
        assert.match(await side.refusal('ana', id, 'approve'), /yourself, so someone else must approve it/);
        await side.press('lea', id, 'approve');
        const end = await side.ended(id);
        assert.match(end.text, new RegExp(`Finished: ${name} is deleted from the library`));
        assert.deepEqual(end.calls, [side.id('ana')]);
        assert.deepEqual(side.card(id).buttons, []);
        assert.equal(
          stage.defender.state().library.some(({ fileName }) => fileName === name),
          false,
        );
      });

      it('ends when a lead denies it', async () => {
        const id = await side.waiting('run ws-001 Get-Processes.ps1 --reason "INC-1 odd"');
        assert.match(await side.refusal('max', id, 'deny'), /may not deny/);
        await side.press('lea', id, 'deny', ...(platform === 'teams' ? ['Ask the owner first'] : []));
        const card = await side.shows(id, /Denied by Lea Lead/);
        if (platform === 'teams') assert.match(card.text, /“Ask the owner first”/);
        else assert.match(card.text, /no reason given/);
        assert.deepEqual(card.buttons, []);
        const said = await side.says(id, /Lea Lead denied it/);
        assert.deepEqual(said.calls, [side.id('ana')]);
        assert.equal(executions(id), 0);
      });

      it('is withdrawn by nobody but who asked', async () => {
        const id = await side.waiting('run ws-002 Get-Processes.ps1');
        assert.match(await side.refusal('leo', id, 'withdraw'), /Only Ana Analyst/);
        await side.press('ana', id, 'withdraw');
        const card = await side.shows(id, /Withdrawn by Ana Analyst/);
        assert.deepEqual(card.buttons, []);
        assert.equal(executions(id), 0);
      });

      it('is cancelled while it runs', async () => {
        const id = await side.waiting('run ws-018 Slow.ps1');
        await side.press('lea', id, 'approve');
        await side.shows(id, /Running since/);
        assert.deepEqual(side.card(id).buttons, ['cancel']);
        assert.match(await side.refusal('max', id, 'cancel'), /Only Ana Analyst.* and approvers can cancel it/);
        await side.press('ana', id, 'cancel');
        assert.match((await side.ended(id)).text, /Cancelled/);
        assert.equal(executions(id), 1);
      });

      it('is spoken about in its thread without its id, and is known on the other platform, which decides nothing', async () => {
        const id = await side.waiting('run ws-022 Get-Processes.ps1');
        assert.match(await side.answer('ana', 'status', id), new RegExp(`${id}.*Waiting for approval`));
        assert.match(await side.answer('lea', 'pending', id), new RegExp(`Waiting for approval[\\s\\S]*${id}`));
        assert.match(await side.answer('lea', 'show', id), new RegExp(`fresh card of ${id}`));
        await side.waitFor(() => side.cards(id).length === 2, 20_000);

        assert.match(await other.answer('lea', 'pending'), new RegExp(`Waiting for approval[\\s\\S]*${id}`));
        assert.match(await other.answer('lea', `status ${id}`), new RegExp(`${id}.*Waiting for approval`));
        const refused = new RegExp(`${id} was asked for in .*${LIVES_IN[platform]}, and only there`);
        assert.match(await other.answer('lea', `cancel ${id}`), refused);
        assert.match(await other.answer('ana', `withdraw ${id}`), refused);
        assert.equal(other.cards(id).length, 0);
        assert.match(side.card(id).text, /^⏳ Waiting for approval/);

        // Both cards are the same request.
        await side.press('ana', id, 'withdraw');
        await side.waitFor(() => side.cards(id).every(({ text }) => /^– Withdrawn/.test(text)), 20_000);
        assert.equal(executions(id), 0);
      });

      it('is told as fast as the platform allows, and no faster', () => {
        assert.equal(side.throttled(), 0);
      });
    });
  }

  describe('that Teams alone can make', () => {
    const soc = CONVERSATIONS.soc;
    const side = () => stage.sides.teams;

    /** The card of a request that wasn't there before. */
    async function newCard(act: () => Promise<unknown>): Promise<{ id: string; message: TeamsMessage }> {
      const before = new Set(stage.teams.state().messages.map(({ id }) => id));
      await act();
      const fresh = (one: TeamsMessage) => !before.has(one.id) && requestOf(one) !== null;
      const message = await stage.teams.waitFor((state) => state.messages.find(fresh), 20_000);
      return { id: requestOf(message) ?? '', message };
    }

    it('in a private chat: its card is a new post in the first channel of the policy', async () => {
      const words = {
        person: PEOPLE.ana,
        conversation: personalChat(PEOPLE.ana),
        text: 'run ws-033 Get-Processes.ps1',
      };
      const { id, message } = await newCard(() => stage.teams.say(words));
      assert.equal(message.conversation, soc);
      assert.equal(message.root, null);
      await side().shows(id, /Waiting for approval/);
      await side().press('lea', id, 'deny');
      assert.deepEqual((await side().says(id, /Lea Lead denied it/)).calls, [PEOPLE.ana]);
    });

    it('in a group chat that the policy does not name: it is refused, in private', async () => {
      const chat = CONVERSATIONS.groupChat;
      const text = '@Live Response run ws-040 Get-Processes.ps1';
      const told = await side().told('ana', () => stage.teams.say({ person: PEOPLE.ana, conversation: chat, text }));
      assert.match(told.text, /^I only work in .*soc/);
      const there = stage.teams.state().messages.filter(({ conversation }) => conversation === chat);
      assert.deepEqual(
        there.map(({ from }) => from),
        [PEOPLE.ana],
      );
    });

    it('with the form: its card answers in the thread where the form was asked for', async () => {
      const { teams } = stage;
      const { message: asked } = await teams.say({ person: PEOPLE.ana, conversation: soc, text: '@Live Response' });
      const button = await teams.waitFor(
        (state) => state.messages.find((one) => one.from === 'bot' && one.root === asked.id),
        20_000,
      );
      const opened = await teams.submit({ person: PEOPLE.ana, message: button.id, title: 'Open the form' });
      assert.equal(opened.dialog?.title, 'Run live response');
      const search = { person: PEOPLE.ana, query: '' };
      const machines = await teams.search({ ...search, dataset: 'machines' });
      assert.equal(machines.results.length, 15, 'the first page, before anything is typed');
      const found = await teams.search({ ...search, dataset: 'machines', query: 'ws-04' });
      const scripts = await teams.search({ ...search, dataset: 'library' });
      const machine = found.results.find(({ title }) => title.startsWith('ws-041'))?.value ?? '';
      assert.ok(scripts.results.some(({ value }) => value === 'Get-Processes.ps1'));

      const inputs = { machine, script1: 'Get-Processes.ps1', reason: 'INC-77' };
      const { id, message } = await newCard(async () => {
        const { dialog, notice } = await teams.submitDialog({ person: PEOPLE.ana, inputs });
        assert.equal(dialog, null);
        assert.match(notice?.text ?? '', /Got it, LR-/);
      });
      assert.equal(rootOf(message), asked.id);
      const card = await side().shows(id, /Waiting for approval/);
      assert.match(card.text, /ws-041[\s\S]*Get-Processes\.ps1[\s\S]*INC-77/);
      await side().press('ana', id, 'withdraw');
      await side().shows(id, /Withdrawn/);
    });

    it('for the approval of an Entra group: only who is in it at the click', async () => {
      const groups = stage.teams.state().people.find(({ id }) => id === PEOPLE.leo)?.groups ?? [];
      const first = await side().waiting('run srv-web-01 Get-Processes.ps1');
      await side().press('leo', first, 'approve');
      await side().shows(first, /Approved by Leo Lead/);

      const second = await side().waiting('run srv-file-01 Get-Processes.ps1');
      stage.teams.setGroups(PEOPLE.leo, []);
      assert.match(await side().refusal('leo', second, 'approve'), /You may not approve LR-\w+/);
      assert.equal(executions(second), 0);
      stage.teams.setGroups(PEOPLE.leo, groups);
      await side().press('leo', second, 'deny');
      await side().shows(second, /Denied by Leo Lead/);
      await side().ended(first);
    });

    it('but a button there that names a request of Slack decides nothing', async () => {
      const { slack } = stage.sides;
      const theirs = await slack.waiting('run ws-021 Get-Processes.ps1');
      const ours = await side().waiting('run ws-021 Get-Processes.ps1');
      const message = stage.teams.state().messages.find((one) => requestOf(one) === ours)?.id ?? '';
      const forged = { person: PEOPLE.lea, message, verb: 'approve', data: { id: `${theirs}:1` } };
      const { shown } = await stage.teams.click(forged);
      assert.match(shown.kind === 'notice' ? shown.text : '', /was asked for in Slack, and only there/);
      await slack.press('ana', theirs, 'withdraw');
      await side().press('ana', ours, 'withdraw');
      await Promise.all([slack.shows(theirs, /Withdrawn/), side().shows(ours, /Withdrawn/)]);
      assert.equal(executions(theirs), 0);
    });
  });

  describe('at the end of the day', () => {
    it('left nothing that the bot calls an error, and nothing that Teams refused or could not read', () => {
      assert.deepEqual(stage.errors, []);
      // The button that opens the form is posted without a turn of the channel's, so Teams may ask for a moment's pause.
      const refused = stage.teams.state().calls.filter(({ problems, status }) => problems.length > 0 && status !== 429);
      assert.deepEqual(refused, []);
      const misread = stage.teams.state().deliveries.filter(({ problem }) => problem !== undefined);
      assert.deepEqual(misread, []);
    });
  });
});
