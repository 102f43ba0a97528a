import assert from 'node:assert/strict';
import { plain } from '../../src/model/notice.ts';
import { scriptResult } from '../support/fake-defender.ts';
import { createWorld, type World } from '../support/world.ts';

const LINE = 'run ws-042 minidump.ps1 OfficeClickToRun then get C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip';

describe('the way of a request', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  it('goes from a typed line over an approval to the end of the thread', async () => {
    const first = await world.type('U0ANA', LINE);
    assert.match(plain(first?.lines[0] ?? []), /^Got it, LR-[0-9A-Z]{6}\.$/);
    await world.settle();
    const [request] = await world.store.requestsBy({ limit: 1 });
    assert.ok(request);
    assert.equal(request.status, 'waiting');
    assert.deepEqual(
      world.card(request.id).buttons.map((button) => button.action),
      ['approve', 'deny', 'withdraw'],
    );

    await world.click('U0LEA', 'approve', `${request.id}:1`);
    assert.equal(world.defender.submissions.length, 1);
    assert.deepEqual(world.defender.submissions[0]?.body.Commands, [
      {
        type: 'RunScript',
        params: [
          { key: 'ScriptName', value: 'minidump.ps1' },
          { key: 'Args', value: 'OfficeClickToRun' },
        ],
      },
      { type: 'GetFile', params: [{ key: 'Path', value: 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip' }] },
    ]);
    assert.ok(world.defender.submissions[0]?.body.Comment.startsWith(`[${request.id}.1] `));
    assert.equal((await world.run(request.id)).status, 'running');

    const action = world.defender.list[0];
    assert.ok(action);
    world.defender.results.set('*', scriptResult({ output: 'Dumping\nDone\n' }));
    world.defender.go(action.id, 'InProgress', [
      { status: 'Completed', startedAt: world.now(), endedAt: world.now() + 48_000 },
      { status: 'Executing' },
    ]);
    world.advance(60_000);
    await world.tick();
    assert.equal((await world.run(request.id)).commands[0]?.exitCode, 0);
    world.defender.go(action.id, 'Succeeded', [{}, { status: 'Completed' }]);
    world.advance(60_000);
    await world.tick();

    assert.equal((await world.request(request.id)).status, 'done');
    const card = world.card(request.id);
    assert.equal(card.state.symbol, '✔');
    assert.deepEqual(
      card.buttons.map((button) => button.action),
      ['results'],
    );
    assert.deepEqual(
      world.chat.said().map((words) => words.split(' ').slice(0, 3).join(' ')),
      [
        'Lea Lead approved.',
        '✔ minidump.ps1 ended',
        '✔ OfficeClickToRun.dmp.zip was',
        'Ana Analyst ws-042.contoso.com:',
      ],
    );
    assert.deepEqual(world.failed, []);
  });
});
