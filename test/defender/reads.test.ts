import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { tellsNoVersion, versionOf } from '../../src/flow/binding.ts';
import { ANEW, guid, PEOPLE, page, reading } from './reading.ts';
import { type Handler, json, MACHINE_ID, refusal, wireAction } from './stand-in.ts';

describe('reading from Defender', () => {
  const { setUp, failure } = reading();

  it('lists the library with digests in lower case, and keeps it for a while', async () => {
    const { standIn, client } = await setUp((_seen, res) =>
      json(
        res,
        200,
        page(
          { fileName: 'minidump.ps1', sha256: 'ABCDEF', description: { odd: 1 }, hasParameters: true },
          { broken: 1 },
        ),
      ),
    );
    const [file, ...others] = await client.library(PEOPLE);
    assert.deepEqual(others, [], 'what has no name is nobody’s');
    assert.equal(file?.sha256, 'abcdef');
    assert.equal(file?.hasParameters, true);
    await client.library(PEOPLE);
    assert.equal(standIn.seen.length, 1);
    await client.library(ANEW);
    assert.equal(standIn.seen.length, 2);
  });

  it('keeps a library file whose digest can’t be read: it is there, and tells no version', async () => {
    const times = { creationTime: '2026-11-01T09:00:00Z', lastUpdatedTime: '2026-11-03T09:00:00Z' };
    for (const sha256 of [{ alg: 1 }, 7, ['x'], true]) {
      const { client } = await setUp((_seen, res) => json(res, 200, page({ fileName: 'a.ps1', sha256, ...times })));
      const files = await client.library(PEOPLE);
      assert.deepEqual(
        files.map(({ fileName }) => fileName),
        ['a.ps1'],
      );
      assert.ok(files.map(versionOf).every(tellsNoVersion), JSON.stringify(sha256));
    }
    const { client } = await setUp((_seen, res) => json(res, 200, page({ fileName: 'a.ps1', sha256: null, ...times })));
    const [file] = await client.library(PEOPLE);
    assert.deepEqual([file?.sha256, file?.updatedAt], ['', times.lastUpdatedTime], 'none at all is another matter');
  });

  describe('machine actions', () => {
    it('are asked for a hundred at a time, and only by proper ids', async () => {
      const ids = Array.from({ length: 150 }, (_unused, n) => guid(n));
      const all = page(...ids.map((id) => wireAction({ id: id.toUpperCase() })));
      const { standIn, client, purposes } = await setUp((_seen, res) => json(res, 200, all));
      const { shown: found } = await client.actions([...ids, guid(0), "x') or ('1' eq '1"]);
      assert.equal(found.length, 150);
      assert.deepEqual(
        standIn.seen.map((seen) => (seen.path.match(/'[0-9a-f-]+'/g) ?? []).length),
        [100, 50],
      );
      assert.ok(standIn.seen[0]?.path.startsWith(`/api/machineactions?$filter=id in ('${guid(0)}','${guid(1)}',`));
      assert.ok(standIn.seen.every((seen) => !seen.path.includes('1 eq')));
      assert.deepEqual(purposes, ['watch', 'watch']);
      assert.deepEqual(await client.actions([]), { shown: [], unknown: [] });
    });

    it('whose id can’t be one are asked about by nobody, and known to nobody', async () => {
      const { standIn, client } = await setUp((_seen, res) => json(res, 200, page()));
      assert.deepEqual(await client.actions(['no id']), { shown: [], unknown: ['no id'] });
      assert.equal(standIn.seen.length, 0);
    });

    it('may lack everything but id, status and machine', async () => {
      const bare = { id: guid(1), status: 'NewWord', machineId: 'm' };
      const legacy = {
        ...bare,
        id: guid(2),
        lastUpdateTimeUtc: '2026-11-24T15:36:52Z',
        commands: [{ commandStatus: 'Created' }],
      };
      const { client } = await setUp((_seen, res) => json(res, 200, page(bare, legacy)));
      const [first, second] = (await client.actions([guid(1), guid(2)])).shown;
      assert.deepEqual(first, {
        ...bare,
        type: '',
        requestor: '',
        comment: '',
        createdAt: null,
        updatedAt: null,
        commands: [],
      });
      assert.equal(second?.updatedAt, Date.UTC(2026, 10, 24, 15, 36, 52));
      assert.equal(second?.commands[0]?.index, 0);
    });

    it('of a machine are asked for since a moment', async () => {
      const { standIn, client } = await setUp((_seen, res) => json(res, 200, page(wireAction())));
      const [action] = await client.actionsOf(MACHINE_ID, Date.UTC(2026, 10, 24));
      assert.equal(action?.createdAt, Date.UTC(2026, 10, 24, 15, 36, 52, 778));
      const filter = `machineId eq '${MACHINE_ID}' and type eq 'LiveResponse' and creationDateTimeUtc ge 2026-11-24T00:00:00.000Z`;
      assert.ok(standIn.seen[0]?.path.includes(`$filter=${filter}&`), standIn.seen[0]?.path);
    });
  });

  it('never takes an unknown answer for the absence of actions', async () => {
    const answers = [{ value: [wireAction(), { id: 1 }] }, { statusCode: 404, message: 'Resource not found' }];
    for (const answer of answers) {
      const { client } = await setUp((_seen, res) => json(res, 'value' in answer ? 200 : 404, answer));
      const { code } = await failure(client.actionsOf(MACHINE_ID, 0));
      assert.match(code, /^defender_(unexpected|refused)$/);
    }
  });

  describe('when something is wrong', () => {
    for (const [status, body, code] of [
      [400, { error: { code: 'ODataError', message: 'Bad filter.' } }, 'defender_refused'],
      [403, { error: { code: 'Forbidden', message: 'Missing application roles.' } }, 'defender_forbidden'],
      [302, '', 'defender_unexpected'],
      [200, '<html>', 'defender_unexpected'],
      [200, '', 'defender_unexpected'],
      [500, '', 'defender_unreachable'],
      [503, '<html>', 'defender_unreachable'],
    ] as const) {
      it(`says ${code} for ${status} with ${JSON.stringify(body).slice(0, 30)}`, async () => {
        const { client } = await setUp((_seen, res) =>
          res.writeHead(status, { Location: '/elsewhere' }).end(typeof body === 'string' ? body : JSON.stringify(body)),
        );
        const error = await failure(client.library(PEOPLE));
        assert.equal(error.code, code);
        if (typeof body !== 'string') assert.ok(error.message.includes(body.error.message));
      });
    }

    it('does not follow a redirect', async () => {
      const { standIn, client } = await setUp((_seen, res) => json(res, 307, {}, { Location: '/elsewhere' }));
      await failure(client.library(PEOPLE));
      assert.deepEqual(
        standIn.seen.map((seen) => seen.path),
        ['/api/libraryfiles'],
      );
    });

    it('tries once more after 5xx and after a broken connection, not a third time', async () => {
      for (const fail of [
        ((_seen, res) => json(res, 502, {})) as Handler,
        ((_seen, res) => res.destroy()) as Handler,
      ]) {
        let calls = 0;
        const { client, purposes } = await setUp((seen, res) =>
          ++calls === 1 ? fail(seen, res) : json(res, 200, page()),
        );
        assert.deepEqual(await client.library(PEOPLE), []);
        assert.equal(calls, 2);
        assert.equal(purposes.length, 2);
        const never = await setUp(fail);
        assert.equal((await failure(never.client.library(PEOPLE))).code, 'defender_unreachable');
        assert.equal(never.standIn.seen.length, 2);
      }
    });

    it('asks for a new token once after 401, then gives up', async () => {
      const renewed = await setUp((seen, res) =>
        seen.headers.authorization === `Bearer ${renewed.standIn.tokens[1]}`
          ? json(res, 200, page())
          : refusal(res, 401, '', ''),
      );
      assert.deepEqual(await renewed.client.library(PEOPLE), []);
      assert.deepEqual(renewed.counted, ['token ok', 'library unauthorized', 'token ok', 'library ok']);
      const never = await setUp((_seen, res) => refusal(res, 401, 'Unauthorized', ''));
      assert.equal((await failure(never.client.library(PEOPLE))).code, 'defender_sign_in');
      assert.equal(never.standIn.seen.length, 2);
    });

    it('ends at the deadline, silent or dripping', async () => {
      const silent: Handler = () => {};
      const dripping: Handler = (_seen, res) => {
        res.writeHead(200);
        const timer = setInterval(() => res.write(' '), 10);
        res.on('close', () => clearInterval(timer));
      };
      for (const handler of [silent, dripping]) {
        const { client, counted } = await setUp(handler, { timing: { deadline: 120 } });
        const startedAt = Date.now();
        assert.equal((await failure(client.library(PEOPLE))).code, 'defender_unreachable');
        assert.ok(Date.now() - startedAt < 1_500);
        assert.ok(counted.includes('library deadline'));
      }
    });

    it('takes no answer without end', async () => {
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const { client } = await setUp(
        (_seen, res) => {
          const more = () => {
            while (!res.destroyed && res.write(chunk));
          };
          res.writeHead(200).on('drain', more);
          more();
        },
        { timing: { deadline: 15_000 } },
      );
      assert.equal((await failure(client.library(PEOPLE))).code, 'defender_unexpected');
    });
  });

  describe('within the budget', () => {
    it('waits for a short while', async () => {
      const { client, waits, purposes } = await setUp((_seen, res) => json(res, 200, page()));
      waits.push(20, 10);
      await client.library(PEOPLE);
      assert.equal(purposes.length, 3);
    });

    it('does not wait long, and says how long it would be', async () => {
      const { standIn, client, waits } = await setUp((_seen, res) => json(res, 200, page()));
      waits.push(60_000);
      const error = await failure(client.library(PEOPLE));
      assert.equal(error.code, 'defender_throttled');
      assert.deepEqual([error.retryAfter, error.unasked], [60_000, true]);
      assert.equal(standIn.seen.length, 0);
    });

    it('tells everybody after a 429, and does not ask again itself', async () => {
      const { standIn, client, blocked, counted } = await setUp((_seen, res) =>
        refusal(res, 429, '429', 'Try again in 35 seconds.'),
      );
      const error = await failure(client.library(PEOPLE));
      assert.equal(error.code, 'defender_throttled');
      assert.deepEqual([error.retryAfter, error.unasked], [35_000, false]);
      const [until = 0] = blocked;
      assert.ok(until > Date.now() + 30_000 && until <= Date.now() + 35_000);
      assert.ok(counted.includes('throttled'));
      assert.equal(standIn.seen.length, 1);
    });
  });
});
