import type { Tx } from '../../../src/flow/ports.ts';
import type { Request } from '../../../src/model/request.ts';
import type { World } from '../world.ts';
import { demandOf, mayAsk, type Says } from './rules.ts';

const MINUTE = 60_000;
/** Nobody approves later than this after a round began, and it starts within as much again. */
const HOURS = 8 * 60 * MINUTE;
/** What was seen of machines, library and people may be so old when a run leaves. */
const SEEN_FOR = 45_000;

/** How the world is between two events. */
interface Facts {
  until: number;
  tags: ReadonlyMap<string, readonly string[]>;
  digests: ReadonlyMap<string, string>;
}

interface Press {
  user: string;
  what: string;
  id: string;
  round: number;
  at: number;
}

/**
 * Sees what people do and how the world changes, and decides from that alone what may reach Defender. Of the records it takes only
 * what a card shows: who asked for what, and which version of the file each round is about.
 */
export class Witness {
  readonly violations: string[] = [];
  readonly counts = { sent: 0, cancelled: 0, deleted: 0, opened: 0 };
  /** Whose link is being opened. */
  opening: { user: string; at: number } | null = null;
  #presses: Press[] = [];
  #askers = new Set<string>();
  #standings: { user: string; member: boolean; at: number }[] = [];
  #rounds = new Map<string, { digest: string | undefined; began: number }>();
  #facts: Facts[] = [];
  /** All that ever was in the library. */
  #versions: Facts[] = [];
  #policies: Says[] = [];
  #pausedBefore = false;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Somebody pressed or typed something about a request, where decisions count. */
  pressed(user: string, what: string, id: string, round: number): void {
    this.#presses.push({ user, what, id, round, at: this.#world.now() });
  }

  /** Somebody asked for something, anew or again. */
  asked(user: string): void {
    this.#askers.add(user);
  }

  standing(user: string, member: boolean): void {
    this.#standings.push({ user, member, at: this.#world.now() });
  }

  /** The world is like this from now on. Where nothing was under way, what was before is over. */
  changed(says: Says, idle: boolean): void {
    const now = this.#world.now();
    for (const facts of this.#facts) facts.until = Math.min(facts.until, now);
    if (idle) this.#facts = this.#facts.filter((facts) => now - facts.until < SEEN_FOR);
    const { machines, files } = this.#world.defender;
    const facts = {
      until: Number.POSITIVE_INFINITY,
      tags: new Map(machines.map(({ id, tags }) => [id, tags])),
      digests: new Map(files.map(({ fileName, sha256 }) => [fileName, sha256])),
    };
    this.#facts.push(facts);
    this.#versions.push(facts);
    this.#policies = idle ? [says] : [...this.#policies, says];
  }

  /** Whether it stood still when the last event was over. */
  pausedNow(paused: boolean): void {
    this.#pausedBefore = paused;
  }

  /** What the cards show now. */
  async look(tx: Pick<Tx, 'request'>, id: string): Promise<Request | null> {
    const request = await tx.request(id);
    if (request === null) return null;
    if (!this.#askers.has(request.requester.id)) this.violations.push(`${id} was asked for by nobody`);
    const key = `${id}:${request.round}`;
    // Before it waits only its author is asked, anew for each version, and nobody has a card.
    if (request.status === 'received' || request.status === 'unconfirmed') return request;
    const digest = request.deletion === undefined ? request.files[0]?.sha256 : request.deletion.file?.sha256;
    if (digest !== undefined && !this.#rounds.has(key)) this.#rounds.set(key, { digest, began: this.#world.now() });
    return request;
  }

  /** A submission leaves. */
  async sent(machineId: string, comment: string, commands: readonly { params: { value: string }[] }[]): Promise<void> {
    this.counts.sent += 1;
    const id = /^\[(LR-\w{6})\.1\]/.exec(comment)?.[1] ?? '';
    const { request, paused } = await this.#world.store.transaction(async (tx) => ({
      request: await this.look(tx, id),
      paused: await tx.setting('paused'),
    }));
    const script = commands[0]?.params.find(({ value }) => value.endsWith('.ps1'))?.value ?? '';
    if (request === null || request.status !== 'approved') this.#wrong(`${id} was sent while ${request?.status}`);
    else if (!request.line.includes(script)) this.#wrong(`${id} was sent as ${script}, not as ${request.line}`);
    else if (paused !== null && this.#pausedBefore) this.#wrong(`${id} was sent in a pause`);
    else if (!this.#someFacts((facts, says) => this.#mayRun(request, script, machineId, facts, says)))
      this.#wrong(`${id} (${request.line}, round ${request.round}) was sent without the right decisions`);
  }

  /** A library file is being deleted. */
  async deleted(fileName: string): Promise<void> {
    this.counts.deleted += 1;
    const requests = await this.#world.store.requestsBy({ status: ['approved'], limit: 100 });
    for (const { id } of requests) await this.#world.store.transaction((tx) => this.look(tx, id));
    const right = requests.some(
      (one) =>
        one.deletion?.fileName === fileName &&
        this.#presses.some(
          (press) => press.what === 'confirm' && press.id === one.id && press.user === one.requester.id,
        ) &&
        this.#someFacts(
          (facts, says) =>
            mayAsk(says, one.requester.id) &&
            this.#isLookedUp(one.requester.id) &&
            this.#approvedFor(one, says, says.approvals, facts.digests.get(fileName)),
        ),
    );
    if (!right) this.#wrong(`${fileName} was deleted without the right decisions`);
  }

