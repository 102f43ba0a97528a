import { createHash, randomUUID } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { answer, code, type PrivateAnswer, strong, text } from '../model/notice.ts';
import { type PersonRef, type Platform, personKey } from '../model/person.ts';
import { couldRead } from '../policy/index.ts';
import { retryConflicts } from './changes.ts';
import { type DeletionLine, formatLine, helpFor, type Line, parseLine, type RequestLine } from './command.ts';
import { chatOf, type Deps, namesOf } from './deps.ts';
import { whatCameOfIt } from './open-call.ts';
import { TooMany, takeClickOnce, takeOnce, tooManyClicks, tooManyWords } from './per-person.ts';
import type { Click, TypedLine } from './ports.ts';
import { askedLately, askFirst, asksFirst } from './same-line.ts';
import { storeRequest } from './submit.ts';

/** What one delivery came to, and the word that counts it. */
interface Taken {
  outcome: 'accepted' | 'refused' | 'usage' | 'answered' | 'duplicate';
  /** Null: the answer comes later, privately. */
  answer: PrivateAnswer | null;
}

/**
 * Takes a typed line. What it resolves to is stored already, so it may be acknowledged: a request is in the records, a question is
 * queued. Nothing slow is asked here. Null: the answer follows on the line's private handle.
 */
export async function typed(deps: Deps, line: TypedLine): Promise<PrivateAnswer | null> {
  const parsed = understand(line.text);
  const taken = await take(deps, line, parsed);
  const command = labelOf(parsed);
  deps.metrics.command(line.person.platform, command, taken.outcome);
  return taken.answer !== null && taken.outcome === 'refused' ? { ...taken.answer, refused: true } : taken.answer;
}

/** What metrics call it: a request by its first command. */
function labelOf(parsed: Line | UsageError): string {
  if (parsed instanceof UsageError) return 'unknown';
  if (parsed.kind === 'deletion') return 'library';
  return parsed.kind === 'request' ? (parsed.commands[0]?.kind ?? 'request') : parsed.kind;
}

