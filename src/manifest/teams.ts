import { strToU8, zipSync } from 'fflate';
import { AppError } from '../errors.ts';
import { fillTemplate, readTemplate } from './template.ts';

/** What is filled into the app manifest of Teams. */
export interface TeamsApp {
  /** The origin that people reach: https, a host, no path. */
  url: string;
  /** The bot's application id in Entra, a GUID; it is the id of the app in Teams as well. */
  appId: string;
  /** Semantic version of the product. */
  version: string;
}

const PLACEHOLDER = { appId: '00000000-0000-0000-0000-000000000000', version: '0.0.0' };
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Teams' app manifest as JSON. Throws AppError `config` for an address that Teams couldn't call and for an id that isn't one of
 * an application. Of the version only major, minor and patch are kept: Teams refuses an upload with more.
 */
export function teamsManifest({ url, appId, version }: TeamsApp): string {
  if (!GUID.test(appId)) {
    throw new AppError(
      'config',
      `The bot's application id must be an id like ${PLACEHOLDER.appId}: give it with --app-id or TEAMS_APP_ID.`,
    );
  }
  return fillTemplate('teams.json', url, 'Teams')
    .replaceAll(PLACEHOLDER.appId, appId.toLowerCase())
    .replaceAll(PLACEHOLDER.version, version.replace(/[-+].*$/, ''));
}

/** The app package that Teams takes as it is: a zip of the manifest and both icons, all at its root. Throws like `teamsManifest`. */
export function teamsPackage(app: TeamsApp): Uint8Array {
  const files = {
    'manifest.json': strToU8(teamsManifest(app)),
    'color.png': new Uint8Array(readTemplate('icons/color.png')),
    'outline.png': new Uint8Array(readTemplate('icons/outline.png')),
  };
  // Zip has local time, and its calendar begins with 1980: always the same, so that the same app is the same bytes everywhere.
  return zipSync(files, { mtime: new Date(1980, 0, 1), level: 9 });
}
