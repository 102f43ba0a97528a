import { AsyncLocalStorage } from 'node:async_hooks';

const hushed = new AsyncLocalStorage<boolean>();
const METHODS = ['error', 'warn', 'log'] as const;

let guests = 0;
let restore = (): void => {};

/**
 * The SDK writes to the console what strangers send it: tokens, bodies, stacks. While somebody holds this, whatever is written
 * from inside of `hush` is dropped; everything else is written as ever. Returns what ends it.
 */
export function installHush(): () => void {
  guests += 1;
  if (guests === 1) restore = patch();
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    guests -= 1;
    if (guests === 0) restore();
  };
}

// biome-ignore-start lint/suspicious/noConsole: the SDK's console is what is hushed here
function patch(): () => void {
  const before = METHODS.map((method) => [method, console[method]] as const);
  for (const [method, write] of before) {
    console[method] = (...words: unknown[]) => {
      if (hushed.getStore() !== true) write.apply(console, words);
    };
  }
  return () => {
    for (const [method, write] of before) console[method] = write;
  };
}
// biome-ignore-end lint/suspicious/noConsole: see above

/** Runs the SDK without its words. */
export function hush<T>(work: () => Promise<T>): Promise<T> {
  return hushed.run(true, work);
}

/** Runs our own work that the SDK calls back, with its words. */
export function aloud<T>(work: () => Promise<T>): Promise<T> {
  return hushed.run(false, work);
}
