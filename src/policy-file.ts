import { createHash } from 'node:crypto';
import { constants, unwatchFile, watchFile } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, sentenceFor } from './errors.ts';
import { type InForce, putInForce, takeOver } from './flow/policy-in-force.ts';
import { createPolicyWatch } from './flow/policy-watch.ts';
import type { Clock, Log, Metrics, Store, Tx } from './flow/ports.ts';
import type { Platform } from './model/person.ts';
import type { Time } from './model/request.ts';
import { loadPolicy, type Policy } from './policy/index.ts';

/** How often the file is looked at, and how long it must have been left alone before it is read. Milliseconds. */
const TIMING = { look: 2_000, settle: 500 };
/** At the start, a file that changed so lately is read again after this pause, until it stays the same. Milliseconds. */
const START = { young: 2_000, pause: 100 };
/** A file that is never left alone is no policy. */
const MOST_READINGS = 100;
const MOST_BYTES = 2_000_000;
const ADVICE = 'policy.example.yaml is a policy to start from.';
/** Setting under which it is remembered that the text of a policy stands in the audit trail. */
const kept = (hash: string) => `policy:${hash}`;

/** A policy with the words that it was read from. */
export interface ReadPolicy {
  policy: Policy;
  text: string;
}

/** Waits before the file is read once more. */
type Wait = () => Promise<unknown>;

/** Reads and checks the policy file for the start. Throws AppError `policy` with the problems in its message. */
export async function readPolicy(
  file: string,
  platforms: readonly Platform[],
  wait: Wait = () => sleep(START.pause),
): Promise<ReadPolicy> {
  const { text: first, changedAt } = await readText(file);
  const text = Date.now() - changedAt > START.young ? first : await settledText(file, wait, first);
  return { policy: loadPolicy(text, { platforms }), text };
}

/** The file's words once nobody writes them any more: the first half of a policy may be a valid, and lighter, one. */
async function settledText(file: string, wait: Wait, first?: string): Promise<string> {
  let before = first ?? (await readText(file)).text;
  for (let n = 0; n < MOST_READINGS; n++) {
    await wait();
    const { text } = await readText(file);
    if (text === before) return text;
    before = text;
  }
  throw new AppError('policy', `POLICY_FILE: ${file} is being written all the time. Leave it alone for a moment.`);
}

async function readText(file: string): Promise<{ text: string; changedAt: number }> {
  try {
    // Opening a pipe waits for its writer otherwise, for good.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await handle.stat();
      const trouble = stat.isFile() ? stat.size > MOST_BYTES && 'is larger than 2 MB' : 'is not a regular file';
      if (trouble !== false) throw new AppError('policy', `POLICY_FILE: ${file} ${trouble}. ${ADVICE}`);
      return { text: await handle.readFile('utf8'), changedAt: stat.mtimeMs };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('policy', `POLICY_FILE: ${file} can't be read. ${ADVICE}`, { cause });
  }
}

export interface PolicyFileOptions {
  file: string;
  platforms: readonly Platform[];
  /** The policy that the bot started with. */
  first: ReadPolicy;
  store: Pick<Store, 'transaction'>;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'policyValid' | 'policyInForce'>;
  /**
   * A policy is in force, since this time: the first one at the start, since what is open may be of an earlier one, each one after, and
   * one that is in force again after that of another instance. May be told more than once.
   */
  inForce(policy: Policy, since: Time): void;
  timing?: { look: number; settle: number };
}

