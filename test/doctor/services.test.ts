import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSlackCheck, SLACK_SCOPES } from '../../src/chat/slack/self-check.ts';
import { NO_MACHINE } from '../../src/defender/self-check.ts';
import type { Finding } from '../../src/doctor/index.ts';
import { checkSlack } from '../../src/doctor/slack.ts';
import { slackManifest } from '../../src/manifest/slack.ts';
import { CONVERSATIONS, GROUPS } from '../../src/playground/teams-channel/index.ts';
import { loadPolicy } from '../../src/policy/index.ts';
import { startGoBetween, startSilence } from './go-between.ts';
import { APP_TOKEN, failures, GOOD_POLICY, has, SECRETS, startWorld, under, type World } from './world.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';

describe('the doctor, asking services', function () {
  this.timeout(60_000);
  let world: World;

  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.close());

  it('finds nothing failed where everything is well', async () => {
    const findings = await world.examine();
    assert.deepEqual(failures(findings), []);
    has(findings, 'Slack', 'ok', /^accepts the token; workspace Contoso\.$/);
    has(findings, 'Slack scopes', 'ok', /^all 6 are there/);
    has(findings, 'Slack channel', 'ok', /^C0SOC \(#soc\): the bot is in it/);
    has(findings, 'Graph', 'ok', /people and groups/);
    has(findings, 'Entra group', 'ok', new RegExp(GROUPS.analysts));
    has(findings, 'Entra roles', 'ok', /Machine\.LiveResponse, Machine\.Read\.All, Library\.Manage/);
    has(findings, 'Defender live response', 'ok', /can’t exist/);
    has(findings, 'Policy and library', 'ok', /as pinned/);
  });

  it('changes nothing anywhere: no message, no machine action, one probe of a machine that is none', async () => {
    await world.examine();
    const { actions, calls, machines } = world.defender.state();
    assert.deepEqual(actions, []);
    assert.deepEqual(world.slack.state().messages, []);
    assert.deepEqual(world.teams.state().messages, []);
    const posts = calls.filter(({ method, path }) => method === 'POST' && path.startsWith('/api'));
    assert.deepEqual(
      posts.map(({ path }) => path),
      [`/api/machines/${NO_MACHINE}/runliveresponse`],
    );
    assert.ok(machines.length > 0 && machines.every(({ id }) => id !== NO_MACHINE));
  });

  it('names a machine for its probe that is neither an id nor any host’s name', () => {
    assert.ok(!/^[0-9a-f]+$/i.test(NO_MACHINE));
    assert.ok(!NO_MACHINE.includes('.') && NO_MACHINE.length > 64);
  });

  describe('of Slack', () => {
    it('knows the scopes of the manifest, no more and no less', () => {
      const manifest = JSON.parse(slackManifest('https://bot.example.com')) as {
        oauth_config: { scopes: { bot: string[] } };
      };
      assert.deepEqual(Object.keys(SLACK_SCOPES).sort(), [...manifest.oauth_config.scopes.bot].sort());
    });

    it('says that the token is not accepted', async () => {
      const findings = await world.examine({ SLACK_BOT_TOKEN: 'xoxb-9999-wrong-token' });
      assert.deepEqual(failures(findings), ['Slack']);
      has(findings, 'Slack', 'failed', /invalid_auth.*SLACK_BOT_TOKEN/);
      has(findings, 'Defender live response', 'ok', /allowed/);
    });

    it('looks at the token though the signing secret is missing', async () => {
      const { SLACK_SIGNING_SECRET: _, ...env } = world.env();
      const findings = await world.examine({ ...env, SLACK_SIGNING_SECRET: undefined });
      has(findings, 'Configuration', 'failed', /^SLACK_SIGNING_SECRET: is missing/);
      has(findings, 'Slack', 'ok', /accepts the token/);
    });

    it('asks for a connection in Socket Mode, and makes none', async () => {
      const findings = await world.examine({ SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: undefined });
      has(findings, 'Slack Socket Mode', 'ok', /offers a connection/);
      assert.deepEqual(failures(findings), []);
      assert.equal(world.slack.socketMode?.links(), 0);
      assert.ok(!JSON.stringify(findings).includes(APP_TOKEN));
    });

    it('says what to mend where the app-level token will not do', async () => {
      const findings = await world.examine({ SLACK_APP_TOKEN: 'xapp-9999-wrong-token' });
      assert.deepEqual(failures(findings), ['Slack Socket Mode']);
      has(findings, 'Slack Socket Mode', 'failed', /doesn't accept SLACK_APP_TOKEN.*connections:write/);
      assert.ok(!JSON.stringify(findings).includes('xapp-9999'));
    });

    it('names each missing scope, and fails only for those without which nothing goes', async () => {
      world.slackAnswers.change = ({ headers }) => {
        headers['x-oauth-scopes'] = 'chat:write,commands,channels:read,groups:read,chat:write.public';
      };
      const findings = await world.examine();
      has(findings, 'Slack scopes', 'failed', /^the token lacks users:read: /);
      has(findings, 'Slack scopes', 'warning', /^the token lacks app_mentions:read: /);
      assert.equal(under(findings, 'Slack scopes').length, 2);
    });

    it('says so where Slack does not tell the scopes', async () => {
      world.slackAnswers.change = ({ headers }) => {
        delete headers['x-oauth-scopes'];
      };
      const findings = await world.examine();
      has(findings, 'Slack scopes', 'warning', /didn’t say/);
    });

    it('tells of channels where the bot is not, that are shared, and that are none', async () => {
      await world.policy(GOOD_POLICY.replace('[C0SOC]', '[C0SOC, C0PRIVATE, C0GENERAL, C0SHARED, C0NONE]'));
      const findings = await world.examine();
      has(findings, 'Slack channel', 'ok', /^C0SOC /);
      assert.match(has(findings, 'Slack channel', 'failed', /^C0PRIVATE: there is no such channel/), /\/invite/);
      has(findings, 'Slack channel', 'failed', /^C0GENERAL \(#general\): the bot isn't in it/);
      has(findings, 'Slack channel', 'warning', /^C0SHARED .*another organisation/);
      has(findings, 'Slack channel', 'failed', /^C0NONE: there is no such channel/);
    });

    it('tells of a channel that is archived', async () => {
      world.slackAnswers.change = (passing) => {
        passing.body = passing.body.replace('"is_archived":false', '"is_archived":true');
      };
      has(await world.examine(), 'Slack channel', 'failed', /archived/);
    });

    it('names the scope that Slack wants', async () => {
      world.slackAnswers.change = (passing) => {
        if (!passing.path.includes('conversations.info')) return;
        passing.body = '{"ok":false,"error":"missing_scope","needed":"channels:read","provided":"chat:write"}';
      };
      has(await world.examine(), 'Slack channel', 'failed', /^C0SOC: .*channels:read/);
    });

    describe('and its user groups', () => {
      const WITH_GROUPS = GOOD_POLICY.replace(
        'users: [U0LEA, U0LEO] }',
        'users: [U0LEA, U0LEO], userGroups: [S0LEADS] }',
      );
      const TRUSTING = `${WITH_GROUPS}trustUserGroups: true\n`;
      const noScope = () => {
        world.slackAnswers.change = ({ headers }) => {
          headers['x-oauth-scopes'] = 'app_mentions:read,channels:read,chat:write,commands,groups:read,users:read';
        };
      };

      it('warns of the missing scope where the policy trusts them, with the mend', async () => {
        noScope();
        await world.policy(TRUSTING);
        const findings = await world.examine();
        assert.deepEqual(failures(findings), []);
        const mend = has(findings, 'Slack scopes', 'warning', /lacks usergroups:read: .*nobody a right/);
        assert.match(mend, /Install App again/);
        has(findings, 'Slack user group', 'warning', /not checked/);
      });

      it('asks for no scope and looks at no group where it doesn’t', async () => {
        noScope();
        await world.policy(WITH_GROUPS);
        const findings = await world.examine();
        has(findings, 'Slack scopes', 'ok', /all 6 are there/);
        assert.deepEqual(under(findings, 'Slack user group'), []);
        assert.ok(!world.slack.state().calls.some(({ method }) => method.startsWith('usergroups')));
      });

      it('tells of one that is there, that is empty, that is none, and of a plan that has none', async () => {
        const check = createSlackCheck({ botToken: SECRETS.SLACK_BOT_TOKEN, apiUrl: world.slack.apiUrl }, SILENT);
        const policy = loadPolicy(TRUSTING, { platforms: ['slack', 'teams'] });
        const look = async (): Promise<Finding[]> => {
          const findings: Finding[] = [];
          await checkSlack(check, SLACK_SCOPES, policy, (finding) => void findings.push(finding));
          return findings;
        };
        const findings = await look();
        has(findings, 'Slack scopes', 'ok', /all 7 are there/);
        has(findings, 'Slack user group', 'ok', /^S0LEADS is there/);
        world.slack.setUserGroup({ id: 'S0LEADS', users: [] });
        has(await look(), 'Slack user group', 'warning', /^S0LEADS has nobody in it/);
        world.slack.setUserGroup({ id: 'S0LEADS', disabled: true });
        has(await look(), 'Slack user group', 'failed', /^S0LEADS: .*disabled/);
        world.slack.setSubscription({ plan: 'free' });
        has(await look(), 'Slack user group', 'failed', /plan has no user groups/);
        world.slack.fault({ kind: 'reset', method: 'usergroups.users.list' });
        has(await look(), 'Slack user group', 'failed', /^S0LEADS: Slack gives no answer/);
      });
    });

    it('goes on where Slack is down', async () => {
      const findings = await world.examine({ SLACK_API_URL: `${NOWHERE}/api/` });
      assert.deepEqual(failures(findings), ['Slack']);
      has(findings, 'Slack', 'failed', /gives no answer/);
    });
  });

  describe('of Teams and its directory', () => {
    it('says that the secret is wrong', async () => {
      const findings = await world.examine({ TEAMS_APP_PASSWORD: 'another~password' });
      assert.deepEqual(failures(findings), ['Teams', 'Graph']);
      has(findings, 'Teams', 'failed', /AADSTS7000215/);
      has(findings, 'Teams', 'ok', /keys/);
    });

    it('names the permission that the policy’s groups need, with its id', async () => {
      world.teams.setGraphRoles(['User.Read.All']);
      const findings = await world.examine();
      const mend = has(findings, 'Graph', 'failed', /lacks GroupMember\.Read\.All/);
      assert.match(mend, /98830695-27a2-44f7-8c18-0c3ebc9698f6/);
      has(findings, 'Entra group', 'warning', /not checked/);
    });

    it('is content without that permission where the policy has no such groups', async () => {
      world.teams.setGraphRoles(['User.Read.All']);
      const [, lea = ''] = /teams: \{ users: \[([^\],]+)/.exec(GOOD_POLICY) ?? [];
      await world.policy(GOOD_POLICY.replace(/entraGroups: \[[^\]]*\]/, `users: [${lea}]`));
      const findings = await world.examine();
      assert.deepEqual(failures(findings), []);
      has(findings, 'Graph', 'ok', /no entraGroups/);
      world.teams.setGraphRoles([]);
      has(await world.examine(), 'Graph', 'warning', /lacks User\.Read\.All/);
    });

    it('takes a permission that contains the needed one', async () => {
      world.teams.setGraphRoles(['Directory.Read.All']);
      has(await world.examine(), 'Graph', 'ok', /people and groups/);
    });

    it('tells of a group that is not there', async () => {
      const none = '00000000-1111-4222-8333-444444444444';
      await world.policy(GOOD_POLICY.replace(GROUPS.analysts, none));
      has(await world.examine(), 'Entra group', 'failed', new RegExp(`^${none}: .*no such group`));
    });

    it('tells that something else answers in the place of the keys, and that nobody does', async () => {
      world.teams.fault({ kind: 'garbage', on: 'openid' });
      has(await world.examine(), 'Teams', 'failed', /something else answers/);
      world.teams.fault({ kind: 'reset', on: 'openid' });
      has(await world.examine(), 'Teams', 'failed', /can't be fetched/);
    });

    it('tells where Teams was never heard of', async () => {
      const findings = await world.examine();
      const mend = has(findings, 'Teams channel', 'warning', new RegExp(`^${CONVERSATIONS.soc}: .*hasn't spoken`));
      assert.match(mend, /@Live Response whoami/);
    });
  });

  describe('of Defender', () => {
    it('says that the secret is wrong, and checks nothing that needs it', async () => {
      const findings = await world.examine({ DEFENDER_CLIENT_SECRET: 'another~secret~altogether' });
      assert.deepEqual(failures(findings), ['Entra']);
      has(findings, 'Entra', 'failed', /client secret is wrong.*AADSTS7000215/);
      for (const check of ['Entra roles', 'Defender', 'Defender live response', 'Policy and library']) {
        has(findings, check, 'warning', /^not checked/);
      }
    });

    const ROLES: [missing: string, id: string, also: string][] = [
      ['Machine.LiveResponse', '1629b959-c0af-42a1-92f0-f6162060bdf1', 'Defender live response'],
      ['Machine.Read.All', 'ea8291d3-4b9a-44b5-bc3a-6cea3026dc79', 'Defender'],
      ['Library.Manage', '41d209c7-2511-4fc9-b899-8008a3976f09', 'Defender'],
    ];
    for (const [missing, id, also] of ROLES) {
      it(`names ${missing} where it is missing, with its id, and sees Defender refuse`, async () => {
        const { roles } = world.defender.state().settings;
        world.defender.control.set({ roles: roles.filter((role) => role !== missing) });
        const findings = await world.examine();
        const mend = has(findings, 'Entra roles', 'failed', new RegExp(`lacks ${missing}`));
        assert.ok(mend.includes(id) && mend.includes('admin consent'));
        has(findings, also, 'failed', /./);
        assert.ok(!JSON.stringify(findings).includes('doctor checks'), 'who asks doctor is not sent to doctor');
        assert.deepEqual(failures(findings), ['Entra roles', also]);
      });
    }

    it('takes Machine.ReadWrite.All for reading', async () => {
      world.defender.control.set({ roles: ['Machine.LiveResponse', 'Machine.ReadWrite.All', 'Library.Manage'] });
      assert.deepEqual(failures(await world.examine()), []);
    });

    it('tells a token for the wrong audience by its missing roles and the refusals', async () => {
      const findings = await world.examine({ DEFENDER_SCOPE: 'https://api.security.microsoft.com/.default' });
      assert.deepEqual(failures(findings), ['Entra roles', 'Defender', 'Defender live response']);
    });

    it('names the switch where live response is off', async () => {
      world.defender.control.fault({ kind: 'disabled_feature' });
      const findings = await world.examine();
      const mend = has(findings, 'Defender live response', 'failed', /DisabledFeature/);
      assert.match(mend, /Advanced features/);
      assert.deepEqual(failures(findings), ['Defender live response']);
    });

    it('proves nothing from an answer that says nothing', async () => {
      world.defender.control.fault({ kind: 'throttle' });
      has(await world.examine(), 'Defender live response', 'warning', /nothing is proved.*429/);
      world.defender.control.fault({ kind: 'bare', status: 500 });
      has(await world.examine(), 'Defender live response', 'warning', /nothing is proved.*500/);
      world.defender.control.fault({ kind: 'gateway_404' });
      has(await world.examine(), 'Defender live response', 'failed', /DEFENDER_API_URL/);
    });

    it('cries out where Defender takes the probe', async () => {
      world.defender.control.fault({ kind: 'bare', status: 201, body: '{}' });
      has(await world.examine(), 'Defender live response', 'failed', /took a request for a machine that can't exist/);
    });

    it('blames Entra where Entra is silent', async () => {
      const silence = await startSilence();
      try {
        const findings = await world.examine({ DEFENDER_LOGIN_URL: silence.url }, { limit: 900 });
        has(findings, 'Entra', 'failed', /^Microsoft Entra didn't answer in time\.$/);
      } finally {
        await silence.close();
      }
    });

    for (const [what, answers, check, status, words, mend] of [
      [
        'a trouble that Defender answers with for no lack of a way there',
        { '/api/machines?': [500, ''] },
        'Defender',
        'failed',
        /^machines: Defender has trouble of its own \(500\)/,
        /in a minute/,
      ],
      [
        'a page that answers in Defender’s place for no Defender',
        { '/runliveresponse': [200, '<html>Sign in</html>'] },
        'Defender live response',
        'failed',
        /isn't Defender/,
        /DEFENDER_API_URL/,
      ],
      [
        'a 404 of a gateway for no lack of machines',
        { '/api/machines?': [404, '{"statusCode":404,"message":"Resource not found"}'] },
        'Defender',
        'failed',
        /^machines: .*nobody knows this question/,
        /docs\/defender\.md/,
      ],
      [
        'the rest of a library of which one entry can’t be read',
        { '/api/libraryfiles': [200, '{"value":[{"fileName":"a.ps1","sha256":"ab"},{"fileName":null}]}'] },
        'Defender',
        'ok',
        /^shows the library: 1 file\.$/,
        /^$/,
      ],
    ] as [string, Record<string, [number, string]>, string, Finding['status'], RegExp, RegExp][]) {
      it(`takes ${what}`, async () => {
        const between = await startGoBetween(
          () => new URL(world.defender.apiUrl).origin,
          (passing) => {
            const [, answer] = Object.entries(answers).find(([part]) => passing.path.includes(part)) ?? [];
            if (answer === undefined) return;
            [passing.status, passing.body] = answer;
          },
        );
        try {
          const findings = await world.examine({ DEFENDER_API_URL: between.url });
          assert.match(has(findings, check, status, words), mend);
        } finally {
          await between.close();
        }
      });
    }

    it('goes on where Defender is down', async () => {
      const findings = await world.examine({ DEFENDER_API_URL: NOWHERE });
      assert.deepEqual(failures(findings), ['Defender', 'Defender live response']);
      has(findings, 'Slack', 'ok', /accepts/);
    });
  });

  it('hangs on nobody who hangs, and tells everything else', async () => {
    const silence = await startSilence();
    try {
      const began = Date.now();
      const findings = await world.examine(
        {
          PUBLIC_URL: silence.url,
          DATA_DIR: undefined,
          DATABASE_URL: `${silence.url.replace('http', 'postgres')}/bot`,
          SLACK_API_URL: `${silence.url}/api/`,
          GRAPH_URL: silence.url,
          TEAMS_OPENID_METADATA_URL: silence.url,
          DEFENDER_API_URL: silence.url,
        },
        { limit: 2_000 },
      );
      assert.ok(Date.now() - began < 8_000);
      for (const check of ['Database', 'Slack', 'Teams', 'Defender', 'Defender live response']) {
        has(findings, check, 'failed', /answer/);
      }
      has(findings, 'Address', 'warning', /nobody answers/);
      has(findings, 'Clock', 'ok', /within/);
      has(findings, 'Entra', 'ok', /token/);
    } finally {
      await silence.close();
    }
  });

  describe('with a test card', () => {
    it('posts it to a channel of the policy, without a button', async () => {
      const findings = await world.examine({}, { send: 'C0SOC' });
      has(findings, 'Test card', 'ok', /^posted to C0SOC in Slack/);
      const [message, ...others] = world.slack.state().messages;
      assert.deepEqual([message?.channel, others.length], ['C0SOC', 0]);
      assert.match(JSON.stringify(message), /Test card/);
      assert.ok(!/"type":"(?:actions|button)"/.test(JSON.stringify(message)));
    });

    it('posts it nowhere else', async () => {
      const findings = await world.examine({}, { send: 'C0SHARED' });
      has(findings, 'Test card', 'failed', /C0SHARED is none of the policy's channels/);
      assert.deepEqual(world.slack.state().messages, []);
    });

    it('says why it could not', async () => {
      await world.policy(GOOD_POLICY.replace('[C0SOC]', '[C0GENERAL]'));
      has(await world.examine({}, { send: 'C0GENERAL' }), 'Test card', 'failed', /not in that channel/);
      await world.policy('nothing');
      has(await world.examine({}, { send: 'C0SOC' }), 'Test card', 'failed', /policy can’t be read/);
    });

    it('can’t be posted to Teams before Teams was heard of', async () => {
      const findings = await world.examine({}, { send: CONVERSATIONS.soc });
      const mend = has(findings, 'Test card', 'failed', /hasn't spoken/);
      assert.match(mend, /Mention the bot once in the channel/);
      assert.deepEqual(world.teams.state().messages, []);
    });
  });

  describe('of the address', () => {
    async function answering(status: number, body: string): Promise<{ url: string; close: () => void }> {
      const server = createServer((_request, response) => response.writeHead(status).end(body));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
    }

    it('knows a bot from a log-in page', async () => {
      const bot = await answering(200, 'ok\n');
      has(await world.examine({ PUBLIC_URL: bot.url }), 'Address', 'ok', /a bot answers/);
      bot.close();
      const page = await answering(200, '<form>Log in</form>');
      assert.match(
        has(await world.examine({ PUBLIC_URL: page.url }), 'Address', 'warning', /not as the bot/),
        /log-in/,
      );
      page.close();
    });

    it('warns where nobody answers', async () => {
      has(await world.examine(), 'Address', 'warning', /nobody answers/);
    });

    it('fails where the name leads nowhere', async () => {
      const findings = await world.examine({ PUBLIC_URL: 'https://no-such-bot.invalid' });
      has(findings, 'Address', 'failed', /no-such-bot\.invalid leads nowhere/);
    });
  });

  describe('of the clock', () => {
    const CASES: [number, 'ok' | 'warning' | 'failed', RegExp][] = [
      [30, 'ok', /within \d+ s of Slack/],
      [180, 'warning', /behind Slack/],
      [-400, 'failed', /ahead of Slack/],
    ];
    for (const [off, status, words] of CASES) {
      it(`is ${status} when Slack's is ${off} s on`, async () => {
        world.slackAnswers.change = ({ headers }) => {
          headers.date = new Date(Date.now() + off * 1000).toUTCString();
        };
        // Without Defender's settings Entra isn't asked.
        has(await world.examine({ DEFENDER_TENANT_ID: undefined }), 'Clock', status, words);
      });
    }
  });
});
