import assert from 'node:assert/strict';
import { assertRefused, type Caller, startCaller, submission, until } from './caller.ts';

describe('the faults of the simulated tenant', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller({
      limits: { submissionsPerMinute: 99, readsPerMinute: 99, readsPerHour: 999, sessions: 50 },
    });
  });
  afterEach(() => caller.tenant.close());

  const created = () => caller.tenant.executions('LR-8K3F2Q.1');

  it('answer 500 empty or 504 with a page after creating, once', async () => {
    caller.tenant.control.fault({ kind: 'bare_after', status: 500 });
    const empty = await caller.submit('ws-042');
    assert.deepEqual([empty.status, empty.text, created()], [500, '', 1]);
    caller.tenant.control.fault({ kind: 'bare_after', status: 504, body: '<h1>Gateway Time-out</h1>' });
    const page = await caller.submit('ws-001');
    assert.deepEqual([page.status, page.text, created()], [504, '<h1>Gateway Time-out</h1>', 2]);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.equal((await caller.submit('ws-002')).status, 201);
  });

  it('reset the connection before or after creating', async () => {
    caller.tenant.control.fault({ kind: 'reset' });
    await assert.rejects(caller.submit('ws-042'), TypeError);
    assert.equal(created(), 0);
    caller.tenant.control.fault({ kind: 'reset_after' });
    await assert.rejects(caller.submit('ws-042'), TypeError);
    assert.equal(created(), 1);
    assert.equal(caller.tenant.state().calls.filter((call) => call.status === 0).length, 2);
  });

  it('leave a call without an answer, with the action created or not', async () => {
    for (const [kind, count] of [
      ['hang', 0],
      ['hang_after', 1],
    ] as const) {
      caller.tenant.control.fault({ kind });
      const asked = caller.submit('ws-042');
      asked.catch(() => {});
      await until('the fault struck', () => caller.tenant.state().faults.length === 0);
      assert.equal(created(), count);
      assert.equal(await Promise.race([asked, new Promise((resolve) => setImmediate(resolve, 'open'))]), 'open');
    }
  });

  it('answer 2xx with somebody else’s earlier action and create nothing', async () => {
    caller.tenant.control.fault({ kind: 'foreign' });
    const reply = await caller.submit('ws-042');
    assert.equal(reply.status, 201);
    assert.notEqual(reply.body.requestor, caller.tenant.clientId);
    assert.ok(!reply.body.requestorComment.includes('LR-8K3F2Q'));
    assert.ok(Date.parse(reply.body.creationDateTimeUtc) < Date.now() - 60_000);
    assert.equal(created(), 0);
    const read = await caller.get(`/api/machineactions/${reply.body.id}`);
    assert.equal(read.body.id, reply.body.id);
  });

  it('refuse by name, by code, as the gateway and with each form of 429', async () => {
    const { control } = caller.tenant;
    control.fault({ kind: 'unauthorized' });
    control.fault({ kind: 'disabled_feature' });
    control.fault({ kind: 'os_not_supported' });
    control.fault({ kind: 'busy' });
    control.fault({ kind: 'refuse', status: 400, code: 'Surprise', message: 'x' });
    control.fault({ kind: 'gateway_404' });
    control.fault({ kind: 'throttle', form: 'seconds', seconds: 7 });
    assertRefused(await caller.submit('ws-042'), 401, 'Unauthorized');
    assertRefused(await caller.submit('ws-042'), 403, 'DisabledFeature');
    assertRefused(await caller.submit('ws-042'), 400, 'OsPlatformNotSupported');
    assertRefused(await caller.submit('ws-042'), 400, 'ActiveRequestAlreadyExists');
    assertRefused(await caller.submit('ws-042'), 400, 'Surprise');
    assert.deepEqual((await caller.submit('ws-042')).body, { statusCode: 404, message: 'Resource not found' });
    assert.equal((await caller.submit('ws-042')).headers.get('retry-after'), '7');
    assert.equal(created(), 0);
    assert.equal((await caller.submit('ws-042')).status, 201);
  });

  it('say of a 429 which limit it is about, with a wait in every form or none', async () => {
    const { control } = caller.tenant;
    control.fault({ kind: 'throttle', code: 'TooManyRequests', form: 'none' });
    control.fault({ kind: 'throttle', limit: 'sessions', form: 'none' });
    control.fault({ kind: 'throttle', limit: 'sessions', form: 'date', seconds: 90 });
    const calls = await caller.submit('ws-042');
    assertRefused(calls, 429, 'TooManyRequests');
    assert.match(calls.body.error.message, /Try again in 5 seconds/);
    const sessions = await caller.submit('ws-042');
    assertRefused(sessions, 429, 'TooManyRequests');
    assert.match(sessions.body.error.message, /concurrent live response sessions/);
    assert.equal(sessions.headers.get('retry-after'), null);
    const date = Date.parse((await caller.submit('ws-042')).headers.get('retry-after') ?? '');
    assert.ok(date > Date.now() + 60_000);
    assert.equal(created(), 0);
  });

  it('refuse a missing role in the service’s words, and a machine that is gone', async () => {
    caller.tenant.control.fault({ kind: 'missing_role' });
    caller.tenant.control.fault({ kind: 'unknown_machine' });
    const role = await caller.submit('ws-042');
    assertRefused(role, 403, 'Forbidden');
    assert.match(role.body.error.message, /required application permissions \(Machine\.LiveResponse\)/);
    assertRefused(await caller.submit('ws-042'), 404, 'ResourceNotFound');
  });

  it('say busy of the very action that was just created, as after a call that was passed on twice', async () => {
    caller.tenant.control.fault({ kind: 'busy_after' });
    assertRefused(await caller.submit('ws-042'), 400, 'ActiveRequestAlreadyExists');
    assert.equal(created(), 1);
  });

  it('strike only the call, run and machine they are aimed at, as often as they say', async () => {
    const { control, machines } = caller.tenant;
    control.fault({ kind: 'bare', runId: 'LR-000000.2' });
    control.fault({ kind: 'busy', machineId: machines.find('ws-002')?.id ?? '' });
    control.fault({ kind: 'bare', on: 'library', times: 2 });
    assert.equal((await caller.submit('ws-042')).status, 201);
    assert.equal((await caller.submit('ws-001', submission('LR-000000.2'))).status, 500);
    assertRefused(await caller.submit('ws-002'), 400, 'ActiveRequestAlreadyExists');
    const library = async () => (await caller.get('/api/libraryfiles')).status;
    assert.deepEqual([await library(), await library(), await library()], [500, 500, 200]);
  });

  it('keep a fault of accepted submissions for the next one that is accepted', async () => {
    caller.tenant.control.fault({ kind: 'bare_after' });
    assertRefused(await caller.submit('ws-042', { Commands: [] }), 400, 'MissingRequiredParameter');
    assert.equal((await caller.submit('ws-042')).status, 500);
  });

  it('reach sign-in too', async () => {
    caller.tenant.control.fault({ kind: 'bare', on: 'token', status: 503 });
    assert.equal((await caller.signIn()).status, 503);
    assert.equal((await caller.signIn()).status, 200);
  });

  it('show unknown words while an action runs, and known ones at its end', async () => {
    caller.tenant.control.fault({ kind: 'words', status: 'Paused', commandStatus: 'PendingResource' });
    const { id } = (await caller.submit('ws-042')).body;
    caller.tenant.control.advance(60_000);
    const running = (await caller.get(`/api/machineactions/${id}`)).body;
    assert.deepEqual([running.status, running.commands[0].commandStatus], ['Paused', 'PendingResource']);
    caller.tenant.control.advance(300_000);
    const ended = (await caller.get(`/api/machineactions/${id}`)).body;
    assert.deepEqual([ended.status, ended.commands[0].commandStatus], ['Succeeded', 'Completed']);
  });

  it('make a command fail, a result late, a cancel too late or refused', async () => {
    const { control } = caller.tenant;
    control.fault({ kind: 'fail', errors: ['disk full'] });
    const failing = (await caller.submit('ws-001')).body.id;
    const fine = (await caller.submit('ws-002')).body.id;
    const raced = (await caller.submit('ws-042')).body.id;
    control.advance(60_000);
    control.fault({ kind: 'cancel_final' });
    assertRefused(await caller.post(`/api/machineactions/${raced}/cancel`, { Comment: 'no' }), 400, 'BadRequest');
    control.fault({ kind: 'cancel_race' });
    const cancelled = (await caller.post(`/api/machineactions/${raced}/cancel`, { Comment: 'no' })).body;
    assert.deepEqual([cancelled.status, cancelled.commands[0].commandStatus], ['Cancelled', 'Completed']);
    control.advance(300_000);
    const failed = (await caller.get(`/api/machineactions/${failing}`)).body;
    assert.deepEqual([failed.status, failed.commands[0].errors], ['Failed', ['disk full']]);
    control.fault({ kind: 'result_404', reads: 2 });
    const link = async () =>
      (await caller.get(`/api/machineactions/${fine}/GetLiveResponseResultDownloadLink(index=0)`)).status;
    assert.deepEqual([await link(), await link(), await link()], [404, 404, 200]);
  });

  it('reach downloads too', async () => {
    const { id } = (await caller.submit('ws-042')).body;
    caller.tenant.control.advance(300_000);
    const { body } = await caller.get(`/api/machineactions/${id}/GetLiveResponseResultDownloadLink(index=0)`);
    caller.tenant.control.fault({ kind: 'bare', on: 'blob', status: 503 });
    caller.tenant.control.fault({ kind: 'reset', on: 'blob' });
    assert.equal((await fetch(body.value)).status, 503);
    await assert.rejects(fetch(body.value), TypeError);
    assert.equal((await fetch(body.value)).status, 200);
  });
});

