import { takeFolder } from '../../src/store/folder-lock.ts';

/**
 * A process that takes a folder's lock and says how it went, one word a line: `held`, `locked`, `lost`. Arguments: folder,
 * beat, silence, grace. Ends when its input does.
 */
const [folder = '', beat, silence, grace] = process.argv.slice(2);
const say = (word: string) => process.stdout.write(`${word}\n`);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const times = { beat: Number(beat), silence: Number(silence), grace: Number(grace) };

try {
  const lock = await takeFolder(folder, log, () => say('lost'), times);
  say('held');
  process.stdin.on('data', (chunk) => {
    if (String(chunk).includes('confirm'))
      lock.confirm().then(
        () => say('confirmed'),
        () => say('refused'),
      );
    if (String(chunk).includes('release')) void lock.release().then(() => process.exit(0));
  });
} catch (error) {
  say((error as { code?: string }).code === 'folder_locked' ? 'locked' : String(error));
  process.exitCode = 3;
}
