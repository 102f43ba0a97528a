import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { createPlaygroundServer } from '../../src/playground/server.ts';
import { startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import {
  CONVERSATIONS,
  PEOPLE,
  startTeamsChannel,
  type TeamsChannel,
} from '../../src/playground/teams-channel/index.ts';

const Activity = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  text: z.string().optional(),
  from: z.looseObject({ aadObjectId: z.string() }),
  value: z.unknown().optional(),
});
type Activity = z.output<typeof Activity>;

const Executed = z.looseObject({
  action: z.looseObject({ verb: z.string(), data: z.record(z.string(), z.unknown()) }),
});

const APP = { appId: '3d0c7c5e-2b61-4c7d-9d55-0a6a4c1f9e10', appPassword: 'p' };
const CARD = {
  type: 'AdaptiveCard',
  version: '1.5',
  fallbackText: 'x',
  body: [{ type: 'Input.Text', id: 'why', label: 'Why' }],
  actions: [
    { type: 'Action.ShowCard', title: 'More', card: { type: 'AdaptiveCard', body: [], actions: [] } },
    { type: 'Action.Execute', title: 'Deny', verb: 'deny', data: { id: '1' } },
    { type: 'Action.Submit', title: 'Form', data: { msteams: { type: 'task/fetch' } } },
  ],
};
const FORM = {
  type: 'AdaptiveCard',
  version: '1.5',
  fallbackText: 'x',
  body: [
    {
      type: 'Input.ChoiceSet',
      id: 'machine',
      label: 'Machine',
      style: 'filtered',
      choices: [],
      'choices.data': { type: 'Data.Query', dataset: 'machines' },
    },
  ],
  actions: [{ type: 'Action.Submit', title: 'Ask' }],
};

