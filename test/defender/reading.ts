import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { DefenderError } from '../../src/errors.ts';
import { clientOf, type Handler, MACHINE_ID, startStandIn } from './stand-in.ts';

export const PEOPLE = { fresh: false, purpose: 'people' as const };
export const ANEW = { fresh: true, purpose: 'run' as const };

export const wireMachine = (more: object = {}) => ({
  id: MACHINE_ID,
  computerDnsName: 'ws-042.corp.example',
  osPlatform: 'Windows11',
  version: '23H2',
  healthStatus: 'Active',
  lastSeen: '2026-11-24T09:30:00.5Z',
  onboardingStatus: 'Onboarded',
  riskScore: null,
  rbacGroupName: null,
  machineTags: null,
  somethingNew: { deep: [1] },
  ...more,
});
export const page = (...value: object[]) => ({ '@odata.context': 'x', value });
export const guid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** For a suite that reads: a client of a server that answers as told, both closed after each test. */
export function reading() {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function setUp(handler: Handler, more: Parameters<typeof clientOf>[1] = {}) {
    const standIn = await startStandIn(handler);
    const setup = clientOf(standIn.url, more);
    closing.push(() => setup.client.close(), standIn.close);
    return { standIn, ...setup };
  }

  async function failure(work: Promise<unknown>): Promise<DefenderError> {
    const error = await work.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof DefenderError, String(error));
    assert.equal(error.cause, undefined);
    return error;
  }
  return { setUp, failure };
}
