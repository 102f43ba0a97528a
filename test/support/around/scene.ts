import { AppError } from '../../../src/errors.ts';
import type { Deps } from '../../../src/flow/deps.ts';
import { clicked, typed } from '../../../src/flow/inbox.ts';
import type { Defender, Job } from '../../../src/flow/ports.ts';
import { createResults } from '../../../src/flow/results.ts';
import { tick, watchInTurn } from '../../../src/flow/tick.ts';
import type { Request } from '../../../src/model/request.ts';
import { stage } from '../../../src/work.ts';
import { libraryFile, machine, scriptResult } from '../fake-defender.ts';
import type { World } from '../world.ts';
import { type Event, MACHINES, SCRIPTS, type Step } from './events.ts';
import { type Says, textOf } from './rules.ts';
import { Witness } from './witness.ts';

const BETWEEN = 12_000;

/** Two instances on one store, and a witness at every way to Defender. */
export class Scene {
  readonly witness: Witness;
  readonly #world: World;
  readonly #instances: readonly [Deps, Deps];
  #says: Says;
  #count = 0;

  constructor(world: World, says: Says) {
    this.#world = world;
    this.#says = says;
    this.witness = new Witness(world);
    world.policy(textOf(says));
    world.defender.machines = MACHINES.map((name, index) => machine({ id: `${index}`.repeat(40), name, tags: [] }));
    world.defender.files = SCRIPTS.map((fileName) => libraryFile({ fileName }));
    world.defender.results.set('*', scriptResult());
    const defender = guarded(world.defender, this.witness);
    this.#instances = [
      { ...world.deps, defender },
      { ...world.deps, defender },
    ];
    this.witness.changed(says, true);
  }

  /** One event, and the work that is done after it. */
  async step({ event, instance, jobs, together }: Step): Promise<void> {
    this.#world.advance(BETWEEN);
    const named = 'user' in event ? { ...event, user: this.#named(event.user) } : event;
    await this.#happen(named, this.#instances[instance]);
    this.witness.changed(this.#says, false);
    for (let left = jobs; left > 0 && this.#world.jobs.length > 0; left -= 1) {
      const [first, second] = this.#world.jobs.splice(0, together ? 2 : 1);
      const others = this.#instances[1 - instance] as Deps;
      await Promise.all([this.#work(this.#instances[instance], first), this.#work(others, second)]);
    }
    await this.#lookAround();
    if (this.#world.jobs.length === 0) this.witness.changed(this.#says, true);
  }

  #named(user: string): string {
    const { analysts, leads } = this.#says;
    if (user === 'the analyst') return analysts[0] ?? '';
    return user.startsWith('the ') ? (leads[user === 'the first lead' ? 0 : 1] ?? leads[0] ?? '') : user;
  }

  async #work(deps: Deps, job: Job | undefined): Promise<void> {
    if (job === undefined || job.queue.startsWith('report')) return;
    try {
      await stage(deps, job);
    } catch (error) {
      // The engine tries again what failed outside; a move that the table lacks, or a bug, is never right.
      if (!(error instanceof AppError) || error.code === 'transition')
        this.witness.violations.push(`${job.queue}: ${error}`);
    }
  }

  async #lookAround(): Promise<void> {
    const requests = await this.#world.store.requestsBy({ limit: 100 });
    await this.#world.store.transaction(async (tx) => {
      for (const { id } of requests) await this.witness.look(tx, id);
      this.witness.pausedNow((await tx.setting('paused')) !== null);
    });
  }

  async #happen(event: Event, deps: Deps): Promise<void> {
    const { defender, chat } = this.#world;
    switch (event.do) {
      case 'ask':
        this.witness.asked(event.user);
        return this.#type(deps, event.user, `run ${event.machine} ${event.script}${event.options}`);
      case 'delete':
        this.witness.asked(event.user);
        return this.#type(deps, event.user, `library delete ${event.script}`);
      case 'press':
        return this.#press(deps, event);
      case 'say':
        return this.#say(deps, event);
      case 'open':
        return this.#open(deps, event.link);
      case 'policy':
        this.#says = event.says;
        return this.#world.policy(textOf(event.says));
      case 'standing':
        this.witness.standing(event.user, !event.guest);
        return void chat.standings.set(event.user, event.guest ? 'guest' : 'member');
      case 'tag':
        return void Object.assign(defender.machines[event.machine] ?? {}, { tags: event.tier0 ? ['tier0'] : [] });
      case 'upload': {
        const file = libraryFile({ fileName: SCRIPTS[event.file] ?? '', sha256: event.digest });
        defender.files = [...defender.files.filter(({ fileName }) => fileName !== file.fileName), file];
        return;
      }
      case 'answers':
        return this.#plan(event.how);
      case 'machine':
        return this.#goOn(event.status);
      case 'pass':
        this.#world.advance(event.minutes * 60_000);
        this.witness.changed(this.#says, false);
        await tick(deps);
        return watchInTurn(deps).catch(() => undefined);
      case 'lose':
        return this.#world.lose();
    }
  }

  async #type(deps: Deps, user: string, text: string): Promise<void> {
    this.#count += 1;
    const person = { platform: 'slack' as const, id: user, tenant: 'T0CONTOSO', name: user };
    const here = { channel: 'C0SOC', place: 'C0SOC', thread: null };
    await typed(deps, { delivery: `typed-${this.#count}`, person, ...here, text, replyTo: `to-${user}` });
  }

  /** One of the newest requests; the same number means the same one as long as none is added. */
  async #chosen(on: number): Promise<Request | undefined> {
    const requests = await this.#world.store.requestsBy({ limit: 6 });
    return requests[on % Math.max(1, requests.length)];
  }

  async #press(deps: Deps, { user, button, on, roundsBack, channel }: Extract<Event, { do: 'press' }>): Promise<void> {
    const request = await this.#chosen(on);
    if (request === undefined) return;
    const round = request.round - roundsBack;
    const run = await this.#world.store.transaction((tx) => tx.run(`${request.id}.1`));
    const attempt = `${request.id}.1:${run?.attempt ?? 1}`;
    const decides = button === 'approve' || button === 'deny';
    const id = decides ? `${request.id}:${round}` : button.startsWith('it_') ? attempt : request.id;
    if (channel === 'C0SOC' || !decides) this.witness.pressed(user, button, request.id, round);
    if (button === 'ask_again') this.witness.asked(user);
    this.#count += 1;
    const person = { platform: 'slack' as const, id: user, tenant: 'T0CONTOSO', name: user };
    const from = { delivery: `click-${this.#count}`, person, channel, words: null, openUntil: null };
    await clicked(deps, { ...from, action: button, id, replyTo: `to-${user}` });
  }

  async #say(deps: Deps, { user, words, on }: Extract<Event, { do: 'say' }>): Promise<void> {
    if (words === 'pause' || words === 'resume') return this.#type(deps, user, words);
    const request = await this.#chosen(on);
    if (request === undefined) return;
    this.witness.pressed(user, words, request.id, request.round);
    if (words === 'again') this.witness.asked(user);
    await this.#type(deps, user, `${words} ${request.id}`);
  }

  /** Somebody follows a link that they were given, whenever that was. */
  async #open(deps: Deps, link: number): Promise<void> {
    const links = this.#world.chat.answers.flatMap(({ to, answer }) =>
      answer.lines.flat().flatMap((span) => (span.kind === 'link' ? [{ user: to.slice(3), url: span.url }] : [])),
    );
    const chosen = links.filter(({ url }) => url.includes('/results/'))[link % Math.max(1, links.length)];
    if (chosen === undefined) return;
    this.witness.opening = { user: chosen.user, at: this.#world.now() };
    await createResults(deps).file(chosen.url.split('/results/')[1] ?? '', 0);
    this.witness.opening = null;
  }

  #plan(how: Extract<Event, { do: 'answers' }>['how']): void {
    if (how === 'unclear') this.#world.defender.next({ outcome: 'unclear', why: 'reset' });
    else if (how === 'busy') this.#world.defender.next({ outcome: 'busy', message: 'busy' });
    else this.#world.defender.next({ outcome: 'throttled', retryAfter: 1_000, sessions: false });
  }

  #goOn(status: Extract<Event, { do: 'machine' }>['status']): void {
    const { defender } = this.#world;
    const action = defender.list.find((one) => one.status === 'Pending' || one.status === 'InProgress');
    if (action === undefined) return;
    const state = status === 'InProgress' ? 'InProgress' : status === 'Failed' ? 'Failed' : 'Completed';
    defender.go(action.id, status, [{ status: state, startedAt: this.#world.now() }]);
  }
}

/** Defender with the witness in front of everything that does something there or gives something away. */
function guarded(defender: World['defender'], witness: Witness): Defender {
  return {
    ...defender,
    findMachines: async (query) => defender.machines.filter(({ name, id }) => name.startsWith(query) || id === query),
    submit: async (machineId, body, gate) => {
      if (!gate()) return { outcome: 'not_sent', why: 'too late' };
      await witness.sent(machineId, body.Comment, body.Commands);
      return defender.submit(machineId, body, () => true);
    },
    cancel: async (actionId, comment) => {
      await witness.cancelled(comment);
      return defender.cancel(actionId, comment);
    },
    deleteFile: async (fileName, gate) => {
      if (!gate()) return { outcome: 'not_sent', why: 'too late' };
      await witness.deleted(fileName);
      return defender.deleteFile(fileName, () => true);
    },
    resultLink: async (actionId, index, purpose) => {
      witness.opened();
      return defender.resultLink(actionId, index, purpose);
    },
  };
}
