import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { DefenderError } from '../../src/errors.ts';
import { clientOf, MACHINE_ID, refusal, startStandIn } from './stand-in.ts';

/** What each documented code means to a submission and to a read, under the status that it is documented with. */
const CODES: [status: number, submission: string, read: string, codes: string[]][] = [
  [
    400,
    'refused',
    'defender_refused',
    ['BadRequest', 'ODataError', 'InvalidInput', 'InvalidRequestBody', 'MissingRequiredParameter'],
  ],
  [
    400,
    'refused',
    'defender_refused',
    ['MaximumBatchSizeExceeded', 'OsPlatformNotSupported', 'ClientVersionNotSupported'],
  ],
  [400, 'busy', 'defender_refused', ['ActiveRequestAlreadyExists']],
  // Of other calls, or in no documentation: about a live response they prove nothing.
  [400, 'unclear', 'defender_refused', ['InvalidHashValue', 'InvalidDomainName', 'InvalidIpAddress', 'InvalidUrl']],
  [
    400,
    'unclear',
    'defender_refused',
    ['MaximumRequestsLimitReached', 'FileNotFound', 'ActiveRequestAlreadyInProgress'],
  ],
  [401, 'refused', 'defender_sign_in', ['Unauthorized']],
  [403, 'refused', 'defender_forbidden', ['Forbidden', 'DisabledFeature', 'DisallowedOperation']],
  [404, 'refused', 'defender_not_found', ['NotFound', 'ResourceNotFound']],
  [429, 'throttled', 'defender_throttled', ['TooManyRequests', '429']],
  [500, 'unclear', 'defender_unreachable', ['InternalServerError']],
];

describe("Defender's codes", () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function answering(status: number, code: string) {
    const standIn = await startStandIn((_seen, res) => refusal(res, status, code, 'So it is.'));
    const { client } = clientOf(standIn.url);
    closing.push(() => client.close(), standIn.close);
    return client;
  }

  for (const [status, submission, read, codes] of CODES) {
    for (const code of codes) {
      it(`${code} (${status}) is ${submission} to a submission and ${read} to a read`, async () => {
        const client = await answering(status, code);
        const body = { Commands: [], Comment: '[LR-8K3F2Q.1] a test' };
        assert.equal((await client.submit(MACHINE_ID, body, () => true)).outcome, submission);
        const error = await client.library({ fresh: true, purpose: 'run' }).then(
          () => null,
          (reason: unknown) => reason,
        );
        assert.ok(error instanceof DefenderError);
        assert.equal(error.code, read);
      });
    }
  }
});
