import assert from 'node:assert/strict';
import { type Scene, setScene } from './scene.ts';

const LINE =
  'run ws-042 minidump.ps1 OfficeClickToRun then get C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip --reason "INC-42 odd updater"';

/** https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response, its example. */
const DOCUMENTED = {
  Commands: [
    {
      type: 'RunScript',
      params: [
        { key: 'ScriptName', value: 'minidump.ps1' },
        { key: 'Args', value: 'OfficeClickToRun' },
      ],
    },
    { type: 'GetFile', params: [{ key: 'Path', value: 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip' }] },
  ],
};

describe('what reaches Defender for the documented line', function () {
  this.timeout(120_000);
  let scene: Scene;

  before(async () => {
    scene = await setScene();
    await scene.start();
  });
  after(() => scene.close());

  it('is exactly the documented body, with a comment that begins with the run id and names everybody', async () => {
    const id = await scene.approved(LINE);
    assert.match(await scene.ended(id), /Finished/);
    const sent = scene.defender.state().calls.filter((call) => call.path.endsWith('/runliveresponse'));
    assert.equal(sent.length, 1);
    const { Comment, ...rest } = JSON.parse(sent[0]?.raw ?? '{}') as { Comment: string };
    assert.equal(JSON.stringify(rest), JSON.stringify(DOCUMENTED));
    assert.ok(Comment.startsWith(`[${id}.1] `), Comment);
    for (const part of ['Ana Analyst (slack:U0ANA)', 'Lea Lead (slack:U0LEA)', 'INC-42 odd updater']) {
      assert.ok(Comment.includes(part), Comment);
    }
    const machine = scene.defender.machines.find('ws-042');
    assert.equal(sent[0]?.path, `/api/machines/${machine?.id}/runliveresponse`);
  });
});
