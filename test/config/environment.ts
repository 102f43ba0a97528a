import assert from 'node:assert/strict';
import { type Config, readConfig } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';

export const GUID = '0a1b2c3d-0000-4000-8000-0123456789ab';

/** Everything that has no default, apart from what a test is about. */
const BASE = {
  PUBLIC_URL: 'https://bot.example.com',
  DATA_DIR: './data',
  AUDIT_KEY: 'k'.repeat(32),
  DEFENDER_TENANT_ID: GUID,
  DEFENDER_CLIENT_ID: GUID,
};

export const SLACK = { SLACK_BOT_TOKEN: 'xoxb-1-2-abc', SLACK_SIGNING_SECRET: '0123456789abcdef' };
export const SECRET = { DEFENDER_CLIENT_SECRET: 'a~very.secret-value' };

/** The day on which the tests read, whatever day it is. */
export const TODAY = Date.UTC(2026, 10, 24);

export function read(variables: Record<string, string>): Config {
  return readConfig({ ...BASE, ...variables }, TODAY);
}

/** The problem lines; none when all is accepted. */
export function problems(variables: Record<string, string>): string[] {
  try {
    read(variables);
    return [];
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === 'config', String(error));
    return error.message.split('\n');
  }
}

/** The one problem line. */
export function problem(variables: Record<string, string>): string {
  const [line, ...others] = problems(variables);
  assert.ok(line !== undefined, 'expected a problem');
  assert.deepEqual(others, []);
  return line;
}
