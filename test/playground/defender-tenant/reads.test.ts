import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFilter } from '../../../src/playground/defender-tenant/odata.ts';
import { wireTime } from '../../../src/playground/defender-tenant/wire.ts';
import { assertRefused, type Caller, startCaller, submission } from './caller.ts';

describe('reading from the simulated tenant', () => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await startCaller();
  });
  afterEach(() => caller.tenant.close());

  const names = async (query: string) => {
    const { body } = await caller.get(`/api/machines?${query}`);
    return body.value.map((m: { computerDnsName: string }) => m.computerDnsName.split('.')[0]);
  };

  it('lists about thirty machines as recorded answers have them', async () => {
    const { body } = await caller.get('/api/machines');
    assert.ok(body.value.length >= 28);
    const finance = body.value.find((m: { computerDnsName: string }) => m.computerDnsName === 'ws-042.contoso.com');
    assert.deepEqual(
      [finance.osPlatform, finance.healthStatus, finance.rbacGroupName, finance.machineTags],
      ['Windows11', 'Active', 'Workstations', ['finance']],
    );
    assert.match(finance.id, /^[0-9a-f]{40}$/);
    assert.ok(!('reachable' in finance) && !('portalSession' in finance));
    assert.ok(body.value.some((m: { lastSeen: string | null }) => m.lastSeen === null));
  });

  it('filters machines by the documented fields', async () => {
    assert.deepEqual(await names("$filter=startswith(computerDnsName,'ws-04')"), ['ws-042', 'ws-040', 'ws-041']);
    assert.deepEqual(await names("$filter=computerDnsName eq 'ws-007.contoso.com'"), ['ws-007', 'ws-007']);
    assert.deepEqual(await names("$filter=computerDnsName eq 'WS-042.contoso.com'"), []);
    assert.deepEqual(await names("$filter=machineTags/any(tag: tag eq 'tier0')"), ['dc-01', 'dc-02', 'adfs-01']);
    const twins = "computerDnsName eq 'ws-007.contoso.com' AND healthStatus eq 'inactive'";
    assert.deepEqual(await names(`$filter=${encodeURIComponent(twins)}`), ['ws-007']);
    const id = caller.tenant.machines.find('dc-01')?.id;
    assert.deepEqual(await names(`$filter=id eq '${id}'`), ['dc-01']);
    assert.deepEqual(await names("$filter=computerDnsName eq 'it''s'"), []);
  });

  for (const filter of [
    "computerdnsname eq 'x'",
    'computerDnsName eq x',
    "computerDnsName is 'x'",
    "startsWith(computerDnsName,'x'",
    "healthStatus eq 'Perfect'",
    "machineTags eq 'tier0'",
    "lastSeen ge '2026-01-01T00:00:00Z'",
    "id eq 'a' id eq 'b'",
  ]) {
    it(`refuses the filter ${filter}`, async () => {
      assertRefused(await caller.get(`/api/machines?$filter=${encodeURIComponent(filter)}`), 400, 'ODataError');
    });
  }

  it('refuses options that it does not know, and a page that is too big', async () => {
    assertRefused(await caller.get('/api/machines?filter=x'), 400, 'ODataError');
    assertRefused(await caller.get('/api/machines?$top=10001'), 400, 'ODataError');
    assertRefused(await caller.get('/api/machines?$skip=-1'), 400, 'ODataError');
  });

  it('hands out pages whose nextLink leads to the end, wherever it points', async () => {
    caller.tenant.control.set({ pageSize: 8 });
    const seen = new Set<string>();
    let path: string | undefined = '/api/v1.0/machines?$top=20';
    while (path !== undefined) {
      const { body } = await caller.get(path);
      for (const machine of body.value) seen.add(machine.id);
      const next: string | undefined = body['@odata.nextLink'];
      path = next?.replace(caller.tenant.apiUrl, '');
    }
    assert.equal(seen.size, 20);
    caller.tenant.control.set({ nextLinkOrigin: 'https://api-us3.securitycenter.microsoft.com' });
    const { body } = await caller.get('/api/machines');
    assert.match(body['@odata.nextLink'], /^https:\/\/api-us3\.securitycenter\.microsoft\.com\/api\/machines\?/);
  });

  it('finds one machine by id or name, of two with one name the one seen last', async () => {
    assert.equal((await caller.get('/API/machines/WS-042.contoso.com')).status, 200);
    assert.equal((await caller.get('/api/machines/ws-007.contoso.com')).body.healthStatus, 'Active');
    assertRefused(await caller.get('/api/machines/ws-999'), 404, 'ResourceNotFound');
  });

  it('lists actions by ids, machine, type, status and time, counted and ordered', async () => {
    const first = (await caller.submit('ws-001', submission('LR-000000.1'))).body;
    caller.tenant.control.advance(60_000);
    const second = (await caller.submit('ws-042', submission('LR-000000.2'))).body;
    const list = async (filter: string, more = '') =>
      (await caller.get(`/api/machineactions?$filter=${encodeURIComponent(filter)}${more}`)).body;
    const ids = async (filter: string, more = '') => (await list(filter, more)).value.map((a: { id: string }) => a.id);
    assert.deepEqual(await ids(`id in ('${first.id}','${second.id}','x')`), [second.id, first.id]);
    assert.deepEqual(await ids(`machineId eq '${first.machineId}' and type eq 'LiveResponse'`), [first.id]);
    assert.deepEqual(await ids("status eq 'Pending' or status eq 'InProgress'"), [second.id, first.id]);
    assert.deepEqual(await ids(`creationDateTimeUtc ge ${new Date(Date.now() + 30_000).toISOString()}`), [second.id]);
    const ordered = '&$orderby=creationDateTimeUtc asc&$count=true&$top=1';
    assert.deepEqual(await ids("type eq 'LiveResponse'", ordered), [first.id]);
    assert.equal((await list("type eq 'LiveResponse'", ordered))['@odata.count'], 2);
  });

  it('lets a token that may submit not read, and says which role is missing', async () => {
    caller.tenant.control.set({ roles: ['Machine.LiveResponse'] });
    caller.token = (await caller.signIn()).body.access_token;
    const { id } = (await caller.submit('ws-042')).body;
    for (const path of [
      '/api/machines',
      `/api/machineactions/${id}`,
      `/api/machineactions/${id}/GetLiveResponseResultDownloadLink(index=0)`,
    ]) {
      const reply = await caller.get(path);
      assertRefused(reply, 403, 'Forbidden');
      assert.equal(
        reply.body.error.message,
        'The application does not have any of the required application permissions (Machine.Read.All, Machine.ReadWrite.All) to access the resource.',
      );
    }
    assertRefused(await caller.get('/api/libraryfiles'), 403, 'Forbidden');
    assert.equal((await caller.post(`/api/machineactions/${id}/cancel`, { Comment: 'no' })).status, 200);
  });

  it('lists the library with digests, and deletes by name', async () => {
    const { body } = await caller.get('/api/libraryfiles');
    const dump = body.value.find((file: { fileName: string }) => file.fileName === 'minidump.ps1');
    assert.match(dump.sha256, /^[0-9a-f]{64}$/);
    assert.equal(dump.hasParameters, true);
    assert.ok(!('content' in dump));
    const deleted = await caller.send('DELETE', '/api/libraryfiles/minidump.ps1');
    assert.deepEqual([deleted.status, deleted.text], [204, '']);
    assertRefused(await caller.send('DELETE', '/api/libraryfiles/minidump.ps1'), 404, 'ResourceNotFound');
  });

  it('answers a path that leads nowhere as the gateway does, and one it cannot read with 400', async () => {
    assert.deepEqual((await caller.get('/api/alerts')).body, { statusCode: 404, message: 'Resource not found' });
    assert.equal((await caller.get('/api/machines/%E0%A4%A')).status, 400);
  });
});

describe('times on the wire', () => {
  it('have at most seven fractional digits without trailing zeros, and stay the same moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
        assert.match(wireTime(ms), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/);
        assert.equal(Date.parse(wireTime(ms)), ms);
        assert.equal(wireTime(ms), wireTime(ms));
      }),
    );
  });
});

describe('a filter', () => {
  const fields = { name: { kind: 'text', of: (entry: { name: string }) => entry.name } } as const;

  it('compares exactly the quoted text, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, other) => {
        const predicate = parseFilter(`name eq '${name.replaceAll("'", "''")}'`, fields);
        assert.equal(predicate({ name }), true);
        assert.equal(predicate({ name: other }), other === name);
      }),
    );
  });

  it('binds "and" tighter than "or", and minds brackets and "not"', () => {
    const test = (filter: string, name: string) => parseFilter(filter, fields)({ name });
    assert.equal(test("name eq 'a' or name eq 'b' and name eq 'c'", 'a'), true);
    assert.equal(test("(name eq 'a' or name eq 'b') and name eq 'c'", 'a'), false);
    assert.equal(test("not name eq 'a' and name ne 'b'", 'c'), true);
  });
});
