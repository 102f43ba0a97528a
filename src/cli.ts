#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { ManifestKind } from './cli/manifest.ts';
import { AppError } from './errors.ts';

// Each command loads what it needs when it is called: all of it together takes a second.

/** What a command came to: the exit code. Words go to stdout and stderr. */
const program = new Command('liveresponse')
  .description('Microsoft Defender live response from Slack and Microsoft Teams, with an approval')
  .version(version())
  .exitOverride()
  .showHelpAfterError();

program
  .command('start')
  .description('run the bot, configured by the environment')
  .action(async () => {
    const { start } = await import('./cli/start.ts');
    await start();
  });

program
  .command('playground')
  .description('the bot with a simulated Slack workspace and Defender tenant, and a page to try it on')
  .action(async () => {
    const { playground } = await import('./playground/index.ts');
    await playground(process.env);
  });

const policy = program.command('policy').description('look at a policy file');
policy
  .command('check')
  .argument('[file]', 'instead of POLICY_FILE')
  .description('validate a policy and name what is surely not meant')
  .action(async (file?: string) => {
    const { policyCheck } = await import('./cli/policy.ts');
    await policyCheck(file);
  });
policy
  .command('explain')
  .argument('<line>', 'as typed in chat: "run ws-042 minidump.ps1"')
  .option('--as <person>', 'the user id of whoever asks')
  .option('--policy <file>', 'instead of POLICY_FILE')
  .description('tell which rule applies and who could approve')
  .action(async (words: string, options: { as?: string; policy?: string }) => {
    const { policyExplain } = await import('./cli/policy.ts');
    await policyExplain(words, options);
  });

const audit = program.command('audit').description('the audit trail');
audit
  .command('verify')
  .argument('[file]', 'an exported trail (JSON lines) instead of the database')
  .option('--anchor <head>', 'a head that an earlier “audit verify” printed: the trail must go on from there')
  .description('prove the trail unbroken')
  .action(async (file: string | undefined, options: { anchor?: string }) => {
    const { auditVerify } = await import('./cli/audit.ts');
    await auditVerify(file, options);
  });
audit
  .command('export')
  .option('--since <time>', 'ISO time, or a length such as 24h')
  .option('--after <head>', 'only what was sealed after the head of an earlier export, with no gap and nothing twice')
  .addOption(new Option('--format <format>').choices(['jsonl', 'csv']).default('jsonl'))
  .description('write the trail out')
  .action(async (options: { since?: string; after?: string; format: 'jsonl' | 'csv' }) => {
    const { auditExport } = await import('./cli/audit.ts');
    await auditExport(options);
  });

audit
  .command('reconcile')
  .option('--since <time>', 'ISO time, or a length such as 24h (default: 30d)')
  .option('--json', 'the same for programs')
  .description("list Defender's live response actions that are none of ours")
  .action(async (options: { since?: string; json?: true }) => {
    const { auditReconcile } = await import('./cli/audit-reconcile.ts');
    await auditReconcile(options, process.env);
  });

program
  .command('doctor')
  .option('--json', 'a list of {check, status, message, mend} instead of lines')
  .option('--send <channel>', 'post a test card to this channel of the policy, by its id')
  .description('look whether everything that the bot needs is there, and tell how to mend what is not')
  .action(async (options: { json?: true; send?: string }) => {
    const { doctor } = await import('./cli/doctor.ts');
    await doctor(options, process.env);
  });

program
  .command('manifest')
  .addArgument(program.createArgument('<kind>', 'slack, teams or entra').choices(['slack', 'teams', 'entra']))
  .requiredOption('--url <url>', 'where the bot is reached: https://bot.example.com')
  .option('--socket', 'slack: for Socket Mode, where the bot calls Slack')
  .option('--app-id <id>', "teams: the bot's application id, instead of TEAMS_APP_ID")
  .option('--out <file>', 'where to write it (text: instead of standard output)')
  .description('the app manifest of Slack, the app package of Teams, the commands that make the Entra applications')
  .action(async (kind: ManifestKind, options: { url: string; socket?: true; appId?: string; out?: string }) => {
    const { manifest } = await import('./cli/manifest.ts');
    await manifest(kind, { ...options, version: version() }, process.env);
  });

try {
  await program.parseAsync();
} catch (error) {
  // At once, whatever of a failed start might still hold the process.
  process.exit(report(error));
}

function version(): string {
  const words = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(words) as { version: string }).version;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof AppError) {
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
