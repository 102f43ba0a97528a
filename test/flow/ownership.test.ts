import assert from 'node:assert/strict';
import { isOurs, since, wireCommands } from '../../src/flow/ownership.ts';
import type { MachineAction } from '../../src/flow/ports.ts';
import { CLIENT_ID } from '../support/fake-defender.ts';
import { aRequest, aRun, NOW } from '../support/records.ts';

const MINUTE = 60_000;
const request = aRequest();
const run = aRun({ attempt: 1, intentAt: NOW + 1_000 });

function action(changes: Partial<MachineAction> = {}): MachineAction {
  return {
    id: 'a-1',
    type: 'LiveResponse',
    status: 'Pending',
    machineId: run.machine.id.toUpperCase(),
    requestor: CLIENT_ID.toUpperCase(),
    comment: '[LR-8K3F2Q.1] asked by Ana',
    createdAt: NOW + 2_000,
    updatedAt: null,
    commands: wireCommands(request).map((command, index) => ({
      index,
      type: command.type,
      params: command.params,
      status: 'Created',
      startedAt: null,
      endedAt: null,
      errors: [],
    })),
    ...changes,
  };
}

const ours = (changes: Partial<MachineAction>, of = run): boolean => isOurs(action(changes), of, request, CLIENT_ID);
const [command] = action().commands;
const commands = (changes: object) => (command === undefined ? [] : [{ ...command, ...changes }]);

describe('an action at Defender', () => {
  it('is ours when run id, machine, commands, creation time and requestor agree', () => assert.ok(ours({})));

  const foreign: Record<string, Partial<MachineAction>> = {
    'whose comment carries the run id later in it': { comment: 'x [LR-8K3F2Q.1]' },
    'of another run': { comment: '[LR-8K3F2Q.11] asked by Ana' },
    'without a comment': { comment: '' },
    'on another machine': { machineId: 'bb' },
    'that was there long before': { createdAt: NOW - 6 * MINUTE },
    'of another application': { requestor: '11111111-2222-3333-4444-555555555555' },
    'of a person': { requestor: 'mallory@contoso.com' },
    'with another script': { commands: commands({ params: [{ key: 'ScriptName', value: 'other.ps1' }] }) },
    'with another argument': {
      commands: commands({
        params: [
          { key: 'ScriptName', value: 'minidump.ps1' },
          { key: 'Args', value: 'lsass' },
        ],
      }),
    },
    'of another type': { commands: commands({ type: 'GetFile' }) },
    'with more commands': { commands: [...action().commands, ...action().commands] },
  };
  for (const [what, changes] of Object.entries(foreign)) it(`${what} is not ours`, () => assert.ok(!ours(changes)));

  it('may lack what Defender drops: commands, parameters, its time, its application’s id for a name', () => {
    assert.ok(ours({ commands: [] }));
    assert.ok(ours({ commands: commands({ params: [] }) }));
    assert.ok(ours({ createdAt: null }));
    assert.ok(ours({ requestor: 'Live Response Bot' }));
  });

  it('is compared command by command in the order of their indexes', () => {
    const two = aRequest({
      commands: [
        { kind: 'put', file: 'tool.exe' },
        { kind: 'get', path: 'C:\\x.zip' },
      ],
    });
    const shown = wireCommands(two).map((wire, index) => ({
      ...{ index, type: wire.type, params: wire.params, status: 'Created' },
      ...{ startedAt: null, endedAt: null, errors: [] },
    }));
    assert.ok(isOurs(action({ commands: shown.toReversed() }), run, two, CLIENT_ID));
    assert.ok(
      !isOurs(action({ commands: shown.map((one) => ({ ...one, index: 1 - one.index })) }), run, two, CLIENT_ID),
    );
  });

  it('of an earlier attempt stays ours when a new round of approval came in between', () => {
    const early = { createdAt: NOW + 2_000 };
    const later = { queuedAt: NOW + 60 * MINUTE, intentAt: NOW + 61 * MINUTE };
    assert.ok(ours(early, aRun({ ...later, attempt: 2 })));
    assert.ok(!ours(early, aRun({ ...later, attempt: 1 })));
  });

  it('is looked for since the run went into the line, with room for clocks that differ', () => {
    assert.equal(since(run, request), NOW - 5 * MINUTE);
    assert.equal(since(aRun({ queuedAt: null, intentAt: NOW + MINUTE, attempt: 1 }), request), NOW - 4 * MINUTE);
    assert.equal(since(aRun({ queuedAt: null }), aRequest({ createdAt: NOW - MINUTE })), NOW - 6 * MINUTE);
  });
});
