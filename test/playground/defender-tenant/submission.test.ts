import assert from 'node:assert/strict';
import { assertRefused, type Caller, startCaller, submission } from './caller.ts';

const run = (params: unknown) => ({ type: 'RunScript', params });
const script = run([{ key: 'ScriptName', value: 'Get-Processes.ps1' }]);
const get = { type: 'GetFile', params: [{ key: 'Path', value: 'C:\\x.log' }] };
const put = { type: 'PutFile', params: [{ key: 'FileName', value: 'yara-rules.yar' }] };
const body = (...Commands: unknown[]) => ({ Commands, Comment: 'why' });

describe('a submission to the simulated tenant', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller({
      limits: { submissionsPerMinute: 99, readsPerMinute: 100, readsPerHour: 1500, sessions: 2 },
    });
  });
  afterEach(() => caller.tenant.close());

  it('is answered 201 with a pending action that repeats what was asked', async () => {
    const reply = await caller.submit('ws-042', { Commands: [put, script, script, get], Comment: '[LR-8K3F2Q.1] why' });
    assert.equal(reply.status, 201);
    assert.equal(reply.body.status, 'Pending');
    assert.equal(reply.body.type, 'LiveResponse');
    assert.equal(reply.body.requestor, caller.tenant.clientId);
    assert.equal(reply.body.requestorComment, '[LR-8K3F2Q.1] why');
    assert.deepEqual(
      reply.body.commands.map((c: { index: number; commandStatus: string; command: unknown }) => [
        c.index,
        c.commandStatus,
        c.command,
      ]),
      [put, script, script, get].map((command, index) => [index, 'Created', command]),
    );
    assert.match(reply.body.creationDateTimeUtc, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/);
  });

  const wrong: [string, unknown, string][] = [
    ['lower-case names', { commands: [script], comment: 'x' }, 'MissingRequiredParameter'],
    ['lower-case commands', { commands: [script], Comment: 'x' }, 'InvalidRequestBody'],
    ['upper-case inner names', body({ Type: 'RunScript', Params: [] }), 'InvalidRequestBody'],
    ['params as a map', body(run({ ScriptName: 'Get-Processes.ps1' })), 'InvalidRequestBody'],
    ['upper-case Key and Value', body(run([{ Key: 'ScriptName', Value: 'x.ps1' }])), 'InvalidRequestBody'],
    ['a key of another command', body(run([{ key: 'Path', value: 'x' }])), 'InvalidRequestBody'],
    ['a script without its name', body(run([{ key: 'Args', value: 'x' }])), 'InvalidRequestBody'],
    [
      'empty Args',
      body(
        run([
          { key: 'ScriptName', value: 'a.ps1' },
          { key: 'Args', value: '' },
        ]),
      ),
      'InvalidRequestBody',
    ],
    ['a value that is no text', body(run([{ key: 'ScriptName', value: 7 }])), 'InvalidRequestBody'],
    ['no commands', body(), 'InvalidRequestBody'],
    ['no comment', { Commands: [script] }, 'MissingRequiredParameter'],
    ['an empty comment', { Commands: [script], Comment: ' ' }, 'InvalidRequestBody'],
    ['get before run', body(get, script), 'InvalidInput'],
    ['run before put', body(script, put), 'InvalidInput'],
    ['what is not JSON', '{"Commands":', 'InvalidRequestBody'],
  ];
  for (const [what, sent, code] of wrong) {
    it(`is refused with ${what}, and nothing is created`, async () => {
      assertRefused(await caller.submit('ws-042', sent), 400, code);
      assert.equal(caller.tenant.state().actions.length, 0);
    });
  }

  it('is refused when it does not say that it is JSON', async () => {
    const path = `/api/machines/${caller.tenant.machines.find('ws-042')?.id}/runliveresponse`;
    const headers = { 'Content-Type': 'text/plain' };
    assert.equal((await caller.send('POST', path, { body: submission(), headers })).status, 415);
  });

  it('gets 404 for an unknown machine, and the gateway body where the id is missing', async () => {
    assertRefused(await caller.submit('0000'), 404, 'ResourceNotFound');
    const reply = await caller.post('/api/machines//runliveresponse', submission());
    assert.equal(reply.status, 404);
    assert.deepEqual(reply.body, { statusCode: 404, message: 'Resource not found' });
  });

  it('gets 403 for a fake machine without the role, 404 with it: the harmless probe', async () => {
    assertRefused(await caller.submit('fake'), 404, 'ResourceNotFound');
    caller.tenant.control.set({ roles: ['Machine.Read.All'] });
    caller.token = (await caller.signIn()).body.access_token;
    const reply = await caller.submit('fake');
    assertRefused(reply, 403, 'Forbidden');
    assert.match(reply.body.error.message, /required application permissions \(Machine\.LiveResponse\)/);
  });

  it('is refused while the machine has an action, and while the portal has a session on it', async () => {
    assert.equal((await caller.submit('ws-042')).status, 201);
    assertRefused(await caller.submit('ws-042', submission('LR-000000.2')), 400, 'ActiveRequestAlreadyExists');
    assertRefused(await caller.submit('ws-027'), 400, 'ActiveRequestAlreadyExists');
    const id = caller.tenant.machines.find('ws-027')?.id;
    const listed = await caller.get(`/api/machineactions?$filter=machineId eq '${id}'`);
    assert.deepEqual(listed.body.value, []);
    assert.equal(caller.tenant.executions('LR-8K3F2Q.1'), 1);
    assert.equal(caller.tenant.executions('LR-000000.2'), 0);
  });

  it('can be answered with the first action instead, where the tenant is set so', async () => {
    const first = await caller.submit('ws-042');
    caller.tenant.control.set({ onBusy: 'foreign' });
    const second = await caller.submit('ws-042', submission('LR-000000.2'));
    assert.equal(second.status, 201);
    assert.equal(second.body.id, first.body.id);
    assert.equal(caller.tenant.executions('LR-000000.2'), 0);
  });

  it('is refused where platform or agent lack live response', async () => {
    assertRefused(await caller.submit('srv-erp-old'), 400, 'OsPlatformNotSupported');
    assertRefused(await caller.submit('fab-hmi-01'), 400, 'ClientVersionNotSupported');
  });

  it('gets 429 while as many sessions are in progress as the tenant allows', async () => {
    await caller.submit('ws-001');
    await caller.submit('ws-002');
    caller.tenant.control.advance(60_000);
    const reply = await caller.submit('ws-042');
    assertRefused(reply, 429, 'TooManyRequests');
    assert.equal(reply.headers.get('retry-after'), null);
    caller.tenant.control.advance(300_000);
    assert.equal((await caller.submit('ws-042')).status, 201);
  });

  it('keeps each body as parsed and letter by letter', async () => {
    const raw = JSON.stringify(submission(), null, 1);
    await caller.submit('ws-042', raw);
    const call = caller.tenant.state().calls.find((each) => each.path.endsWith('/runliveresponse'));
    assert.equal(call?.raw, raw);
    assert.deepEqual(call?.body, submission());
    assert.equal(call?.status, 201);
  });
});

