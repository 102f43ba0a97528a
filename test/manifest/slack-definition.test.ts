import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { slackManifest } from '../../src/manifest/slack.ts';

const here = (path: string): string => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const url = 'https://live.contoso.com';

/**
 * Slack publishes what a manifest is as types in its SDK: keys, scopes, events. They are stricter than its JSON schema, which takes any
 * word for a scope. So each manifest becomes a line of TypeScript, and the compiler says what is wrong.
 */
describe("Slack's own definition of a manifest", function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'liveresponse-definition-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function mistakes(manifests: readonly string[]): string {
    const definition = JSON.stringify(here('@slack/web-api/dist/types/request/manifest.js'));
    // The definition takes any key at the top; what we write there is named in full.
    const keys = "'_metadata' | 'display_information' | 'features' | 'oauth_config' | 'settings'";
    const lines = manifests.map(
      (text, i) => `export const m${i}: Pick<Manifest, ${keys}> = ${text.replace(/\n\s*/g, ' ')};`,
    );
    writeFileSync(join(folder, 'm.ts'), [`import type { Manifest } from ${definition};`, ...lines].join('\n'));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', ''];
    const args = [here('typescript/bin/tsc'), ...options, 'm.ts'];
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout;
  }

  it('fits the manifests for HTTP and for Socket Mode, and would not fit much else', () => {
    const http = slackManifest(url);
    const socket = slackManifest(url, { socket: true });
    assert.equal(mistakes([http, socket]), '');
    const wrong = [
      http.replace('"users:read"', '"users:peek"'),
      http.replace('"app_mention"', '"app_mentioned"'),
      http.replace('"command":', '"comand":'),
      socket.replace('"socket_mode_enabled": true', '"socket_mode_enabled": "yes"'),
      socket.replace('"settings"', '"setings"'),
    ];
    const lines = new Set([...mistakes(wrong).matchAll(/^m\.ts\((\d+),/gm)].map(([, line]) => Number(line)));
    assert.deepEqual([...lines].sort(), [2, 3, 4, 5, 6]);
  });
});