/** The policy that this instance runs. It changes as a whole or not at all: a file that is broken, or gone, keeps the one before. */
export interface PolicyFile {
  current(): Policy;
  /** Records the first policy and looks for changes from now on. */
  start(): Promise<void>;
  /** Reads the file now, because somebody asked for it, and once it is left alone. Never throws. */
  reload(): Promise<void>;
  /**
   * Looks which policy decides for all instances. Where it is another one, the file is read again; when nobody runs the other one any
   * more, ours takes its place. To be called again and again.
   */
  agree(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates the policy in force out of its file. */
export function createPolicyFile(options: PolicyFileOptions): PolicyFile {
  const { file, log, metrics, store, clock } = options;
  const timing = options.timing ?? TIMING;
  let loaded = options.first;
  let loading: string | null = null;
  let refused: string | null = null;
  let reading: Promise<void> = Promise.resolve();
  const stopping = new AbortController();

  /** One reading after the other, so that the last one that was asked for decides. */
  function read(why: 'SIGHUP' | 'change'): Promise<void> {
    reading = reading
      .then(() => take(why))
      .catch((error: unknown) => {
        if (stopping.signal.aborted) return;
        log.error({ error }, 'the policy file could not be taken over; trying again');
        setTimeout(look, timing.look).unref();
      });
    return reading;
  }

  async function take(why: 'SIGHUP' | 'change'): Promise<void> {
    let words: string;
    try {
      words = await settledText(file, settle);
    } catch (error) {
      if (stopping.signal.aborted) return;
      return refuse(why, 'unreadable', sentenceFor(error));
    }
    const hash = createHash('sha256').update(words).digest('hex');
    if (hash === loaded.policy.hash) return settled();
    let policy: Policy;
    try {
      policy = loadPolicy(words, { platforms: options.platforms });
    } catch (error) {
      return refuse(why, hash, sentenceFor(error));
    }
    const since = await change({ policy, text: words }, why);
    settled();
    log.info({ policy: policy.hash, why }, 'another policy is in force');
    options.inForce(policy, since);
  }

  /** The one loaded last decides for all instances. */
  function load(fresh: ReadPolicy, why: string): Promise<InForce> {
    return store.transaction(async (tx) => {
      const inForce = await putInForce(tx, fresh.policy.hash, clock.now());
      await keep(tx, fresh, why);
      return inForce;
    });
  }

  async function succeed(seen: InForce): Promise<void> {
    const ours = loaded;
    const taken = await store.transaction(async (tx) => {
      const inForce = await takeOver(tx, ours.policy.hash, { seen, now: clock.now() });
      if (inForce !== null) await keep(tx, ours, 'takeover');
      return inForce;
    });
    if (taken === null) return;
    log.info(
      { policy: taken.hash, before: seen.hash },
      'no instance runs the policy in force any more; ours is in force',
    );
    options.inForce(ours.policy, taken.since);
  }

  async function change(fresh: ReadPolicy, why: string): Promise<Time> {
    loading = fresh.policy.hash;
    try {
      const { since } = await load(fresh, why);
      loaded = fresh;
      return since;
    } finally {
      loading = null;
    }
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
    const data = { hash, why, problems: sentence, inForce: loaded.policy.hash };
    await store.transaction((tx) => tx.audit({ actor: 'bot', action: 'policy.refused', data }));
  }

  const settle: Wait = () => sleep(timing.settle, undefined, { signal: stopping.signal });
  const look = () => void read('change');
  const watch = createPolicyWatch({
    ...{ store, clock, log, metrics, other: look },
    ours: () => loaded.policy.hash,
    isLoading: (hash) => hash === loading,
    inForce: (since) => options.inForce(loaded.policy, since),
    takeOver: succeed,
  });

  return {
    current: () => loaded.policy,
    async start() {
      metrics.policyValid(true);
      const { since } = await load(loaded, 'start');
      options.inForce(loaded.policy, since);
      watchFile(file, { interval: timing.look, persistent: false }, look);
      // What was written since the first reading is no change to who watches only from now on.
      look();
    },
    reload: () => read('SIGHUP'),
    agree: watch.look,
    async stop() {
      stopping.abort();
      unwatchFile(file, look);
      await reading;
    },
  };
}

/** Who was allowed what must be known later, too: the first load of a text keeps it in the audit trail, later ones name it. */
async function keep(tx: Tx, { policy, text }: ReadPolicy, why: string): Promise<void> {
  const known = (await tx.setting<true>(kept(policy.hash))) === true;
  if (!known) await tx.setSetting(kept(policy.hash), true);
  const data = { hash: policy.hash, why, ...(known ? {} : { text }) };
  await tx.audit({ actor: 'bot', action: 'policy.loaded', data });
}
