import { writeFile } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import { entraCommands } from '../manifest/entra.ts';
import { slackManifest } from '../manifest/slack.ts';
import { teamsPackage } from '../manifest/teams.ts';

/** What `liveresponse manifest` makes. */
export type ManifestKind = 'slack' | 'teams' | 'entra';

interface ManifestOptions {
  url: string;
  /** A file, written over where it exists already. */
  out?: string;
  /** Teams only, instead of TEAMS_APP_ID. */
  appId?: string;
  /** Slack only: for Socket Mode instead of HTTP. */
  socket?: true;
  /** The product's version. */
  version: string;
}

/** A zip is nothing for a terminal, so it always goes to a file. */
const PACKAGE = 'live-response-teams.zip';

/**
 * `liveresponse manifest slack|teams|entra`: writes text to `--out` or standard output, the app package of Teams to `--out` or
 * a file of its own in the current folder. Throws AppError `config` that names the option or variable to mend.
 */
export async function manifest(kind: ManifestKind, options: ManifestOptions, env: NodeJS.ProcessEnv): Promise<void> {
  if (options.socket && kind !== 'slack') {
    throw new AppError('config', `--socket: only manifest slack has a use for it, not manifest ${kind}.`);
  }
  if (kind === 'teams') return await teams(options, env);
  if (options.appId !== undefined) {
    throw new AppError('config', `--app-id: only manifest teams has a use for it, not manifest ${kind}.`);
  }
  const text = kind === 'slack' ? slackManifest(options.url, options) : entraCommands(options.url);
  if (options.out === undefined) process.stdout.write(text);
  else await write(options.out, text);
}

async function teams({ url, out = PACKAGE, appId, version }: ManifestOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const id = appId ?? env.TEAMS_APP_ID;
  if (id === undefined) {
    throw new AppError(
      'config',
      "TEAMS_APP_ID: is missing: the bot's application id. Set it, or give it with --app-id. docs/teams.md tells where it stands.",
    );
  }
  await write(out, teamsPackage({ url, appId: id, version }));
  process.stdout.write(`${out} is ready to be uploaded to Teams; docs/teams.md tells where.\n`);
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new AppError('config', `--out: ${file} can't be written${code}.`, { cause: error });
  }
}
