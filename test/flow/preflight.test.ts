import assert from 'node:assert/strict';
import { machineFacts, osName } from '../../src/flow/machine-facts.ts';
import { inLibrary, preflight } from '../../src/flow/preflight.ts';
import { Refusal } from '../../src/flow/refusal.ts';
import type { Command } from '../../src/model/command.ts';
import { defenderTrouble, type FakeDefender, fakeDefender, libraryFile, machine } from '../support/fake-defender.ts';

const NOW = Date.UTC(2026, 10, 24, 9);
const HOUR = 3_600_000;
const RUN: Command = { kind: 'run', script: 'minidump.ps1', args: ['OfficeClickToRun'] };

describe('a look before anybody is asked', () => {
  let defender: FakeDefender;
  let digests: Record<string, string>;
  beforeEach(() => {
    defender = fakeDefender({ now: () => NOW });
    digests = {};
  });

  const look = (asked: { machine?: string; commands?: Command[]; reason?: string | null; breakGlass?: boolean } = {}) =>
    preflight(
      {
        defender,
        clock: { now: () => NOW },
        store: { lastApprovedDigest: async (name) => digests[name] ?? null },
      },
      { machine: 'ws-042', commands: [RUN], ...asked },
      { fresh: false, purpose: 'people' },
    );
  const refusal = async (asked: Parameters<typeof look>[0] = {}): Promise<string> => {
    try {
      await look(asked);
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
    throw new Error('it was not refused');
  };
  const warnings = async (asked: Parameters<typeof look>[0] = {}) => (await look(asked)).warnings;

  it('finds the one machine by DNS name, first label or id, in any case', async () => {
    for (const typed of ['ws-042', 'WS-042.contoso.com', 'aa00000000000000000000000000000000000042'])
      assert.equal((await look({ machine: typed })).machines[0].name, 'ws-042.contoso.com', typed);
  });

  it('refuses commands that no card could show whole', async () => {
    const hiding: Command = { ...RUN, args: ['\u2800'.repeat(1_700), '-Wipe'] };
    assert.match(await refusal({ commands: [hiding] }), /too long for a card, which has to show all that runs/);
  });

  it('lists several of one name with id, last report, health and group, in whole lines that would work, and does nothing', async () => {
    const twin = { name: 'ws-042.fabrikam.com', id: 'b2', health: 'Inactive', lastSeen: null, group: '', tags: [] };
    defender.machines = [machine(), machine(twin)];
    const get: Command = { kind: 'get', path: 'C:\\x.zip' };
    const words = await refusal({ commands: [RUN, get], reason: 'INC-1', breakGlass: true });
    assert.match(words, /^Several machines are called ws-042, so I did nothing\./);
    assert.ok(
      words.includes(
        'run b2 minidump.ps1 OfficeClickToRun then get C:\\x.zip --break-glass --reason "INC-1" · Windows 11 · Inactive · never reported',
      ),
      words,
    );
    assert.match(words, /Windows 11 · Workstations · Active · last full report 3 h ago · tags: finance/);
  });

  it('lists no more than a few of them', async () => {
    defender.machines = Array.from({ length: 10 }, (_, i) => machine({ id: `m${i}`, name: `ws-042.d${i}.com` }));
    assert.match(await refusal(), /… and 2 more\.$/);
  });

  it('names the nearest when there is none', async () => {
    defender.machines = ['ws-042.contoso.com', 'ws-420.contoso.com', 'srv-1.contoso.com'].map((name) =>
      machine({ name, id: name }),
    );
    assert.equal(await refusal({ machine: 'ws-42' }), "I don't know the machine “ws-42”. Close to it: ws-420, ws-042.");
    assert.equal(await refusal({ machine: 'ws-0' }), "I don't know the machine “ws-0”. Close to it: ws-042, ws-420.");
    assert.match(
      await refusal({ machine: 'zzzzzz' }),
      /^I don't know the machine “zzzzzz”, and nothing is called like it\./,
    );
    assert.match(await refusal({ machine: 'q' }), /nothing is called like it/);
  });

  it('knows that there is none though names like it can’t be looked for', async () => {
    const { findMachines } = defender;
    defender.findMachines = async (query, options) => {
      if (options.only !== 'exact') throw defenderTrouble('defender_throttled');
      return findMachines(query, options);
    };
    assert.equal(
      await refusal({ machine: 'ws-42' }),
      "I don't know the machine “ws-42”, and could not look for names like it. “machines ws-” lists some.",
    );
  });

  it('refuses what can’t work on the system at all', async () => {
    defender.machines = [machine({ osPlatform: 'iOS' })];
    assert.equal(await refusal(), 'ws-042 runs iOS, and Defender has no live response for it.');
    defender.machines = [machine()];
    assert.match(
      await refusal({ commands: [{ kind: 'get', path: '/etc/passwd' }] }),
      /The path doesn’t begin with a drive/,
    );
  });

  it('takes the library’s own spelling, also where the ending was left out', async () => {
    defender.files = [libraryFile({ fileName: 'MiniDump.ps1' }), libraryFile({ fileName: 'tool.exe' })];
    const { commands, files } = await look({
      commands: [
        { kind: 'put', file: 'TOOL' },
        { ...RUN, script: 'minidump' },
      ],
    });
    assert.deepEqual(
      commands.map((one) => (one.kind === 'run' ? one.script : one.kind === 'put' && one.file)),
      ['tool.exe', 'MiniDump.ps1'],
    );
    assert.deepEqual(
      files.map((file) => [file.command, file.fileName]),
      [
        [0, 'tool.exe'],
        [1, 'MiniDump.ps1'],
      ],
    );
  });

  it('takes the time of adding where a file was never changed', async () => {
    defender.files = [libraryFile({ updatedAt: '' })];
    assert.equal((await look()).files[0]?.updatedAt, '2026-11-01T09:00:00Z');
  });

  it('asks for the library only where a command needs it', async () => {
    const { files, warnings: none } = await look({ commands: [{ kind: 'get', path: 'C:\\x.zip' }] });
    assert.deepEqual([files, none, defender.reads], [[], [], ['findMachines']]);
  });

  it('refuses a file that the library lacks, with the nearest ones', () => {
    const library = [libraryFile(), libraryFile({ fileName: 'minidump.sh' }), libraryFile({ fileName: 'a b.sh' })];
    const trouble = (typed: string, files = library): string => {
      try {
        return inLibrary(typed, files).fileName;
      } catch (error) {
        return (error as Error).message;
      }
    };
    assert.equal(trouble('minidump'), '“minidump” could be minidump.ps1 or minidump.sh. Type it with its ending.');
    assert.equal(trouble('MINIDUMP.PS1'), 'minidump.ps1');
    assert.equal(
      trouble('minidunp.ps1'),
      'The library has no file “minidunp.ps1”. Close to it: minidump.ps1, minidump.sh. See all of them with “library”.',
    );
    assert.equal(trouble('x.ps1', []), 'The library has no file “x.ps1”; it is empty, or I may not read it.');
  });

  it('warns of a machine that may be off, never calling it online', async () => {
    assert.deepEqual(await warnings(), []);
    const at = async (changes: Parameters<typeof machine>[0]) => {
      defender.machines = [machine(changes)];
      return warnings();
    };
    assert.deepEqual(await at({ health: 'Inactive' }), [
      'Defender calls ws-042 “Inactive”: it may be off or unreachable.',
    ]);
    assert.deepEqual(await at({ health: '' }), ['Defender calls ws-042 “unknown”: it may be off or unreachable.']);
    assert.deepEqual(await at({ lastSeen: null }), ['ws-042 has never sent a full report.']);
    assert.deepEqual(await at({ lastSeen: 'yesterday' }), [
      "When ws-042 last sent a full report can't be read, it may be off.",
    ]);
    assert.match(machineFacts(machine({ lastSeen: 'yesterday' }), NOW), /Active · last full report unknown · tags/);
    assert.deepEqual(await at({ lastSeen: new Date(NOW - 47 * HOUR).toISOString() }), []);
    assert.deepEqual(await at({ lastSeen: new Date(NOW - 73 * HOUR).toISOString() }), [
      'No full report from ws-042 for 3 days, it may be off.',
    ]);
  });

  it('warns of a script made for another system, of risky arguments, of a changed file; each once', async () => {
    defender.files = ['x.sh', 'x.ps1', 'x.py', 'minidump.ps1'].map((fileName) => libraryFile({ fileName }));
    const run = (script: string, ...args: string[]): Command => ({ kind: 'run', script, args });
    assert.deepEqual(await warnings({ commands: [run('x.sh')] }), [
      'x.sh looks made for another system than Windows 11.',
    ]);
    assert.deepEqual(await warnings({ commands: [run('x.py')] }), []);
    defender.machines = [machine({ osPlatform: '' })];
    assert.deepEqual(await warnings({ commands: [run('x.ps1')] }), [
      "Defender doesn't say which system ws-042 runs, so nobody knows whether x.ps1 fits.",
    ]);
    defender.machines = [machine({ osPlatform: 'macOS' })];
    assert.deepEqual(await warnings({ commands: [run('x.ps1')] }), ['x.ps1 looks made for another system than macOS.']);
    assert.deepEqual(await warnings({ commands: [run('x.sh')] }), []);
    defender.machines = [machine()];
    assert.equal((await warnings({ commands: [run('x.py', '$(id)'), run('x.py', '$(id)')] })).length, 1);
    digests = { 'minidump.ps1': 'c'.repeat(64) };
    assert.deepEqual(await warnings(), ['minidump.ps1 changed since its last approved run.']);
    digests = { 'minidump.ps1': 'a'.repeat(64) };
    assert.deepEqual(await warnings(), []);
  });

  it('says a machine’s facts in one line', () => {
    assert.equal(
      machineFacts(machine({ health: '', tags: [] }), NOW),
      'Windows 11 · Workstations · last full report 3 h ago',
    );
    assert.deepEqual(
      ['Windows10', 'WindowsServer2019', 'Linux', 'macOS'].map((osPlatform) => osName({ osPlatform })),
      ['Windows 10', 'Windows Server 2019', 'Linux', 'macOS'],
    );
  });
});
