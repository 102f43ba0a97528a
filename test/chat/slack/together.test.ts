import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { Router } from 'express';
import { createSlack, type Slack } from '../../../src/chat/slack/index.ts';
import type { Click, TypedLine } from '../../../src/flow/ports.ts';
import { answer, type Card, person, strong, text } from '../../../src/model/notice.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { clock, memoryLog, memoryMetrics, SECRET, until } from './fake-slack.ts';

const waiting: Card = {
  requestId: 'LR-8K3F2Q',
  title: 'Live response LR-8K3F2Q',
  state: { symbol: '⏳', words: [text('Waiting for approval')] },
  headline: [text('Ana Analyst wants to run on '), strong('ws-042.contoso.com')],
  commands: [
    { symbol: '1', label: 'Run script', code: 'minidump.ps1 OfficeClickToRun', note: [], output: [], moreLines: 0 },
  ],
  facts: [[text('Why: INC-1234')]],
  warnings: [],
  footer: [[person({ platform: 'slack', id: 'U0LEA', name: 'Lea Lead' }, true)]],
  buttons: [{ action: 'approve', id: 'LR-8K3F2Q:1', label: 'Approve', tone: 'primary' }],
  audience: null,
};

describe('Slack and the simulated workspace', () => {
  let workspace: SlackWorkspace;
  let server: Server;
  let slack: Slack;
  const lines: TypedLine[] = [];
  const clicks: Click[] = [];

  before(async () => {
    workspace = await startSlackWorkspace({ botToken: 'xoxb-secret', signingSecret: SECRET, pace: 'off' });
    const router = Router();
    slack = createSlack({
      botToken: 'xoxb-secret',
      signingSecret: SECRET,
      apiUrl: workspace.apiUrl,
      channels: () => ['C0SOC', 'C0SHARED'],
      userGroups: () => [],
      router,
      inbox: {
        async typed(line) {
          lines.push(line);
          return answer('Got it, LR-8K3F2Q.');
        },
        async clicked(click) {
          clicks.push(click);
          return answer('Only leads may approve.');
        },
        tell: async () => {},
        suggest: async () => [],
        home: async () => null,
      },
      clock,
      log: memoryLog(),
      metrics: memoryMetrics(),
    });
    server = createServer(express().use(router));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    workspace.setBotUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
    slack.start();
    await until(() => slack.health() === 'ok');
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await slack.stop();
    await workspace.stop();
  });

  it('carry a line, a card, a click, an edit, a reply and private answers', async () => {
    await workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'run ws-042 minidump.ps1' });
    const [line] = lines;
    assert.equal(line?.text, 'run ws-042 minidump.ps1');

    const posted = await slack.chat.post(line?.place ?? '', waiting);
    const ts = posted.message.split(':')[1] ?? '';
    await workspace.click({ user: 'U0MAX', channel: 'C0SOC', ts, actionId: 'lr:approve' });
    assert.deepEqual([clicks[0]?.person.id, clicks[0]?.id], ['U0MAX', 'LR-8K3F2Q:1']);

    const approved: Card = { ...waiting, state: { symbol: '✔', words: [text('Approved by Lea Lead')] }, buttons: [] };
    await slack.chat.edit(posted.message, approved);
    const done = { text: [text('Lea Lead approved.')], output: ['one'], moreLines: 142, buttons: [] };
    await slack.chat.reply(posted.thread, done);
    await slack.chat.answer(line?.replyTo ?? '', answer('And one thing more.'));

    const state = await workspace.waitFor((each) => each.ephemerals.length >= 3 && each);
    const words = state.ephemerals.map((each) => [each.to, each.text]);
    assert.deepEqual(words.toSorted(), [
      ['U0ANA', 'And one thing more.'],
      ['U0ANA', 'Got it, LR-8K3F2Q.'],
      ['U0MAX', 'Only leads may approve.'],
    ]);
    const card = state.messages.find((message) => message.ts === ts);
    assert.match(card?.text ?? '', /^✔ Approved by Lea Lead\n/);
    assert.ok(
      state.messages.some((message) => message.threadTs === ts && message.text?.startsWith('Lea Lead approved.')),
    );
  });

  it('tell members from everybody else, and shared channels from others', async () => {
    const standing = async (id: string) => (await slack.chat.lookUp({ id, tenant: '' }, { fresh: true })).standing;
    assert.deepEqual(await Promise.all(['U0ANA', 'U0GUS', 'U0EVE', 'U0DEE', 'U0OTHERBOT', 'U0NOBODY'].map(standing)), [
      'member',
      'guest',
      'external',
      'deactivated',
      'bot',
      'unknown',
    ]);
    assert.deepEqual([await slack.chat.isShared('C0SOC'), await slack.chat.isShared('C0SHARED')], [false, true]);
    await assert.rejects(slack.chat.post('C0PRIVATE', waiting), { code: 'chat_not_in_channel' });
  });
});
