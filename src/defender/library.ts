import NodeCache from 'node-cache';
import type { Defender, Log } from '../flow/ports.ts';
import type { LibraryFile } from '../model/machine.ts';
import type { Api } from './http.ts';
import { readAll } from './pages.ts';
import { libraryFileShape } from './wire.ts';

/** The tenant's live response library, kept for a minute. */
export function createLibrary(deps: { api: Api; log: Log }): Pick<Defender, 'library'> & { close(): void } {
  const cache = new NodeCache({ stdTTL: 60 });
  return {
    async library({ fresh, purpose }) {
      const kept = fresh ? undefined : cache.get<LibraryFile[]>('all');
      if (kept !== undefined) return kept;
      const read = { endpoint: 'library', path: '/libraryfiles', purpose } as const;
      const files = await readAll(deps, read, libraryFileShape, { skipUnreadable: true });
      cache.set('all', files);
      return files;
    },
    close: () => cache.close(),
  };
}
