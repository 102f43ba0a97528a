import assert from 'node:assert/strict';
import { isDefenderApi, isLoopback } from '../../src/model/hosts.ts';
import { waitingSince } from '../../src/model/request.ts';
import { aRequest, NOW } from '../support/records.ts';

describe('hosts', () => {
  it('are this machine itself only under its own names', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) assert.ok(isLoopback(host), host);
    for (const host of ['127.0.0.1.evil.com', 'localhost.evil.com', '10.0.0.1', '::1', ''])
      assert.ok(!isLoopback(host), host);
  });

  it('of Defender are those of its clouds and regions, and nothing that looks like them', () => {
    for (const host of [
      'api.security.microsoft.com',
      'eu.api.security.microsoft.com',
      'api-us3.securitycenter.microsoft.com',
      'api.securitycenter.windows.com',
      'api-gov.securitycenter.microsoft.us',
    ])
      assert.ok(isDefenderApi(host), host);
    for (const host of [
      'api.security.microsoft.com.evil.com',
      'xapi.security.microsoft.com',
      'de.api.security.microsoft.com',
    ])
      assert.ok(!isDefenderApi(host), host);
  });
});

describe('waiting', () => {
  it('began when this round did', () => {
    assert.equal(waitingSince(aRequest({ createdAt: NOW - 5, expiresAt: NOW + 8 * 3_600_000 })), NOW);
    assert.equal(waitingSince(aRequest({ createdAt: NOW - 5, expiresAt: null })), NOW - 5);
    assert.equal(waitingSince(aRequest({ createdAt: NOW - 5, terms: null })), NOW - 5);
  });
});
