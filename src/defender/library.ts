import NodeCache from 'node-cache';
import type { Defender, Log, Removal } from '../flow/ports.ts';
import type { LibraryFile } from '../model/machine.ts';
import { readAll } from './pages.ts';
import { forbiddenSentence } from './permissions.ts';
import { said } from './read-errors.ts';
import { type SendOnceDeps, type Sent, sendOnce } from './send-once.ts';
import { retryAfter, troubleOf } from './trouble.ts';
import { libraryFileShape } from './wire.ts';

/** The tenant's live response library, kept for a minute. */
export function createLibrary(
  deps: SendOnceDeps & { log: Log },
): Pick<Defender, 'library' | 'deleteFile'> & { close(): void } {
  const cache = new NodeCache({ stdTTL: 60, useClones: false });
  return {
    async library({ fresh, purpose }) {
      const kept = fresh ? undefined : cache.get<LibraryFile[]>('all');
      if (kept !== undefined) return kept;
      const read = { endpoint: 'library', path: '/libraryfiles', purpose } as const;
      // An entry without a name can't be the file that somebody looks for by its name; all others are kept.
      const files = await readAll(deps, read, libraryFileShape, { skipUnreadable: true });
      cache.set('all', files);
      return files;
    },
    async deleteFile(fileName, gate) {
      const path = `/libraryfiles/${encodeURIComponent(fileName)}`;
      const end = await sendOnce(deps, { endpoint: 'library_delete', method: 'DELETE', path, gate });
      // Whatever came of it, what was known of the library before may be wrong.
      cache.del('all');
      return removalOf(end, deps.clock.now());
    },
    close: () => cache.close(),
  };
}

/** What the end of a deletion proves (facts 5: 204, and 404 where there is no such file). */
function removalOf(end: Sent, now: number): Removal {
  if (!('incoming' in end)) {
    if (!end.sent) return { outcome: 'not_sent', why: end.why };
    return { outcome: 'unclear', why: `Defender gave no answer (${end.why})` };
  }
  const { incoming } = end;
  if (incoming.status >= 200 && incoming.status < 300) return { outcome: 'deleted' };
  const trouble = troubleOf(incoming);
  const words = said(trouble);
  switch (incoming.status) {
    case 404:
      // The gateway's says that the address is wrong, the service's that there is no such file.
      return trouble.shape === 'gateway'
        ? { outcome: 'refused', message: `Defender doesn't know this address. Check DEFENDER_API_URL.${words}` }
        : { outcome: 'not_found' };
    case 429:
      return { outcome: 'throttled', retryAfter: retryAfter(incoming, trouble, now) };
    case 400:
      return { outcome: 'refused', message: `Defender doesn't accept the deletion.${words}` };
    case 401:
      return { outcome: 'refused', message: `Defender doesn't accept the application's token.${words}` };
    case 403:
      return {
        outcome: 'refused',
        message: `${forbiddenSentence(trouble, 'library_delete')}${words}`,
      };
    default:
      return { outcome: 'unclear', why: `Defender answered ${incoming.status}, which doesn't say whether it is gone` };
  }
}