describe('control of the simulated tenant over HTTP', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.tenant.close());

  it('holds an accepted submission until it is released', async () => {
    assert.equal((await caller.order('hold', {})).status, 200);
    const asked = caller.submit('ws-042');
    await until('the answer is held', () => caller.tenant.state().held === 1);
    assert.equal((await caller.get('/_control/executions?runId=LR-8K3F2Q.1')).body.executions, 1);
    assert.deepEqual((await caller.order('release', {})).body, { released: 1 });
    assert.equal((await asked).status, 201);
    assert.equal(caller.tenant.state().held, 0);
  });

  it('forgets a held call whose caller is gone', async () => {
    caller.tenant.control.hold();
    const id = caller.tenant.machines.find('ws-042')?.id;
    const gone = new AbortController();
    const asked = fetch(`${caller.tenant.apiUrl}/api/machines/${id}/runliveresponse`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${caller.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(submission()),
      signal: gone.signal,
    });
    await until('the answer is held', () => caller.tenant.state().held === 1);
    gone.abort();
    await assert.rejects(asked);
    await until('nothing is held', () => caller.tenant.state().held === 0);
    assert.equal(caller.tenant.executions('LR-8K3F2Q.1'), 1);
  });

  it('takes settings, faults, time, machines and library as JSON, and tells all of it', async () => {
    assert.equal((await caller.order('settings', { lagMs: 5000, roles: ['Library.Manage'] })).status, 200);
    assert.equal(
      (await caller.order('fault', { faults: [{ kind: 'busy' }, { kind: 'hang', on: 'machines' }] })).status,
      200,
    );
    assert.equal((await caller.order('machine', { id: 'ws-042', portalSession: true })).status, 200);
    assert.equal((await caller.order('library/put', { fileName: 'minidump.ps1', content: 'evil' })).status, 200);
    assert.equal((await caller.order('library/remove', { fileName: 'Get-Autoruns.ps1' })).status, 200);
    assert.equal((await caller.order('advance', { ms: 1000 })).status, 200);
    const state = (await caller.get('/_control/state')).body;
    assert.deepEqual([state.settings.lagMs, state.settings.roles], [5000, ['Library.Manage']]);
    assert.deepEqual(
      state.faults.map((fault: { kind: string }) => fault.kind),
      ['busy', 'hang'],
    );
    assert.equal(
      state.machines.find((m: { computerDnsName: string }) => m.computerDnsName === 'ws-042.contoso.com').portalSession,
      true,
    );
    assert.ok(!state.library.some((file: { fileName: string }) => file.fileName === 'Get-Autoruns.ps1'));
    assert.equal(state.elapsed, 1000);
    await caller.order('clear', {});
    assert.deepEqual((await caller.get('/_control/state?calls=0')).body.calls, []);
    assert.deepEqual(caller.tenant.state().faults, []);
  });

  it('refuses orders that it does not understand, and callers from elsewhere', async () => {
    for (const [name, body] of [
      ['settings', { sped: 2 }],
      ['fault', { kind: 'earthquake' }],
      ['machine', { id: 'nobody' }],
      ['constructor', {}],
    ] as const) {
      assert.equal((await caller.order(name, body)).status, 400, name);
    }
    const plain = { 'Content-Type': 'text/plain' };
    assert.equal((await caller.send('POST', '/_control/release', { body: '{}', headers: plain })).status, 400);
  });

  it('tells listeners of a change until they leave', async () => {
    let changes = 0;
    const leave = caller.tenant.on('change', () => changes++);
    await caller.submit('ws-042');
    assert.ok(changes > 0);
    leave();
    const before = changes;
    caller.tenant.control.advance(300_000);
    assert.equal(changes, before);
  });
});
