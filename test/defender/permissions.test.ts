import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { DefenderClient } from '../../src/defender/client.ts';
import { DefenderError } from '../../src/errors.ts';
import { ACTION_ID, clientOf, MACHINE_ID, refusal, startStandIn } from './stand-in.ts';

const ANEW = { fresh: true, purpose: 'people' as const };
const BODY = { Commands: [], Comment: 'x' };
const yes = () => true;
const NO_ROLE = 'The application does not have any of the required application permissions to access the resource.';

/** Each call that Defender can forbid: which permission it needs, and the sentence that people get. */
const CALLS: [string, string, (client: DefenderClient) => Promise<unknown>][] = [
  ['finding machines', 'Machine.Read.All', (client) => client.findMachines('ws-042', ANEW)],
  ['a machine', 'Machine.Read.All', (client) => client.machine(MACHINE_ID, ANEW)],
  ['the library', 'Library.Manage', (client) => client.library(ANEW)],
  ['the list of actions', 'Machine.Read.All', (client) => client.actions([ACTION_ID])],
  ['the actions of a machine', 'Machine.Read.All', (client) => client.actionsOf(MACHINE_ID, 0)],
  ['a link to a result', 'Machine.Read.All', (client) => client.resultLink(ACTION_ID, 0, 'people')],
  ['a script’s output', 'Machine.Read.All', (client) => client.scriptResult(ACTION_ID, 0, 100)],
  ['a submission', 'Machine.LiveResponse', (client) => client.submit(MACHINE_ID, BODY, yes)],
  ['a cancel', 'Machine.LiveResponse', (client) => client.cancel(ACTION_ID, 'x')],
  ['the deletion of a file', 'Library.Manage', (client) => client.deleteFile('minidump.ps1', yes)],
];

describe('what Defender forbids', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** What people read when Defender answers this call with 403. */
  async function sentence(call: (client: DefenderClient) => Promise<unknown>, code = 'Forbidden'): Promise<string> {
    const standIn = await startStandIn((_seen, res) => refusal(res, 403, code, NO_ROLE));
    const { client } = clientOf(standIn.url);
    closing.push(() => client.close(), standIn.close);
    const end = await call(client).catch((error: unknown) => error);
    if (!(end instanceof DefenderError)) return (end as { outcome: string; message: string }).message;
    assert.equal(end.code, 'defender_forbidden');
    return end.message;
  }

  for (const [what, permission, call] of CALLS) {
    it(`names for ${what} the permission that is missing, and where it is granted`, async () => {
      const words = await sentence(call);
      assert.match(words, /^Defender does(?:n't| not) allow/);
      const where = 'in Entra, App registrations, API permissions, WindowsDefenderATP, with admin consent.';
      assert.ok(words.includes(`It needs the application permission ${permission}: ${where}`), words);
      assert.ok(words.endsWith(`Defender said: ${NO_ROLE}`), words);
    });
  }

  it('because live response is switched off sends nobody to permissions', async () => {
    const words = await sentence((client) => client.library(ANEW), 'DisabledFeature');
    assert.match(words, /^Live response is switched off in Defender\. Switch it on under Settings/);
    assert.doesNotMatch(words, /It needs the application permission/);
  });
});