  /** Defender is asked to cancel an action. */
  async cancelled(comment: string): Promise<void> {
    this.counts.cancelled += 1;
    const id = /^\[(LR-\w{6})\.1\]/.exec(comment)?.[1] ?? '';
    const request = await this.#world.store.transaction((tx) => this.look(tx, id));
    if (request === null) return this.#wrong(`${id} was cancelled, and is unknown`);
    const wished = this.#presses.some(
      ({ what, id: of, user, at }) =>
        what === 'cancel' &&
        of === id &&
        this.#wasMemberSince(user, at) &&
        (user === request.requester.id || this.#policies.some(({ leads }) => leads.includes(user))),
    );
    const late = this.#world.now() >= request.createdAt + HOURS;
    const changed = this.#hasChanged(request);
    if (!wished && !late && !changed) this.#wrong(`${id} was cancelled though nobody wished it`);
  }

  /** A download link is made. */
  opened(): void {
    this.counts.opened += 1;
    const { user, at } = this.opening ?? { user: '', at: 0 };
    const may = this.#policies.some((says) => mayAsk(says, user)) && this.#isMember(user);
    if (!may || this.#world.now() >= at + 30 * MINUTE) this.#wrong(`${user} opened a result without the right`);
  }

  /** Whether its file was ever another than the round's since it was asked for, or gone. */
  #hasChanged({ id, round, line, createdAt }: Request): boolean {
    const bound = this.#rounds.get(`${id}:${round}`)?.digest;
    return this.#versions.some(({ until, digests }) => {
      const [, digest] = [...digests].find(([fileName]) => line.includes(fileName)) ?? [];
      return until > createdAt && digest !== bound;
    });
  }

  #wrong(sentence: string): void {
    this.violations.push(sentence);
  }

  #someFacts(holds: (facts: Facts, says: Says) => boolean): boolean {
    return this.#facts.some((facts) => this.#policies.some((says) => holds(facts, says)));
  }

  #mayRun(request: Request, script: string, machineId: string, facts: Facts, says: Says): boolean {
    const { requester, reason, round } = request;
    const digest = facts.digests.get(script);
    const demand = demandOf(says, script, digest, facts.tags.get(machineId) ?? []);
    if (demand === null || !mayAsk(says, requester.id) || !this.#isLookedUp(requester.id)) return false;
    if (demand.reason && !/^INC-/.test(reason ?? '')) return false;
    const typed = / --break-glass\b/.test(request.line) && reason !== null && round === 1;
    if (typed && demand.glass && says.glass.includes(requester.id)) return this.#isBound(request, digest);
    return this.#approvedFor(request, says, demand.approvals, digest);
  }

  /** So many people, not who asked, have approved this version in this round, in time. */
  #approvedFor(request: Request, { leads }: Says, approvals: number, digest: string | undefined): boolean {
    const began = this.#rounds.get(`${request.id}:${request.round}`)?.began ?? 0;
    const approvers = this.#presses.filter(
      ({ what, id, round, user, at }) =>
        what === 'approve' &&
        id === request.id &&
        round === request.round &&
        user !== request.requester.id &&
        leads.includes(user) &&
        at < began + HOURS &&
        this.#wasMemberSince(user, at) &&
        this.#isLookedUp(user),
    );
    return this.#isBound(request, digest) && new Set(approvers.map(({ user }) => user)).size >= approvals;
  }

  #isBound({ id, round }: Request, digest: string | undefined): boolean {
    const shown = this.#rounds.get(`${id}:${round}`);
    return shown !== undefined && shown.digest === digest && this.#world.now() < shown.began + 2 * HOURS + MINUTE;
  }

  #isMember(user: string): boolean {
    return this.#standings.findLast((one) => one.user === user)?.member ?? true;
  }

  /** Who asked and who approved is looked up once more before anything is sent. */
  #isLookedUp(user: string): boolean {
    return this.#wasMemberSince(user, this.#world.now() - SEEN_FOR);
  }

  /** A click is judged when it is looked at, so it counts when they were a member at any time since. */
  #wasMemberSince(user: string, at: number): boolean {
    const before = this.#standings.findLast((one) => one.user === user && one.at <= at)?.member ?? true;
    return before || this.#standings.some((one) => one.user === user && one.at > at && one.member);
  }
}