describe('the quotas of the simulated tenant', () => {
  it('allow ten submissions in any minute, and tell the wait in the form that is set', async () => {
    const caller = await startCaller({ wall: () => Date.UTC(2026, 10, 24) });
    for (let i = 0; i < 10; i++) assertRefused(await caller.submit('fake'), 404, 'ResourceNotFound');
    const seconds = await caller.submit('fake');
    assertRefused(seconds, 429, '429');
    assert.equal(seconds.headers.get('retry-after'), '60');
    assert.equal(seconds.body.error.target, caller.tenant.tenantId);
    caller.tenant.control.set({ retryAfter: 'date' });
    const date = (await caller.submit('fake')).headers.get('retry-after');
    assert.equal(Date.parse(date ?? ''), Date.UTC(2026, 10, 24, 0, 1));
    caller.tenant.control.set({ retryAfter: 'none' });
    assert.equal((await caller.submit('fake')).headers.get('retry-after'), null);
    assert.equal((await caller.get('/api/machines')).status, 200);
    caller.tenant.control.advance(60_000);
    assertRefused(await caller.submit('fake'), 404, 'ResourceNotFound');
    await caller.tenant.close();
  });

  it('count reads by the minute and by the hour', async () => {
    const limits = { submissionsPerMinute: 10, readsPerMinute: 2, readsPerHour: 3, sessions: 50 };
    const caller = await startCaller({ limits, wall: () => Date.UTC(2026, 10, 24) });
    const read = async () => (await caller.get('/api/libraryfiles')).status;
    assert.deepEqual([await read(), await read(), await read()], [200, 200, 429]);
    caller.tenant.control.advance(61_000);
    assert.deepEqual([await read(), await read()], [200, 429]);
    caller.tenant.control.advance(61_000);
    assert.equal(await read(), 429);
    await caller.tenant.close();
  });
});
