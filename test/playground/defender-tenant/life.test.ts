import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { assertRefused, type Caller, startCaller, submission, until } from './caller.ts';

const get = (path: string) => ({ type: 'GetFile', params: [{ key: 'Path', value: path }] });
const put = { type: 'PutFile', params: [{ key: 'FileName', value: 'yara-rules.yar' }] };

describe('the life of an action in the simulated tenant', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.tenant.close());

  async function submitted(machine: string, body: unknown = submission()): Promise<string> {
    const reply = await caller.submit(machine, body);
    assert.equal(reply.status, 201, reply.text);
    return reply.body.id;
  }
  const read = async (id: string) => (await caller.get(`/api/machineactions/${id}`)).body;
  const link = (id: string, index: number) =>
    caller.get(`/api/machineactions/${id}/GetLiveResponseResultDownloadLink(index=${index})`);
  async function result(id: string, index: number): Promise<Buffer> {
    const { body } = await link(id, index);
    return Buffer.from(await (await fetch(body.value)).arrayBuffer());
  }

  it('goes from pending over each command to its end, some 40 s after the last of them', async () => {
    const id = await submitted('ws-042', submission('LR-8K3F2Q.1', 'Get-Processes.ps1', get('C:\\a.log')));
    const seen: string[] = [];
    for (let i = 0; i < 40; i++) {
      const [action] = caller.tenant.state().actions;
      const commands = action?.action.commands as { commandStatus: string }[];
      const words = `${action?.action.status} ${commands.map((c) => c.commandStatus).join(' ')}`;
      if (seen.at(-1) !== words) seen.push(words);
      caller.tenant.control.advance(5_500);
    }
    assert.deepEqual(
      seen.filter((words) => !words.includes('Submitted')),
      [
        'Pending Created Created',
        'InProgress Executing Created',
        'InProgress Completed Executing',
        'InProgress Completed Completed',
        'Succeeded Completed Completed',
      ],
    );
    const action = await read(id);
    const total = Date.parse(action.lastUpdateDateTimeUtc) - Date.parse(action.creationDateTimeUtc);
    const tail = Date.parse(action.lastUpdateDateTimeUtc) - Date.parse(action.commands[1].endTime);
    assert.ok(total > 137_000 && total < 215_000, String(total));
    assert.ok(tail >= 37_000 && tail <= 47_000, String(tail));
    assert.equal(action.commands[1].startTime, null);
  });

  it('runs by itself at the speed that is set, and follows a change at once', async () => {
    const id = await submitted('ws-042');
    caller.tenant.speed = 1;
    caller.tenant.speed = 50_000;
    const done = () => caller.tenant.state().actions.some((each) => each.action.id === id && each.final);
    await until('the action ends', done);
    assert.equal((await read(id)).status, 'Succeeded');
  });

  it('stays pending on a machine that is off, until the queue limit', async () => {
    const id = await submitted('ws-013');
    caller.tenant.control.advance(2 * 3_600_000 - 1000);
    caller.token = (await caller.signIn()).body.access_token;
    assert.equal((await read(id)).status, 'Pending');
    caller.tenant.control.advance(2000);
    const action = await read(id);
    assert.equal(action.status, 'TimeOut');
    assert.equal(action.commands[0].commandStatus, 'Created');
    assert.equal(caller.tenant.state().actions[0]?.started, false);
  });

  it('begins when the machine comes back', async () => {
    const id = await submitted('ws-013');
    caller.tenant.control.advance(600_000);
    caller.tenant.control.machine({ id: 'ws-013', reachable: true });
    caller.tenant.control.advance(240_000);
    assert.equal((await read(id)).status, 'Succeeded');
  });

  it('fails with the failing command; what follows is not run; its output can be read', async () => {
    const id = await submitted('ws-042', submission('LR-8K3F2Q.1', 'Remove-Persistence.ps1', get('C:\\a.log')));
    caller.tenant.control.advance(300_000);
    const action = await read(id);
    assert.equal(action.status, 'Failed');
    assert.deepEqual(
      action.commands.map((c: { commandStatus: string }) => c.commandStatus),
      ['Failed', 'Created'],
    );
    assert.equal(action.commands[0].errors.length, 1);
    assert.equal(JSON.parse((await result(id, 0)).toString()).exit_code, 1);
    assertRefused(await link(id, 1), 404, 'ResourceNotFound');
  });

  it('fails where the file went missing, and where the script does not suit the machine', async () => {
    const gone = await submitted('ws-042', submission('LR-000000.1', 'nowhere.ps1'));
    const shell = await submitted('ws-001', submission('LR-000000.2', 'collect-triage.sh'));
    const mac = await submitted('mac-design-03', submission('LR-000000.3', 'collect-triage.sh'));
    caller.tenant.control.advance(300_000);
    assert.deepEqual(await Promise.all([gone, shell, mac].map(async (id) => (await read(id)).status)), [
      'Failed',
      'Failed',
      'Succeeded',
    ]);
  });

  it('times out when a script works for more than ten minutes', async () => {
    caller.tenant.control.putFile({ fileName: 'slow.ps1', content: 'Start-Sleep 3600', workMs: 3_600_000 });
    const id = await submitted('ws-042', submission('LR-8K3F2Q.1', 'slow.ps1'));
    caller.tenant.control.advance(600_000);
    assert.equal((await read(id)).status, 'InProgress');
    caller.tenant.control.advance(120_000);
    assert.equal((await read(id)).status, 'TimeOut');
  });

  it('writes script results with NULs and a transcript banner, and files as gzip with their name', async () => {
    const dump = {
      type: 'RunScript',
      params: [
        { key: 'ScriptName', value: 'minidump.ps1' },
        { key: 'Args', value: 'OfficeClickToRun' },
      ],
    };
    const path = 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip';
    const id = await submitted('ws-042', { Commands: [put, dump, get(path)], Comment: '[LR-8K3F2Q.1] x' });
    assertRefused(await link(id, 1), 404, 'ResourceNotFound');
    caller.tenant.control.advance(300_000);
    assertRefused(await link(id, 0), 400, 'InvalidInput');
    assertRefused(await link(id, 3), 404, 'ResourceNotFound');
    const output = JSON.parse((await result(id, 1)).toString());
    assert.deepEqual([output.script_name, output.exit_code, output.script_errors], ['minidump.ps1', 0, '']);
    assert.match(output.script_output, /^Transcript started, output file is C:\\.*\r\n.*\0\0\0$/s);
    const file = await result(id, 2);
    assert.equal(file[3], 8, 'the FNAME flag');
    assert.equal(file.subarray(10, 10 + path.length).toString('latin1'), path);
    assert.equal(gunzipSync(file).subarray(0, 2).toString(), 'PK');
  });

  it('has long output, gzip output and output that is no valid JSON among its scripts', async () => {
    const long = await submitted('ws-001', submission('LR-000000.1', 'Get-SecurityEvents.ps1'));
    const gzip = await submitted('ws-002', submission('LR-000000.2', 'Get-Services.ps1'));
    const raw = await submitted('ws-042', submission('LR-000000.3', 'Get-NetworkConnections.ps1'));
    caller.tenant.control.advance(300_000);
    assert.ok(JSON.parse((await result(long, 0)).toString()).script_output.split('\r\n').length > 300);
    assert.match(JSON.parse(gunzipSync(await result(gzip, 0)).toString()).script_output, /WinDefend/);
    const invalid = (await result(raw, 0)).toString();
    assert.throws(() => JSON.parse(invalid), SyntaxError);
    assert.match(invalid, /ESTABLISHED/);
  });

  it('gives links that end after 30 minutes, take no Authorization header and bear no change', async () => {
    const id = await submitted('ws-042');
    caller.tenant.control.advance(300_000);
    const url: string = (await link(id, 0)).body.value;
    assert.notEqual(new URL(url).origin, caller.tenant.apiUrl);
    assert.equal((await fetch(url)).status, 200);
    assert.equal((await fetch(url, { headers: { Range: 'bytes=0-9' } })).headers.get('content-length'), '10');
    assert.equal((await fetch(url, { headers: { Authorization: `Bearer ${caller.token}` } })).status, 400);
    assert.equal((await fetch(url.replace('sig=', 'sig=A'))).status, 403);
    assert.equal((await fetch(url.replace(/se=2/, 'se=3'))).status, 403);
    assert.equal((await fetch(url, { method: 'POST' })).status, 405);
    caller.tenant.control.advance(29 * 60_000);
    assert.equal((await fetch(url)).status, 200);
    caller.tenant.control.advance(61_000);
    assert.equal((await fetch(url)).status, 403);
    assert.equal((await fetch((await link(id, 0)).body.value)).status, 200);
  });

  it('can be cancelled until its end, under the same id', async () => {
    const pending = await submitted('ws-001', submission('LR-000000.1'));
    const running = await submitted('ws-042', submission('LR-000000.2'));
    const cancelled = await caller.post(`/api/machineactions/${pending}/cancel`, { Comment: 'no' });
    assert.equal(cancelled.status, 200);
    assert.deepEqual([cancelled.body.id, cancelled.body.status], [pending, 'Cancelled']);
    caller.tenant.control.advance(60_000);
    const asked = await caller.post(`/api/machineactions/${running}/cancel`, { Comment: 'no' });
    assert.deepEqual([asked.body.status, asked.body.cancellationComment], ['InProgress', 'no']);
    caller.tenant.control.advance(300_000);
    const action = await read(running);
    assert.equal(action.status, 'Cancelled');
    assert.notEqual(action.commands[0].commandStatus, 'Completed');
    assertRefused(await caller.post(`/api/machineactions/${running}/cancel`, { Comment: 'no' }), 400, 'BadRequest');
    assertRefused(await caller.post('/api/machineactions/none/cancel', { Comment: 'no' }), 404, 'ResourceNotFound');
    assertRefused(await caller.post(`/api/machineactions/${running}/cancel`, {}), 400, 'MissingRequiredParameter');
  });

  it('is unknown and unlisted while the lag lasts', async () => {
    caller.tenant.control.set({ lagMs: 20_000 });
    const id = await submitted('ws-042');
    assertRefused(await caller.get(`/api/machineactions/${id}`), 404, 'ResourceNotFound');
    assert.deepEqual((await caller.get('/api/machineactions')).body.value, []);
    assertRefused(await caller.submit('ws-042'), 400, 'ActiveRequestAlreadyExists');
    caller.tenant.control.advance(20_000);
    assert.equal((await read(id)).id, id);
    assert.equal((await caller.get('/api/machineactions')).body.value.length, 1);
  });
});
