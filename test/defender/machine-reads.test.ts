import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ANEW, PEOPLE, page, reading, wireMachine } from './reading.ts';
import { json, MACHINE_ID, refusal } from './stand-in.ts';

describe('reading from Defender: machines', () => {
  const { setUp, failure } = reading();

  it('are found by the beginning of their name, in lower case and quoted', async () => {
    const { standIn, client, purposes } = await setUp((_seen, res) => json(res, 200, page(wireMachine())));
    const [machine] = await client.findMachines("WS-0'42", PEOPLE);
    assert.deepEqual(machine, {
      id: MACHINE_ID,
      name: 'ws-042.corp.example',
      osPlatform: 'Windows11',
      osVersion: '23H2',
      health: 'Active',
      lastSeen: '2026-11-24T09:30:00.500Z',
      risk: '',
      group: '',
      tags: [],
      lastIp: '',
    });
    assert.match(standIn.seen[0]?.path ?? '', /^\/api\/machines\?\$filter=startswith\(computerDnsName,'ws-0''42'\)&/);
    assert.doesNotMatch(standIn.seen[0]?.rawPath ?? '', /[ "<>]/);
    assert.deepEqual(purposes, ['people']);
  });

  it('are found by their id too', async () => {
    const { standIn, client } = await setUp((seen, res) =>
      json(res, 200, seen.path.includes(`id eq '${MACHINE_ID}'`) ? page(wireMachine()) : page()),
    );
    assert.equal((await client.findMachines(MACHINE_ID.toUpperCase(), PEOPLE)).length, 1);
    assert.equal(standIn.seen.length, 1);
  });

  it('are found by their address, which is only asked for where it is one', async () => {
    const { standIn, client } = await setUp((_seen, res) => json(res, 200, page(wireMachine())));
    for (const address of ['10.0.0.7', 'fe80::1']) {
      assert.equal((await client.findMachines(address, PEOPLE)).length, 1);
      const { path = '' } = standIn.seen.at(-1) ?? {};
      assert.ok(path.startsWith(`/api/machines?$filter=lastIpAddress eq '${address}'&`), path);
    }
    await client.findMachines("10.0.0.7' or '1' eq '1", PEOPLE);
    assert.match(standIn.seen.at(-1)?.path ?? '', /startswith/);
  });

  it('are asked for by their very name, whole or up to its first dot, in one filter', async () => {
    const { standIn, client } = await setUp((_seen, res) => json(res, 200, page(wireMachine())));
    assert.equal((await client.findMachines("WS-0'42", { ...ANEW, only: 'exact' })).length, 1);
    const filter = "computerDnsName eq 'ws-0''42' or startswith(computerDnsName,'ws-0''42.')";
    assert.ok(standIn.seen[0]?.path.startsWith(`/api/machines?$filter=${filter}&`), standIn.seen[0]?.path);
    assert.equal(standIn.seen.length, 1);
  });

  it('are asked for one after the other where Defender takes no such filter, each told once', async () => {
    const { standIn, client } = await setUp((seen, res) =>
      seen.path.includes(' or ')
        ? refusal(res, 400, 'ODataError', 'No or.')
        : json(res, 200, page(wireMachine(), wireMachine({ id: seen.path.includes(' eq ') ? 'a1' : 'b2' }))),
    );
    const found = await client.findMachines('ws-042', { ...ANEW, only: 'exact' });
    assert.deepEqual(found.map(({ id }) => id).sort(), [MACHINE_ID, 'a1', 'b2'].sort());
    assert.equal(standIn.seen.length, 3);
  });

  it('come with the exact name first, then the exact label, then those seen last', async () => {
    const names = ['ws-0421.corp', 'ws-042.corp', 'ws-0422.corp', 'ws-042'];
    const { client } = await setUp((_seen, res) =>
      json(
        res,
        200,
        page(
          ...names.map((name, n) =>
            wireMachine({ id: `a${n}`, computerDnsName: name, lastSeen: `2026-0${n + 1}-01T00:00:00Z` }),
          ),
        ),
      ),
    );
    const found = await client.findMachines('ws-042', PEOPLE);
    assert.deepEqual(
      found.map((machine) => machine.name),
      ['ws-042', 'ws-042.corp', 'ws-0422.corp', 'ws-0421.corp'],
    );
  });

  it('of many names are still asked for together after a refusal that was about something else', async () => {
    let calls = 0;
    const { client } = await setUp((_seen, res) => {
      calls += 1;
      return calls <= 3 ? refusal(res, 400, 'BadRequest', 'Something about one name.') : json(res, 200, page());
    });
    await assert.rejects(client.machinesNamed(['odd'], 'run'), { code: 'defender_refused' });
    const names = Array.from({ length: 25 }, (_unused, n) => `ws-${n}`);
    assert.deepEqual(await client.machinesNamed(names, 'run'), []);
    assert.equal(calls, 3 + 4);
  });

  it('of more names than can be asked for one by one are refused where Defender takes no “or”', async () => {
    const { standIn, client } = await setUp((seen, res) =>
      seen.path.includes(' or ') ? refusal(res, 400, 'ODataError', 'No or.') : json(res, 200, page()),
    );
    const names = Array.from({ length: 25 }, (_unused, n) => `ws-${n}`);
    await assert.rejects(client.machinesNamed(names, 'run'), /Name 20 machines at most, or use a tag/);
    assert.equal(standIn.seen.length, 1 + 16);
    assert.deepEqual(await client.machinesNamed(names.slice(0, 3), 'run'), []);
    assert.equal(standIn.seen.length, 1 + 16 + 6);
  });

  it('with a tag are asked for once by those who ask at the same moment with the same share of reads', async () => {
    const { standIn, client } = await setUp((_seen, res) => json(res, 200, page()));
    const tag = { by: 'tag', is: 'x' } as const;
    await Promise.all([
      client.machinesWith(tag, 'run'),
      client.machinesWith(tag, 'run'),
      client.machinesWith(tag, 'people'),
    ]);
    assert.equal(standIn.seen.length, 2);
  });

  it('are found for words that JavaScript’s own objects know, and change nothing for others', async () => {
    const { client } = await setUp((_seen, res) => json(res, 200, page(wireMachine({ computerDnsName: 'tab-1' }))));
    for (const typed of [
      '__proto__',
      'constructor',
      'constructor-5',
      'tostring',
      'valueof-1',
      'ta',
      'tab-1',
      'v',
      'vm-3',
    ]) {
      const found = await client.findMachines(typed, PEOPLE);
      assert.ok(Array.isArray(found), typed);
    }
    assert.equal(({} as { t?: unknown }).t, undefined);
  });

  it('are a few of any for an empty query, without reading on', async () => {
    const { standIn, client } = await setUp((_seen, res) =>
      json(res, 200, { ...page(wireMachine()), '@odata.nextLink': `${standIn.url}/api/machines?$skip=15` }),
    );
    assert.equal((await client.findMachines(' ', PEOPLE)).length, 1);
    assert.deepEqual(
      standIn.seen.map(({ path }) => decodeURIComponent(path)),
      ['/api/machines?$top=15'],
    );
  });

  it('are nobody for 404 and for an empty list', async () => {
    const { standIn, client } = await setUp((_seen, res) => refusal(res, 404, 'NotFound', 'none'));
    assert.deepEqual(await client.findMachines('ws-042', PEOPLE), []);
    assert.equal(await client.machine('nobody', PEOPLE), null);
    assert.equal(await client.machine('', PEOPLE), null);
    assert.equal(standIn.seen.length, 2);
  });

  it('are not nobody for a 404 of a gateway or a proxy, which is about the address', async () => {
    for (const body of ['{"statusCode":404,"message":"Resource not found"}', '<html>Not here</html>']) {
      const { client } = await setUp((_seen, res) => void res.writeHead(404).end(body));
      const { code, message } = await failure(client.findMachines('ws-042', PEOPLE));
      assert.equal(code, 'defender_refused');
      assert.match(message, /Check DEFENDER_API_URL/);
      assert.equal(await client.machine(MACHINE_ID, PEOPLE), null, 'an id that nobody knows is no wrong address');
    }
    const { client } = await setUp((_seen, res) => void res.writeHead(404).end());
    assert.deepEqual(await client.findMachines('ws-042', PEOPLE), []);
  });

  it('are kept for a while by query and by id unless asked for anew', async () => {
    const { standIn, client } = await setUp((seen, res) =>
      json(res, 200, seen.path.includes('?') ? page(wireMachine()) : wireMachine()),
    );
    await client.findMachines('ws-042', PEOPLE);
    await client.findMachines('WS-042', PEOPLE);
    await client.machine(MACHINE_ID, PEOPLE);
    assert.equal(standIn.seen.length, 1);
    await client.findMachines('ws-042', ANEW);
    await client.machine(MACHINE_ID, ANEW);
    assert.equal(standIn.seen.length, 3);
  });

  it('whose names begin alike are asked for no more while somebody types on, once Defender has told all of them', async () => {
    const names = ['ws-042.corp', 'WS-043.corp', 'ws-1.corp'];
    const { standIn, client } = await setUp((_seen, res) =>
      json(res, 200, page(...names.map((name, n) => wireMachine({ id: `a${n}`, computerDnsName: name })))),
    );
    await client.findMachines('ws-', PEOPLE);
    const found = await client.findMachines('ws-04', PEOPLE);
    assert.deepEqual(found.map(({ name }) => name).sort(), ['WS-043.corp', 'ws-042.corp']);
    assert.deepEqual(await client.findMachines('ws-7', PEOPLE), []);
    assert.equal(standIn.seen.length, 1);
    await client.findMachines('ws-04', ANEW);
    await client.findMachines('ws-04', { ...PEOPLE, only: 'exact' });
    assert.equal(standIn.seen.length, 3, 'what is asked for anew, or by its very name, isn’t taken from there');
  });

  it('are asked for further where Defender has more that begin so than it told, also by id and address', async () => {
    const { standIn, client } = await setUp((_seen, res) =>
      json(res, 200, { ...page(wireMachine()), '@odata.nextLink': `${standIn.url}/api/machines?$skip=1` }),
    );
    await client.findMachines('ws', { ...PEOPLE, only: 'beginning' });
    await client.findMachines('ws-', { ...PEOPLE, only: 'beginning' });
    assert.equal(standIn.seen.length, 2);
    const other = await setUp((_seen, res) => json(res, 200, page(wireMachine())));
    for (const query of ['1', '10.0.0.7', MACHINE_ID.slice(0, 5), MACHINE_ID])
      await other.client.findMachines(query, PEOPLE);
    assert.equal(other.standIn.seen.length, 4);
  });

  it('are asked for once by those who type the same at the same moment', async () => {
    const { standIn, client } = await setUp((_seen, res) => json(res, 200, page(wireMachine())));
    const found = await Promise.all([1, 2, 3].map(() => client.findMachines('ws', PEOPLE)));
    assert.deepEqual(
      found.map(({ length }) => length),
      [1, 1, 1],
    );
    assert.equal(standIn.seen.length, 1);
  });

  it('are not taken for another one that the address leads to', async () => {
    const { client } = await setUp((_seen, res) => json(res, 200, wireMachine()));
    assert.equal(await client.machine('ws-042', PEOPLE), null);
  });

  it('that are not onboarded say so, however the field is written', async () => {
    const { client } = await setUp((_seen, res) =>
      json(res, 200, wireMachine({ onboardingStatus: undefined, onboardingstatus: 'CanBeOnboarded' })),
    );
    assert.equal((await client.machine(MACHINE_ID, PEOPLE))?.health, 'CanBeOnboarded');
  });

  it('are there whatever stands in one of their fields, as long as they have an id', async () => {
    const odd = {
      machineTags: [null, 'tier0', 7, {}],
      lastSeen: 'yesterday',
      rbacGroupName: { id: 1 },
      healthStatus: [],
      riskScore: 5,
      osPlatform: null,
    };
    const { client } = await setUp((_seen, res) =>
      json(res, 200, page(wireMachine(odd), wireMachine({ id: 'b2', machineTags: 'x', lastSeen: 1 }), { id: null })),
    );
    const found = await client.findMachines('ws-042', { ...PEOPLE, only: 'exact' });
    const one = found.find(({ id }) => id === MACHINE_ID);
    assert.deepEqual(one?.tags, ['tier0', '7', '(unreadable)']);
    assert.deepEqual(
      [one?.lastSeen, one?.group, one?.health, one?.risk, one?.osPlatform],
      ['yesterday', '(unreadable)', '', '5', ''],
    );
    assert.deepEqual(
      found.filter(({ id }) => id !== MACHINE_ID).map(({ id, tags }) => [id, tags]),
      [['b2', ['x']]],
    );
  });

  it('are read page by page, and a circle of pages ends', async () => {
    const { standIn, client } = await setUp((seen, res) =>
      json(res, 200, {
        value: [wireMachine({ id: seen.path.includes('skip') ? 'b' : 'a' })],
        ...(seen.path.includes('skip') ? {} : { '@odata.nextLink': `${standIn.url}/api/machines?$skip=1` }),
      }),
    );
    assert.equal((await client.machinesBy(['a', 'b'], 'people')).length, 2);
    const circle = await setUp((_seen, res) =>
      json(res, 200, { value: [], '@odata.nextLink': `${circle.standIn.url}/api/machines?$skip=1` }),
    );
    assert.equal((await failure(circle.client.machinesBy(['a', 'b'], 'people'))).code, 'defender_unexpected');
    assert.equal(circle.standIn.seen.length, 2);
  });

  it('are not asked for at a host that a page names but that is not Defender', async () => {
    const { client, standIn } = await setUp((_seen, res) =>
      json(res, 200, {
        value: [],
        '@odata.nextLink': 'https://api.security.microsoft.com.evil.example/api/machines',
      }),
    );
    assert.equal((await failure(client.machinesBy(['a', 'b'], 'people'))).code, 'defender_unexpected');
    assert.equal(standIn.seen.length, 1);
  });
});
