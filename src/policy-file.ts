import { createHash } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, sentenceFor } from './errors.ts';
import type { Log, Metrics, Store } from './flow/ports.ts';
import type { Platform } from './model/person.ts';
import { loadPolicy, type Policy } from './policy/index.ts';

/** How often the file is looked at, and how long it must have been left alone before it is read. Milliseconds. */
const TIMING = { look: 2_000, settle: 500 };
/** Setting under which it is remembered that the text of a policy stands in the audit trail. */
const kept = (hash: string) => `policy:${hash}`;

/** A policy with the words that it was read from. */
export interface ReadPolicy {
  policy: Policy;
  text: string;
}

/** Reads and checks the policy file. Throws AppError `policy` with every problem in its message. */
export async function readPolicy(file: string, platforms: readonly Platform[]): Promise<ReadPolicy> {
  const text = await readText(file);
  return { policy: loadPolicy(text, { platforms }), text };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new AppError('policy', `POLICY_FILE: ${file} can't be read. policy.example.yaml is a policy to start from.`, {
      cause,
    });
  }
}

export interface PolicyFileOptions {
  file: string;
  platforms: readonly Platform[];
  /** The policy that the bot started with. */
  first: ReadPolicy;
  store: Pick<Store, 'transaction'>;
  log: Log;
  metrics: Pick<Metrics, 'policyValid'>;
  /** After another policy has come into force. */
  changed(): Promise<void>;
  timing?: { look: number; settle: number };
}

/** The policy in force. It changes as a whole or not at all: a file that is broken, or gone, keeps the one before. */
export interface PolicyFile {
  current(): Policy;
  /** Records the first policy and looks for changes from now on. */
  start(): Promise<void>;
  /** Reads the file now, because somebody asked for it. Never throws. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates the policy in force out of its file. */
export function createPolicyFile(options: PolicyFileOptions): PolicyFile {
  const { file, log, metrics, store } = options;
  const timing = options.timing ?? TIMING;
  let current = options.first.policy;
  let refused: string | null = null;
  let reading: Promise<void> = Promise.resolve();
  const stopping = new AbortController();

  /** One reading after the other, so that the last one that was asked for decides. */
  function read(why: 'SIGHUP' | 'change', text: () => Promise<string>): Promise<void> {
    reading = reading
      .then(() => take(why, text))
      .catch((error: unknown) => {
        if (stopping.signal.aborted) return;
        log.error({ error }, 'the policy file could not be taken over; trying again');
        setTimeout(look, timing.look).unref();
      });
    return reading;
  }

  async function take(why: 'SIGHUP' | 'change', text: () => Promise<string>): Promise<void> {
    let words: string;
    try {
      words = await text();
    } catch (error) {
      if (stopping.signal.aborted) return;
      return refuse(why, 'unreadable', sentenceFor(error));
    }
    const hash = createHash('sha256').update(words).digest('hex');
    if (hash === current.hash) return settled();
    let policy: Policy;
    try {
      policy = loadPolicy(words, { platforms: options.platforms });
    } catch (error) {
      return refuse(why, hash, sentenceFor(error));
    }
    await record(store, policy, words, why);
    current = policy;
    settled();
    log.info({ policy: policy.hash, why }, 'another policy is in force');
    await options.changed();
  }

  function settled(): void {
    refused = null;
    metrics.policyValid(true);
  }

  async function refuse(why: string, hash: string, sentence: string): Promise<void> {
    metrics.policyValid(false);
    if (refused === hash && why !== 'SIGHUP') return;
    refused = hash;
    log.error({ file, why, problems: sentence }, 'the policy file is not valid; the policy before stays in force');
    const data = { hash, why, problems: sentence, inForce: current.hash };
    await store.transaction((tx) => tx.audit({ actor: 'bot', action: 'policy.refused', data }));
  }

  /** The file's words once nobody writes them any more: the first half of a policy may be a valid, and lighter, one. */
  async function settledText(): Promise<string> {
    for (let before: string | null = null; ; ) {
      const now = await readText(file);
      if (now === before) return now;
      before = now;
      await sleep(timing.settle, undefined, { signal: stopping.signal });
    }
  }

  const look = () => void read('change', settledText);

  return {
    current: () => current,
    async start() {
      metrics.policyValid(true);
      await record(store, current, options.first.text, 'start');
      watchFile(file, { interval: timing.look, persistent: false }, look);
    },
    reload: () => read('SIGHUP', () => readText(file)),
    async stop() {
      stopping.abort();
      unwatchFile(file, look);
      await reading;
    },
  };
}

/** Who was allowed what must be known later, too: the first load of a text keeps it in the audit trail, later ones name it. */
async function record(store: Pick<Store, 'transaction'>, policy: Policy, text: string, why: string): Promise<void> {
  await store.transaction(async (tx) => {
    const known = (await tx.setting<true>(kept(policy.hash))) === true;
    if (!known) await tx.setSetting(kept(policy.hash), true);
    const data = { hash: policy.hash, why, ...(known ? {} : { text }) };
    await tx.audit({ actor: 'bot', action: 'policy.loaded', data });
  });
}
