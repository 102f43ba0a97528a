import assert from 'node:assert/strict';
import { startChild } from '../support/children.ts';
import type { Outcome, Step } from './asker.ts';
import { CLIENT, json, type Service, startService } from './service.ts';

const DEFENDER_SCOPE = 'https://api.securitycenter.microsoft.com/.default';
const BOT_SCOPE = 'https://api.botframework.com/.default';
const SYSTEM: Step = { identity: null, scope: DEFENDER_SCOPE };
const USER: Step = { identity: CLIENT, scope: BOT_SCOPE };
const HEADER = 'only-this-app-knows';

describe('Signing in with a managed identity', () => {
  let service: Service;
  let given = 0;

  /** A token that is good for a day, as the platform gives it: the end in seconds since 1970, as text. */
  const give: Service['answer'] = ({ url }, res) => {
    given += 1;
    json(res, 200, {
      access_token: `token-${given}`,
      client_id: url.searchParams.get('client_id') ?? 'that of the machine',
      expires_on: String(Math.floor(Date.now() / 1000) + 24 * 3600),
      resource: url.searchParams.get('resource'),
      token_type: 'Bearer',
    });
  };

  beforeEach(async () => {
    given = 0;
    service = await startService(give);
  });
  afterEach(() => service.close());

  const appService = (): Record<string, string> => ({
    IDENTITY_ENDPOINT: `${service.url}/msi/token`,
    IDENTITY_HEADER: HEADER,
  });
  const virtualMachine = (): Record<string, string> => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: service.url });

  async function ask(env: Record<string, string>, ...steps: Step[]): Promise<Outcome[]> {
    const child = startChild(new URL('./asker.ts', import.meta.url), [JSON.stringify({ env, steps })]);
    const line = await child.says((said) => said.startsWith('['));
    assert.equal(await child.ended, 0);
    return JSON.parse(line) as Outcome[];
  }

  const questions = () =>
    service.asked.map(({ method, url }) => [method, url.pathname, Object.fromEntries(url.searchParams)]);

  it('asks App Service with its header, for each identity by itself, and keeps what it got', async () => {
    const outcomes = await ask(appService(), SYSTEM, USER, SYSTEM, USER, { ...USER, rejected: true }, SYSTEM);
    assert.deepEqual(outcomes, [
      { token: 'token-1', counted: ['ok'] },
      { token: 'token-2', counted: ['ok'] },
      { token: 'token-1', counted: ['ok'] },
      { token: 'token-2', counted: ['ok'] },
      { token: 'token-3', counted: ['ok', 'ok'] },
      { token: 'token-1', counted: ['ok'] },
    ]);
    const version = { 'api-version': '2019-08-01' };
    const user = { ...version, resource: 'https://api.botframework.com', client_id: CLIENT };
    assert.deepEqual(questions(), [
      ['GET', '/msi/token', { ...version, resource: 'https://api.securitycenter.microsoft.com' }],
      ['GET', '/msi/token', user],
      ['GET', '/msi/token', user],
    ]);
    assert.ok(service.asked.every(({ headers }) => headers['x-identity-header'] === HEADER));
  });

  it('tells what App Service says against it, and which variable to look at', async () => {
    const words = 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.';
    service.answer = (_asked, res) => json(res, 400, { statusCode: 400, message: words });
    const [user, system] = await ask(appService(), USER, SYSTEM);
    assert.ok(user !== undefined && 'code' in user && system !== undefined && 'code' in system);
    assert.equal(user.code, 'entra_sign_in');
    assert.ok(user.message.startsWith("I can't sign in to the Bot Framework. "), user.message);
    assert.ok(user.message.includes(words) && user.message.includes('TEAMS_MANAGED_IDENTITY'), user.message);
    assert.match(system.message, /sign in to Defender\. .*DEFENDER_MANAGED_IDENTITY/);
    assert.deepEqual([user.counted, system.counted], [['refused'], ['refused']], 'each counts its own');
  });

  it('asks the metadata service of a virtual machine, and takes its refusals as such', async () => {
    const [first] = await ask(virtualMachine(), USER);
    assert.deepEqual(first, { token: 'token-1', counted: ['ok'] });
    const { method, url, headers } = service.asked[0] ?? assert.fail();
    // MSAL adds the slash where the host isn't the usual one.
    assert.equal(`${method} ${url.pathname}`, 'GET /metadata/identity/oauth2/token/');
    assert.equal(headers.metadata, 'true');
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      'api-version': '2018-02-01',
      resource: 'https://api.botframework.com',
      client_id: CLIENT,
    });
    service.answer = (_asked, res) =>
      json(res, 400, { error: 'invalid_request', error_description: 'Identity not found' });
    const [refused] = await ask(virtualMachine(), SYSTEM);
    assert.ok(refused !== undefined && 'code' in refused && refused.code === 'entra_sign_in');
    assert.match(refused.message, /said: Identity not found\. Check DEFENDER_MANAGED_IDENTITY, /);
  });

  it('is unreachable, and asked once a time, while the endpoint is in trouble or answers in other words', async () => {
    const answers: Service['answer'][] = [
      (_asked, res) => json(res, 410, { error: 'gone' }),
      (_asked, res) => json(res, 500, { error: 'server_error' }),
      (_asked, res) => json(res, 200, { access_token: 'for how long?' }),
      (_asked, res) => res.writeHead(302, { Location: 'http://169.254.169.254/' }).end(),
    ];
    let count = 0;
    service.answer = (asked, res) => (answers[count++] ?? give)(asked, res);
    const outcomes = await ask(virtualMachine(), ...answers.map(() => SYSTEM), SYSTEM);
    const recovered = outcomes.pop();
    assert.ok(recovered !== undefined && 'token' in recovered);
    for (const outcome of outcomes) {
      assert.ok('code' in outcome && outcome.code === 'entra_unreachable', JSON.stringify(outcome));
      assert.match(
        outcome.message,
        /^The managed identity endpoint of this machine doesn't answer \(it answered \d+\)\./,
      );
    }
    assert.equal(service.asked.length, answers.length + 1);
  });

  it('never asks an endpoint that is not on this machine, whatever the platform’s variables say', async () => {
    const [elsewhere] = await ask({ ...appService(), IDENTITY_ENDPOINT: 'http://10.0.0.4:2377/msi/token' }, SYSTEM);
    assert.ok(elsewhere !== undefined && 'code' in elsewhere);
    assert.equal(elsewhere.code, 'entra_sign_in');
    assert.match(elsewhere.message, /endpoint is at 10\.0\.0\.4, which is not on this machine/);
    assert.deepEqual(elsewhere.counted, []);
  });
});