function understand(words: string): Line | UsageError {
  try {
    return parseLine(words);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

async function take(deps: Deps, line: TypedLine, parsed: Line | UsageError): Promise<Taken> {
  try {
    return await takeCounted(deps, line, parsed);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    return { outcome: 'refused', answer: answer(await tooManyWords(deps, line, error)) };
  }
}

async function takeCounted(deps: Deps, line: TypedLine, parsed: Line | UsageError): Promise<Taken> {
  const refusal = await notHere(deps, line);
  if (refusal !== null) return refused(deps, line, refusal);
  if (parsed instanceof UsageError) {
    const once = await note(deps, line, 'command.not_understood', parsed.message);
    return { outcome: once ? 'usage' : 'duplicate', answer: usageAnswer(line.text, parsed) };
  }
  switch (parsed.kind) {
    case 'request':
    case 'deletion':
      return takeRequest(deps, line, parsed);
    case 'help':
      await note(deps, line, 'command.help', null);
      return { outcome: 'answered', answer: { ...answer('What I understand:'), output: helpFor(parsed.word) } };
    case 'form':
      await note(deps, line, 'command.form', null);
      return {
        outcome: 'answered',
        answer: { ...answer('Tell me what to run, and where. What I understand:'), output: helpFor(null), form: true },
      };
    default:
      return queueQuestion(deps, line, parsed.kind);
  }
}

/** Why this person gets nothing here, before anything is looked at; null when they may go on. */
async function notHere(deps: Deps, line: TypedLine): Promise<string | null> {
  const policy = deps.policy();
  // Who could be in through a group of the directory goes on to the stage that looks them up; nothing is told before.
  if (!couldRead(policy, line.person)) {
    const ids = [
      ...new Set(policy.approvers.flatMap((name) => [...(policy.groups.get(name)?.users[line.person.platform] ?? [])])),
    ];
    const leads = (await within(namesOf(deps, line.person.platform, ids.slice(0, 3)))).filter((one) => one.known);
    const whom = leads.length === 0 ? 'whoever runs this bot' : leads.map((lead) => lead.name).join(', ');
    return `You aren't among the people who may use live response here. Ask ${whom} to run it, or to be added.`;
  }
  const channels = policy.channels[line.person.platform];
  if (line.channel !== null && !channels.includes(line.channel)) {
    const chat = chatOf(deps, line.person.platform);
    return `I only work in ${channels.map((channel) => chat.channelName(channel)).join(', ')}. Type it there.`;
  }
  return null;
}

/** A platform that is slow to name people must not cost the acknowledgement. */
async function within<T>(names: Promise<T[]>): Promise<T[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T[]>((resolve) => {
    timer = setTimeout(() => resolve([]), 1_000);
  });
  try {
    return await Promise.race([names, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function refused(deps: Deps, line: TypedLine, sentence: string): Promise<Taken> {
  const once = await note(deps, line, 'command.refused', sentence);
  return { outcome: once ? 'refused' : 'duplicate', answer: answer(sentence) };
}

/** An audit entry for what led to nothing; false when this delivery was taken before. */
async function note(deps: Deps, line: TypedLine, action: string, why: string | null): Promise<boolean> {
  return deps.store.transaction(async (tx) => {
    if (!(await takeOnce(tx, deps, line, action))) return false;
    await tx.audit({
      actor: line.person,
      action,
      data: {
        ...{ line: line.text.slice(0, 2_000), channel: line.channel, policy: deps.policy().hash },
        ...(why === null ? {} : { why }),
      },
    });
    return true;
  });
}

/** What was wrong, where, and a line that would work. */
function usageAnswer(typedText: string, error: UsageError): PrivateAnswer {
  const around =
    typedText.trim() === '' ? [] : [`${typedText}`, `${' '.repeat(Math.min(error.position, typedText.length))}^`];
  const pointed = typedText.length <= 120 && !/[^\x20-\x7e]/.test(typedText) ? around : [];
  return { ...answer(error.message, [text('This would work: '), code(error.example)]), output: pointed };
}

async function takeRequest(deps: Deps, line: TypedLine, asked: RequestLine | DeletionLine): Promise<Taken> {
  const chat = chatOf(deps, line.person.platform);
  const home = deps.policy().channels[line.person.platform][0];
  const channel = line.channel ?? home;
  if (channel === undefined)
    return refused(deps, line, 'The policy names no channel of this platform, so there is nowhere to ask.');
  const place = line.place ?? chat.placeIn(channel);
  const canonical = formatLine(asked);
  return retryConflicts(async () => {
    const now = deps.clock.now();
    const before = await askedLately(deps, line.person, canonical);
    const request = await deps.store.transaction(async (tx) => {
      if (!(await takeOnce(tx, deps, line, 'request'))) return 'duplicate' as const;
      const again = {
        actor: line.person,
        action: 'command.repeated',
        data: { line: canonical, channel: line.channel },
      };
      if (asksFirst(before)) {
        await tx.audit({ ...again, requestId: before.id });
        return askFirst(before, now);
      }
      if (before === null && !(await tx.takeDelivery(sameLineKey(line.person, canonical, now)))) {
        await tx.audit(again);
        return 'twin' as const;
      }
      return storeRequest(tx, deps, asked, { ...line, channel, place, typedIn: line.channel });
    });
    if (request === 'duplicate' || request === 'twin') return twin(deps, line, canonical, request);
    if ('lines' in request) return { outcome: 'duplicate', answer: request };
    return { outcome: 'accepted', answer: gotIt(request.id) };
  });
}

/** Two of the same line in the same moment, on two instances: the key makes one wait for the other. */
function sameLineKey(person: PersonRef, line: string, now: number): string {
  const hash = createHash('sha256').update(line).digest('hex').slice(0, 32);
  return `line:${personKey(person)}:${hash}:${Math.floor(now / 1000)}`;
}

async function twin(deps: Deps, line: TypedLine, canonical: string, kind: 'duplicate' | 'twin'): Promise<Taken> {
  const before = await deps.store.sameLine(line.person, canonical, deps.clock.now() - 10 * 60_000);
  if (before === null) return { outcome: 'duplicate', answer: answer('I have this already.') };
  return {
    outcome: 'duplicate',
    answer: kind === 'duplicate' ? gotIt(before.id) : askFirst(before, deps.clock.now()),
  };
}

function gotIt(id: string): PrivateAnswer {
  return answer([text('Got it, '), strong(id), text('.')]);
}

/** Questions need a look at people, records or Defender: stored and answered a moment later. */
async function queueQuestion(deps: Deps, line: TypedLine, kind: string): Promise<Taken> {
  const stored = await deps.store.transaction(async (tx) => {
    if (!(await takeOnce(tx, deps, line, kind))) return false;
    const id = randomUUID();
    await tx.insertInbound({ id, platform: line.person.platform, line, createdAt: deps.clock.now() });
    await tx.enqueue({ queue: `look_up.${line.person.platform}`, id });
    return true;
  });
  return { outcome: stored ? 'answered' : 'duplicate', answer: null };
}

const HAD_IT = answer('I have that click already. The card shows what came of it.');

/**
 * Takes a click: stored, once per delivery, before it is acknowledged. What came of it is on the card, or answered privately;
 * on a platform that holds the call open it is awaited so long.
 */
export async function clicked(deps: Deps, click: Click): Promise<PrivateAnswer | null> {
  try {
    return await takeClick(deps, click);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    return answer(await tooManyClicks(deps, click, error));
  }
}

async function takeClick(deps: Deps, click: Click): Promise<PrivateAnswer | null> {
  const id = randomUUID();
  const stored = await deps.store.transaction(async (tx) => {
    if (!(await takeClickOnce(tx, deps, click))) return false;
    await tx.insertInbound({ id, platform: click.person.platform, click, createdAt: deps.clock.now() });
    await tx.enqueue({ queue: `decide.${click.person.platform}`, id });
    return true;
  });
  if (click.openUntil === null) return null;
  return stored ? whatCameOfIt(deps, id, click.openUntil) : HAD_IT;
}

/** Has a private answer to a delivery delivered, once, for a platform that can't give it as the acknowledgement itself. */
export async function tell(
  deps: Deps,
  platform: Platform,
  said: { to: string; delivery: string; answer: PrivateAnswer },
): Promise<void> {
  await deps.store.transaction(async (tx) => {
    if (!(await tx.takeDelivery(`told:${said.delivery}`))) return;
    await tx.enqueue({
      queue: `answer.${platform}`,
      id: await tx.insertAnswer({ platform, to: said.to, answer: said.answer }),
    });
  });
}

/** The bot was taken out of a channel. What it can't post from now on is stopped where it is tried. */
export async function removed(deps: Deps, platform: Platform, channel: string, by: PersonRef | null): Promise<void> {
  deps.log.warn({ platform }, 'the bot was taken out of a channel');
  await deps.store.transaction((tx) =>
    tx.audit({ actor: by ?? 'bot', action: 'channel.removed', data: { platform, channel } }),
  );
}
