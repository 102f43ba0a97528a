import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { downloadSources, isApiHost, isDownloadHost, portalOf } from '../../src/defender/hosts.ts';
import { clientOf } from './stand-in.ts';

const REAL = 'https://api.security.microsoft.com';
const LOCAL = 'http://127.0.0.1:4000';

describe('the hosts of Defender', () => {
  it('of the portal are the commercial one, also for GCC and what is unknown, and that of GCC High', () => {
    for (const host of [
      'api.security.microsoft.com',
      'eu.api.security.microsoft.com',
      'api-gcc.securitycenter.microsoft.us',
    ])
      assert.equal(portalOf(`https://${host}`), 'https://security.microsoft.com');
    assert.equal(portalOf(LOCAL), 'https://security.microsoft.com');
    assert.equal(portalOf('https://api-gov.securitycenter.microsoft.us/'), 'https://security.microsoft.us');
    const { client } = clientOf('https://api-gov.securitycenter.microsoft.us');
    assert.equal(client.portalUrl('a/b'), 'https://security.microsoft.us/machines/a%2Fb');
    client.close();
  });

  it('of the API are those of all regions and clouds, over https', () => {
    for (const host of [
      'api.security.microsoft.com',
      'eu.api.security.microsoft.com',
      'api.securitycenter.microsoft.com',
      'api.securitycenter.windows.com',
      'api-us3.securitycenter.microsoft.com',
      'api-gcc.securitycenter.microsoft.us',
      'api-gov.securitycenter.microsoft.us',
    ]) {
      assert.ok(isApiHost(`https://${host}/api/machines?$skip=1`, REAL), host);
      assert.ok(!isApiHost(`http://${host}/api/machines`, REAL), host);
      assert.ok(!isApiHost(`https://${host}:8443/api/machines`, REAL), host);
      assert.ok(!isApiHost(`https://${host}.evil.example/`, REAL), host);
      assert.ok(!isApiHost(`https://${host}@evil.example/`, REAL), host);
      assert.ok(!isApiHost(`https://evil.example/${host}`, REAL), host);
      assert.ok(!isApiHost(`https://${host}/api/machines`, LOCAL), host);
    }
    assert.ok(!isApiHost('https://x.security.microsoft.com/', REAL));
    assert.ok(!isApiHost('/api/machines', REAL));
  });

  it('of downloads are those of Azure storage, over https', () => {
    for (const host of ['a1.blob.core.windows.net', 'x.core.windows.net', 'a.blob.core.usgovcloudapi.net']) {
      assert.ok(isDownloadHost(`https://${host}/b?sig=1`, REAL), host);
      assert.ok(!isDownloadHost(`http://${host}/b`, REAL), host);
      assert.ok(!isDownloadHost(`https://u:p@${host}/b`, REAL), host);
      assert.ok(!isDownloadHost(`https://${host}/b`, LOCAL), host);
    }
    for (const url of [
      'https://core.windows.net.evil.example/',
      'https://evilcore.windows.net/',
      'javascript:alert(1)',
    ]) {
      assert.ok(!isDownloadHost(url, REAL), url);
    }
  });

  it('are on loopback only with a stand-in', () => {
    for (const url of ['http://127.0.0.1:9/x', 'http://localhost:9/x', 'http://[::1]:9/x']) {
      assert.ok(isDownloadHost(url, LOCAL), url);
      assert.ok(isApiHost(url, LOCAL), url);
      assert.ok(!isDownloadHost(url, REAL), url);
      assert.ok(!isApiHost(url, REAL), url);
    }
    assert.ok(!isDownloadHost('http://127.0.0.1.evil.example/', LOCAL));
  });

  it('of downloads are told to the results page as sources', () => {
    assert.deepEqual(downloadSources(REAL), ['https://*.core.windows.net', 'https://*.core.usgovcloudapi.net']);
    assert.ok(downloadSources(LOCAL).every((source) => source.startsWith('http://')));
  });
});
