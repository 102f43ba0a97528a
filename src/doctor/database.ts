import type { FolderLook, Look } from '../store/self-check.ts';
import { failed, notChecked, ok, type Say, warning } from './finding.ts';
import type { Settings } from './settings.ts';

const CHECK = 'Database';
/** What the job engine asks for, by PostgreSQL's own number. */
const OLDEST = 130_000;

/** What the bot remembers in its database, by key; null where it can't be read. */
export type Memory = ReadonlyMap<string, unknown> | null;
const NOTHING_YET: Memory = new Map();

/** Looks at the database without changing it. Resolves to what the bot remembers there. */
export async function checkDatabase(settings: Settings, patience: number, say: Say): Promise<Memory> {
  const { database } = settings;
  if (database === undefined) {
    say(notChecked(CHECK, 'neither DATABASE_URL nor DATA_DIR can be used'));
    return null;
  }
  const { lookAtFolder, lookAtPostgres } = await import('../store/self-check.ts');
  if (database.kind === 'embedded') {
    say(
      warning(
        CHECK,
        'DATA_DIR: the embedded database survives a crash, but no power cut, and serves one process.',
        'For production set DATABASE_URL to a PostgreSQL instead.',
      ),
    );
    return tellFolder(await lookAtFolder(database.folder), database.folder, say);
  }
  return tellPostgres(await lookAtPostgres(database.url, patience), say);
}

function tellPostgres(look: Look, say: Say): Memory {
  if (look.version < OLDEST) {
    say(failed(CHECK, `PostgreSQL ${nameOf(look.version)} is too old.`, 'Use PostgreSQL 13 or newer.'));
  }
  if (look.replica) {
    say(failed(CHECK, 'The server is a replica that takes no changes.', 'Let DATABASE_URL name the primary server.'));
  }
  if (look.pending.length > 0 && !look.mayCreate) {
    const mend = 'Grant CREATE on the database and on its schema, or make the user the owner of the database.';
    say(failed(CHECK, 'The user may not create the tables that are missing.', mend));
  }
  tellTables(look, `PostgreSQL ${nameOf(look.version)} answers`, say);
  return look.settings;
}

function nameOf(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`;
}

function tellTables(look: Look, who: string, say: Say): void {
  if (look.unknown.length > 0) {
    const what = `${who}, but it was used by a newer version of this bot (it knows ${look.unknown.join(', ')}).`;
    say(failed(CHECK, what, 'Start that version, or restore a backup from before it.'));
  } else if (look.applied.length === 0) {
    say(ok(CHECK, `${who}; it is empty, and the first start makes its tables.`));
  } else if (look.pending.length > 0) {
    const what = `${who}; its tables are of an older version and lack ${look.pending.join(', ')}.`;
    say(warning(CHECK, what, 'The next start brings them up to date; make a backup before.'));
  } else {
    const bots = look.connections > 0 ? ', and a bot is at work on it' : '';
    say(ok(CHECK, `${who}; its tables are up to date${bots}.`));
  }
}

function tellFolder(found: FolderLook, folder: string, say: Say): Memory {
  switch (found.state) {
    case 'missing':
      if (found.creatable) say(ok(CHECK, `${folder} isn't there yet; the first start makes it.`));
      else {
        const mend = 'Make it, writable for the user of the bot, or set another DATA_DIR.';
        say(failed(CHECK, `DATA_DIR: ${folder} isn't there, and this user may not make it.`, mend));
      }
      return NOTHING_YET;
    case 'no_folder':
      say(failed(CHECK, `DATA_DIR: ${folder} is no folder that this user can look into.`, 'Set another DATA_DIR.'));
      return null;
    case 'not_ours':
      say(failed(CHECK, `DATA_DIR: this user may not read and write ${folder}.`, 'Give it to the user of the bot.'));
      return null;
    case 'held':
      say(ok(CHECK, `${folder} is in use by ${found.by}, so a bot is at work on it and its tables are up to date.`));
      return null;
    case 'empty':
      say(ok(CHECK, `${folder} holds no database yet; the first start makes it.`));
      return NOTHING_YET;
    case 'large': {
      const what = `${folder} holds ${Math.round(found.size / 1024 ** 2)} MB, too much to look into it aside.`;
      say(warning(CHECK, what, 'Move to DATABASE_URL; a shorter retention in the policy makes it smaller.'));
      return null;
    }
    case 'no_room': {
      const what = `${folder} could not be looked into: that takes a copy, and there is no room for temporary files.`;
      say(warning(CHECK, what, 'Set TMPDIR to a folder with room, and look again.'));
      return null;
    }
    case 'open':
      tellTables(found.look, `The database in ${folder} can be read`, say);
      return found.look.settings;
  }
}
