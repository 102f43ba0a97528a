#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import { AppError } from './errors.ts';
import { slackManifest } from './manifest.ts';

// Each command loads what it needs when it is called: all of it together takes a second.

/** What a command came to: the exit code. Words go to stdout and stderr. */
const program = new Command('liveresponse')
  .description('Microsoft Defender live response from Slack and Microsoft Teams, with an approval')
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
  .description('prove the trail unbroken')
  .action(async (file?: string) => {
    const { auditVerify } = await import('./cli/audit.ts');
    await auditVerify(file);
  });
audit
  .command('export')
  .option('--since <time>', 'ISO time, or a length such as 24h')
  .addOption(new Option('--format <format>').choices(['jsonl', 'csv']).default('jsonl'))
  .description('write the trail out')
  .action(async (options: { since?: string; format: 'jsonl' | 'csv' }) => {
    const { auditExport } = await import('./cli/audit.ts');
    await auditExport(options);
  });

program
  .command('manifest')
  .addArgument(program.createArgument('<platform>').choices(['slack']))
  .requiredOption('--url <url>', 'where the bot is reached: https://bot.example.com')
  .option('--out <file>', 'instead of standard output')
  .description('the app manifest, filled in')
  .action(async (_platform: string, options: { url: string; out?: string }) => {
    const manifest = slackManifest(options.url);
    if (options.out === undefined) process.stdout.write(manifest);
    else await writeFile(options.out, manifest);
  });

try {
  await program.parseAsync();
} catch (error) {
  // At once, whatever of a failed start might still hold the process.
  process.exit(report(error));
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
