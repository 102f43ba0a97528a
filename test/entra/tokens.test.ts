import assert from 'node:assert/strict';
import sinon from 'sinon';
import { createTokens, rolesOf } from '../../src/entra/index.ts';
import { EntraError, sentenceFor } from '../../src/errors.ts';
import { createExchange, TransportError } from '../../src/outbound/exchange.ts';
import { aadError, BOT, CLIENT, json, SECRET, type Service, startService, TENANT, tokensOf } from './service.ts';

describe('Tokens of Entra', () => {
  let service: Service;
  let tokens: ReturnType<typeof tokensOf>;
  let given = 0;

  const give =
    (seconds = 3599, more: object = {}): Service['answer'] =>
    (_asked, res) =>
      json(res, 200, { token_type: 'Bearer', expires_in: seconds, access_token: `token-${++given}`, ...more });

  beforeEach(async () => {
    given = 0;
    service = await startService(give());
    tokens = tokensOf(service.url);
  });
  afterEach(async () => {
    tokens.close();
    await service.close();
  });

  async function failure(work: Promise<unknown>): Promise<EntraError> {
    const error = await work.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof EntraError, String(error));
    assert.equal(error.cause, undefined, 'it carries no request and no answer');
    assert.equal(sentenceFor(error), error.message);
    return error;
  }

  it('are asked for once, with the secret, and kept', async () => {
    const first = await Promise.all([tokens.get(), tokens.get(), tokens.get()]);
    assert.deepEqual([...first, await tokens.get()], ['token-1', 'token-1', 'token-1', 'token-1']);
    assert.equal(service.asked.length, 1);
    const [asked] = service.asked;
    assert.equal(`${asked?.method} ${asked?.url.pathname}${asked?.url.search}`, `POST /${TENANT}/oauth2/v2.0/token`);
    const { grant_type, client_id, client_secret, scope } = Object.fromEntries(asked?.form ?? []);
    const sent = { grant_type, client_id, client_secret, scope };
    assert.deepEqual(sent, {
      grant_type: 'client_credentials',
      client_id: CLIENT,
      client_secret: SECRET.secret,
      scope: 'https://api.example/.default',
    });
    assert.deepEqual(tokens.counted, ['ok']);
  });

  it('are asked for anew once the API has rejected one, by all that were rejected together', async () => {
    const first = await tokens.get();
    const again = await Promise.all([tokens.get(first), tokens.get(first)]);
    assert.deepEqual(again, ['token-2', 'token-2']);
    assert.equal(await tokens.get(), 'token-2');
    assert.equal(service.asked.length, 2);
  });

  it('of different applications and scopes are kept apart', async () => {
    const other = tokensOf(service.url, { scope: 'https://api.botframework.com/.default' });
    try {
      assert.notEqual(await tokens.get(), await other.get());
    } finally {
      other.close();
    }
  });

  it('go on being used where they are still good and their early renewal gets no answer', async () => {
    const clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
    const lasting = tokensOf(service.url, { now: () => Date.now() });
    try {
      const hour = 3600;
      service.answer = give(24 * hour, { refresh_in: 12 * hour });
      const first = await lasting.get();
      service.answer = (_asked, res) => res.destroy();
      clock.tick(13 * hour * 1000);
      assert.equal(await lasting.get(), first);
      assert.deepEqual(lasting.counted, ['ok', 'unreachable']);
      assert.equal((await failure(lasting.get(first))).code, 'entra_unreachable', 'but not one that was rejected');
      clock.tick(11 * hour * 1000);
      assert.equal((await failure(lasting.get())).code, 'entra_unreachable', 'and not one that ran out');
      service.answer = give();
      assert.equal(await lasting.get(), 'token-2');
    } finally {
      clock.restore();
      lasting.close();
    }
  });

  it('are named in sentences by what they are for, and by the variables of whoever asks', async () => {
    const bot = tokensOf(service.url, { target: BOT });
    const refuse = (text: string): void => {
      service.answer = (_asked, res) => aadError(res, 401, 'invalid_client', text);
    };
    try {
      refuse('AADSTS7000215: Invalid client secret provided.');
      const wrong = (await failure(bot.get())).message;
      assert.match(wrong, /^I can't sign in to the Bot Framework\. .*TEAMS_APP_PASSWORD\. \(AADSTS7000215\)$/);
      assert.match((await failure(tokens.get())).message, /sign in to Defender\. .*DEFENDER_CLIENT_SECRET/);
      refuse('AADSTS90002: Tenant not found.');
      assert.match((await failure(bot.get())).message, /Check TEAMS_TENANT_ID\. \(/);
      // No variable of Teams names a scope, so there is nothing better to say than what Entra says.
      refuse('AADSTS500011: The resource was not found.');
      assert.match(
        (await failure(bot.get())).message,
        /Microsoft Entra said: AADSTS500011: The resource was not found\.$/,
      );
      assert.match((await failure(tokens.get())).message, /DEFENDER_SCOPE/);
      assert.ok(tokens.counted.every((outcome) => outcome === 'refused'));
    } finally {
      bot.close();
    }
  });

  it('do not come where nobody answers, in time or in words that are a token service’s', async () => {
    const answers: Service['answer'][] = [
      (_asked, res) => res.destroy(),
      (_asked, res) => json(res, 200, { hello: 'world' }),
      (_asked, res) => json(res, 503, { error: 'temporarily_unavailable' }),
      (_asked, res) => json(res, 429, { error: 'throttled' }),
      (_asked, res) => res.writeHead(307, { Location: '/elsewhere' }).end(),
    ];
    for (const answer of answers) {
      service.answer = answer;
      const { code, message } = await failure(tokens.get());
      assert.equal(code, 'entra_unreachable');
      assert.match(message, /^The sign-in service of Microsoft Entra doesn't answer \(.+\)\.$/);
    }
    assert.equal(service.asked.length, answers.length, 'and nobody is asked twice');
    assert.deepEqual(new Set(tokens.counted), new Set(['unreachable']));
  });

  it('are waited for as long as the one who asks waits, and no longer', async () => {
    const exchange = createExchange();
    const arrived = new Promise<void>((resolve) => {
      service.answer = () => resolve();
    });
    const hanging = createTokens({
      loginUrl: service.url,
      tenantId: TENANT,
      clientId: CLIENT,
      credential: SECRET,
      scope: 'https://api.example/.default',
      target: BOT,
      exchange,
      deadline: 60_000,
      counted: () => undefined,
    });
    const controller = new AbortController();
    const waiting = hanging.get({ rejected: null, signal: controller.signal });
    await arrived;
    controller.abort();
    await assert.rejects(waiting, (error) => error instanceof TransportError && error.kind === 'deadline');
    exchange.close();
  });

  it('tell their roles', () => {
    const claims = Buffer.from(JSON.stringify({ roles: ['Machine.Read.All'] })).toString('base64url');
    assert.deepEqual(rolesOf(`e30.${claims}.x`), ['Machine.Read.All']);
    for (const opaque of ['', 'opaque', 'a.b.c', 'e30.e30.x']) assert.deepEqual(rolesOf(opaque), []);
  });
});
