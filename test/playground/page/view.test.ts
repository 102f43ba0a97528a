import assert from 'node:assert/strict';
import { callWords, progressOf, readTenant } from '../../../src/playground/page/defender.ts';
import { inChannel, inThread, type Message, View } from '../../../src/playground/page/view.ts';

const message = (ts: string, more: Partial<Message> = {}): Message => ({
  ts,
  channel: 'C1',
  user: 'U1',
  text: ts,
  blocks: null,
  threadTs: null,
  broadcast: false,
  ...more,
});

function viewOf(messages: Message[], ephemerals: Message[]): View {
  return View.parse({
    slack: { members: [], channels: [], messages, ephemerals, deliveries: [], modals: [], homes: [] },
    teams: {
      team: { id: 't', name: 'Team' },
      bot: { id: '28:b', name: 'Bot' },
      people: [],
      conversations: [],
      messages: [],
      personalViews: [],
      notices: [],
      dialogs: [],
      deliveries: [],
    },
    app: { userId: 'U0', name: 'Bot' },
    command: '/x',
    defender: null,
  });
}

const tsOf = (messages: Message[]): string[] => messages.map((one) => one.ts);

describe('What a person sees on the page', () => {
  const parent = message('1');
  const view = viewOf(
    [
      parent,
      message('3', { threadTs: '1' }),
      message('4', { threadTs: '1', broadcast: true }),
      message('5', { channel: 'C2' }),
    ],
    [message('2', { to: 'ana' }), message('6', { to: 'ana', threadTs: '1' }), message('7', { to: 'lea' })],
  );

  it('is the channel with what is for their eyes alone, in order of time', () => {
    assert.deepEqual(tsOf(inChannel(view, 'C1', 'ana')), ['1', '2', '4']);
    assert.deepEqual(tsOf(inChannel(view, 'C1', 'lea')), ['1', '4', '7']);
  });

  it('is a thread with what is for their eyes alone', () => {
    assert.deepEqual(tsOf(inThread(view, parent, 'ana')), ['3', '4', '6']);
    assert.deepEqual(tsOf(inThread(view, parent, 'lea')), ['3', '4']);
  });
});

describe('What the page makes of the tenant', () => {
  const command = (type: string, status: string, value: string) => ({
    commandStatus: status,
    errors: [],
    command: { type, params: [{ key: 'k', value }] },
  });
  const call = (number: number, more: object = {}) => ({
    number,
    at: number,
    server: 'api',
    method: 'GET',
    path: '/api/machineactions',
    query: '',
    status: 200,
    ms: 1,
    ...more,
  });

  it('shows an action with its run, its commands and how often it was executed', () => {
    const [action] = readTenant({
      executions: { 'LR-000001.1': 1 },
      actions: [
        {
          runId: 'LR-000001.1',
          final: false,
          action: {
            id: 'a',
            status: 'InProgress',
            computerDnsName: 'ws-042.contoso.com',
            creationDateTimeUtc: '2026-11-24T09:00:00Z',
            commands: [command('RunScript', 'Completed', 'a.ps1'), command('GetFile', 'Created', 'C:\\x')],
          },
        },
      ],
    }).actions;
    assert.ok(action);
    assert.deepEqual([action.machine, action.executions, action.commands[0]?.words], ['ws-042', 1, 'a.ps1']);
    assert.equal(progressOf(action), 0.5);
  });

  it('folds neighbouring calls that differ in their time alone, newest first', () => {
    const { calls, callCount } = readTenant({
      calls: [call(1), call(2), call(3, { status: 429 }), call(4), call(5, { body: {} }), call(6, { body: {} })],
    });
    assert.deepEqual(
      calls.map(({ call: one, times }) => [one.number, times]),
      [
        [6, 1],
        [5, 1],
        [4, 1],
        [3, 1],
        [2, 2],
      ],
    );
    assert.equal(callCount, 6);
  });

  it('cuts ids and never shows the query of a download', () => {
    const id = 'a'.repeat(40);
    const [first, second] = readTenant({
      calls: [
        call(1, { server: 'blob', path: `/x/${id}`, query: 'sig' }),
        call(2, { path: `/api/machines/${id}/x`, query: `a=${id}+b` }),
      ],
    }).calls;
    assert.equal(first && callWords(first.call), 'GET /machines/aaaaaa…/x?a=aaaaaa… b');
    assert.equal(second && callWords(second.call), 'GET download aaaaaa…');
  });

  it('shows nothing, rather than failing, where it cannot read the tenant', () => {
    assert.deepEqual(readTenant(null), { speed: 1, actions: [], calls: [], callCount: 0 });
    assert.deepEqual(readTenant({ actions: [1], calls: ['x'] }).actions, []);
  });
});