/** How a bot that knows its trade answers each invoke. */
const ANSWERS: Record<string, object> = {
  'adaptiveCard/action': { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Not you.' },
  'task/fetch': {
    task: {
      type: 'continue',
      value: { title: 'Ask', card: { contentType: 'application/vnd.microsoft.card.adaptive', content: FORM } },
    },
  },
  'task/submit': { task: { type: 'message', value: 'Asked.' } },
  'application/search': {
    statusCode: 200,
    type: 'application/vnd.microsoft.search.searchResponse',
    value: { results: [{ title: 'ws-042', value: 'id-42' }] },
  },
};

describe('The playground server, for Teams', () => {
  let bot: Server;
  let heard: Activity[];
  let teams: TeamsChannel;
  let servers: Server[];
  let stops: (() => Promise<void>)[];
  let base: string;

  beforeEach(async () => {
    heard = [];
    bot = createServer(async (incoming, outgoing) => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      const activity = Activity.parse(JSON.parse(body));
      heard.push(activity);
      const answer = ANSWERS[activity.name ?? ''];
      outgoing.setHeader('content-type', 'application/json').end(answer ? JSON.stringify(answer) : '');
    });
    const botUrl = `http://127.0.0.1:${await listen(bot)}/api/messages`;
    teams = await startTeamsChannel({ ...APP, botUrl });
    const slack = await startSlackWorkspace({ botToken: 't', signingSecret: 's', botUrl });
    const defender = { state: () => ({}), setSpeed: () => undefined, onChange: () => undefined };
    const server = createServer(createPlaygroundServer({ slack, teams, defender, pageDir: '/nowhere' }));
    base = `http://127.0.0.1:${await listen(server)}/api`;
    servers = [bot, server];
    stops = [teams.stop, slack.stop];
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    for (const one of servers) {
      one.closeAllConnections();
      await new Promise((resolve) => one.close(resolve));
    }
  });

  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${base}/teams/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const say = (text: string, more: object = {}) =>
    post('say', { person: PEOPLE.ana, conversation: CONVERSATIONS.soc, text, root: null, ...more });
  /** A message of the bot, posted as a bot does it. */
  const posted = async (card: object): Promise<string> => {
    const token = await tokenFor(teams);
    const url = `${teams.serviceUrl}v3/conversations/${encodeURIComponent(CONVERSATIONS.soc)}/activities`;
    const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', content: card };
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'message', summary: 'x', attachments: [attachment] }),
    });
    assert.ok(response.ok, await response.clone().text());
    return teams.state().messages.at(-1)?.id ?? '';
  };

  it('says what somebody typed, and tells the bot where it is mentioned', async () => {
    const told = await say('@Live Response help');
    assert.equal(told.status, 200);
    assert.deepEqual(
      heard.map(({ type, from }) => [type, from.aadObjectId]),
      [['message', PEOPLE.ana]],
    );
    const untold = await say('hello');
    assert.equal(untold.body.delivery, null);
    assert.equal(heard.length, 1);
    assert.equal(teams.state().messages.length, 2);
  });

  it('replies in a thread', async () => {
    await say('first');
    const root = teams.state().messages[0]?.id;
    await say('second', { root });
    assert.equal(teams.state().messages[1]?.root, root);
  });

  it('clicks the very button that was pressed, with what was typed', async () => {
    const message = await posted(CARD);
    const answer = await post('click', { person: PEOPLE.gus, message, index: 1, inputs: { why: 'no' } });
    assert.equal(answer.status, 200);
    const { action } = Executed.parse(heard[0]?.value);
    assert.deepEqual([action.verb, action.data], ['deny', { id: '1', why: 'no' }]);
    assert.deepEqual(
      teams.state().notices.map(({ person, text }) => [person, text]),
      [[PEOPLE.gus, 'Not you.']],
    );
  });

  it('opens a dialog, searches in it, submits it, and closes it', async () => {
    const message = await posted(CARD);
    const { ana: person } = PEOPLE;
    await post('submit', { person, message, index: 2 });
    assert.equal(teams.state().dialogs[0]?.title, 'Ask');
    const found = await post('search', { person, dataset: 'machines', query: 'ws' });
    assert.deepEqual(found.body.results, [{ title: 'ws-042', value: 'id-42' }]);
    await post('dialog', { person, index: 0, inputs: { machine: 'id-42' } });
    assert.deepEqual(heard.at(-1)?.value, { data: { machine: 'id-42' }, context: { theme: 'default' } });
    assert.deepEqual(teams.state().dialogs, []);
    await post('submit', { person, message, index: 2 });
    await post('close', { person });
    assert.deepEqual(teams.state().dialogs, []);
  });

  it('asks the bot for a view of their own only where the card has one for them', async () => {
    const message = await posted(CARD);
    assert.equal((await post('look', { person: PEOPLE.lea, message })).status, 200);
    assert.equal(heard.length, 0);
  });

  it('explains what leads nowhere, and takes nothing of another shape', async () => {
    const nowhere = await post('click', { person: PEOPLE.ana, message: '1', index: 0, inputs: {} });
    assert.equal(nowhere.status, 409);
    assert.match(String(nowhere.body.error), /no message 1/);
    for (const odd of [{ index: -1 }, { index: 'x' }, { inputs: { why: 1 } }, { person: '' }, { data: { id: '2' } }]) {
      const answer = await post('click', { person: PEOPLE.ana, message: '1', index: 0, inputs: {}, ...odd });
      assert.equal(answer.status, 400, JSON.stringify(odd));
    }
    assert.equal((await say('   ')).status, 400);
    assert.equal(heard.length, 0);
  });

  it('tells the page of changes, and keeps from it what it never shows', async () => {
    const response = await fetch(`${base}/events`);
    const reader = response.body?.getReader() ?? assert.fail('no body');
    await reader.read();
    await say('hello');
    const { value } = await reader.read();
    const { teams: seen } = JSON.parse(new TextDecoder().decode(value).slice('data: '.length)) as {
      teams: Record<string, { text: string }[]>;
    };
    assert.equal(seen.messages?.[0]?.text, 'hello');
    assert.equal('calls' in seen, false);
    await reader.cancel();
  });
});

async function tokenFor(teams: TeamsChannel): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: APP.appId,
    client_secret: APP.appPassword,
    scope: 'https://api.botframework.com/.default',
  };
  const url = `${teams.loginUrl}/${teams.tenantId}/oauth2/v2.0/token`;
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
