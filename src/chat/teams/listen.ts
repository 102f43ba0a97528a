import { createHash } from 'node:crypto';
import type { Click, Clock, Log, Metrics, TypedLine } from '../../flow/ports.ts';
import { answer, type PrivateAnswer, plain } from '../../model/notice.ts';
import type { PersonRef } from '../../model/person.ts';
import { LATE, SLOW, soon, stored } from '../acknowledge.ts';
import { enteredIn, readForm } from '../form.ts';
import type { Inbox } from '../inbox.ts';
import {
  ActionValue,
  type Activity,
  DialogValue,
  kindOf,
  mentionsOf,
  SearchValue,
  SubmitValue,
  tenantOfSender,
} from './activity.ts';
import { readVerb, WHY } from './buttons.ts';
import type { Channels } from './channels.ts';
import { formCard } from './form-card.ts';
import type { Identify } from './identify.ts';
import { choices, dialog, dialogEnds, type HttpAnswer, message, nothingToShow, OK, personalCard } from './invoke.ts';
import type { Places } from './places.ts';
import { REFRESH } from './refresh.ts';
import { renderPersonal } from './render.ts';
import { type ConversationKind, channelOf, isId, writeReplyTo } from './thread.ts';
import { callsMe, typedText } from './typed-text.ts';

/** Choices that Teams shows of a typeahead. */
const CHOICES = 15;
/** Milliseconds within which a typeahead helps; what comes later is not waited for. */
const SUGGEST_WITHIN = 900;
const TITLE = 'Run live response';
const DONE = answer('Done. The card shows it in a moment.');
const TAKEN = answer('I have it. The answer comes in our private chat.');
const OLD_BUTTON = answer('That button is from an older version of me. Ask for a fresh card: show <id>.');

/** What turns activities into typed lines and clicks needs. */
export interface ListenDeps {
  appId: string;
  inbox: Inbox;
  places: Places;
  identify: Identify;
  channels: Pick<Channels, 'see'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** How long a click's answer is waited for: Teams gives a clicker little time. Milliseconds. */
  answerWithin: number;
}

/** Where an activity happened and who acted, after its proof. */
interface Scene {
  activity: Activity;
  person: PersonRef;
  mri: string;
  kind: ConversationKind;
  /** Null in a private chat. */
  channel: string | null;
  replyTo: string;
  delivery: string;
}

/** Turns proved activities into typed lines, clicks, forms and their answers. */
export function createListen(deps: ListenDeps): (activity: Activity) => Promise<HttpAnswer> {
  return async (activity) => {
    await learn(deps, activity);
    const scene = sceneOf(activity);
    if (activity.type === 'installationUpdate' || activity.type === 'conversationUpdate')
      return moved(deps, activity, scene);
    if (scene === null || isMe(deps, activity, activity.from?.id) || activity.from?.role === 'bot') return OK;
    if (activity.type === 'message') return said(deps, scene);
    if (activity.type !== 'invoke') return OK;
    switch (activity.name) {
      case 'adaptiveCard/action':
        return acted(deps, scene);
      case 'application/search':
        return searched(deps, scene);
      case 'task/fetch':
        return dialog(TITLE, formCard());
      case 'task/submit':
        return submitted(deps, scene);
      default:
        return { status: 501, body: null };
    }
  };
}

/** Whether an id is the bot's: `28:` and its application id, or whatever the activity calls its recipient. */
function isMe(deps: Pick<ListenDeps, 'appId'>, activity: Activity, id: string | null | undefined): boolean {
  return Boolean(id) && (id === `28:${deps.appId}` || id === deps.appId || id === activity.recipient?.id);
}

/** Each activity says where Teams is reached now, and who somebody is to it. */
async function learn(deps: ListenDeps, activity: Activity): Promise<void> {
  const { conversation, channelData, serviceUrl, from } = activity;
  const channel = channelData?.channel;
  await deps.places.learn(conversation.id, {
    serviceUrl,
    name: channel?.name ?? null,
    membership: channel?.type ?? channel?.membershipType ?? null,
  });
  const team = channelData?.team?.id ?? channelData?.teamsTeamId;
  if (team && isId(team)) deps.channels.see(team, serviceUrl);
  if (from?.aadObjectId)
    deps.identify.seen(from.aadObjectId.toLowerCase(), { conversation: conversation.id, mri: from.id });
}

function sceneOf(activity: Activity): Scene | null {
  const { from, conversation } = activity;
  if (!from) return null;
  const kind = kindOf(activity);
  // Only Entra's own id names somebody; whoever has none is nobody, whatever else they are called.
  const id = from.aadObjectId ? from.aadObjectId.toLowerCase() : `anonymous:${from.id}`;
  const name = from.name || id;
  return {
    activity,
    person: { platform: 'teams', id, tenant: tenantOfSender(activity).toLowerCase(), name },
    mri: from.id,
    kind,
    channel: kind === 'personal' ? null : channelOf(conversation.id),
    replyTo: writeReplyTo({ conversation: conversation.id, kind, person: id, mri: from.id, name }),
    delivery: `teams:${channelOf(conversation.id)}:${activity.id || fingerprint(activity)}`,
  };
}

/** Teams numbers its activities; one without a number is known by what it says. */
function fingerprint(activity: Activity): string {
  return createHash('sha256').update(JSON.stringify(activity)).digest('hex').slice(0, 32);
}

/** The app was added or taken away. */
async function moved(deps: ListenDeps, activity: Activity, scene: Scene | null): Promise<HttpAnswer> {
  const me = (activity.membersRemoved ?? []).some(({ id }) => isMe(deps, activity, id));
  const gone = activity.type === 'installationUpdate' ? (activity.action ?? '').startsWith('remove') : me;
  const upgraded = activity.action === 'remove-upgrade';
  const isPrivate = kindOf(activity) === 'personal';
  if (gone && !upgraded && !isPrivate)
    await deps.inbox.removed(channelOf(activity.conversation.id), scene?.person ?? null);
  return OK;
}

/** Words, or the button of a client that knows no Action.Execute. */
async function said(deps: ListenDeps, scene: Scene): Promise<HttpAnswer> {
  const { activity } = scene;
  const submit = SubmitValue.safeParse(activity.value);
  if (submit.success) {
    const click = clickOf(scene, submit.data.verb, submit.data, null);
    const outcome = click === null ? OLD_BUTTON : await deps.inbox.clicked(click);
    if (outcome !== null) await answerLater(deps, scene, outcome);
    return OK;
  }
  const name = activity.recipient?.name ?? '';
  const mentions = mentionsOf(activity).map((mention) => ({
    ...mention,
    me: isMe(deps, activity, mention.mentioned.id),
  }));
  const message = { text: activity.text ?? '', textFormat: activity.textFormat ?? '', mentions, name };
  // Where everybody reads, only what is said to the bot is for it, should Teams ever deliver more.
  if (scene.channel !== null && !callsMe(message)) return OK;
  const text = typedText(message);
  const outcome = await deps.inbox.typed(lineOf(scene, text));
  if (outcome !== null) await answerLater(deps, scene, outcome);
  return OK;
}

function answerLater(deps: ListenDeps, scene: Scene, said: PrivateAnswer): Promise<void> {
  return deps.inbox.tell({ to: scene.replyTo, delivery: scene.delivery, answer: said });
}

function lineOf(scene: Scene, text: string): TypedLine {
  const { activity, person, channel, delivery, replyTo } = scene;
  const { id } = activity.conversation;
  return { delivery, person, channel, place: channel && id, thread: channel && id, text, replyTo };
}

function clickOf(scene: Scene, verb: string, data: Record<string, unknown>, openUntil: number | null): Click | null {
  const action = readVerb(verb);
  const { id } = data;
  if (action === null || typeof id !== 'string') return null;
  const why = data[WHY];
  return {
    delivery: scene.delivery,
    person: scene.person,
    // A private chat is a channel here: a decision made there must not pass for one made on the card.
    channel: channelOf(scene.activity.conversation.id),
    action,
    id,
    words: typeof why === 'string' && why.trim() !== '' ? why.trim().slice(0, 300) : null,
    replyTo: scene.replyTo,
    openUntil,
  };
}

/** A button of a card. */
async function acted(deps: ListenDeps, scene: Scene): Promise<HttpAnswer> {
  const parsed = ActionValue.safeParse(scene.activity.value);
  if (!parsed.success) return { status: 400, body: null };
  const { action } = parsed.data;
  const data = action.data ?? {};
  if (action.verb === REFRESH) return refreshed(deps, scene, data);
  const until = deps.clock.now() + deps.answerWithin;
  const click = clickOf(scene, action.verb, data, until);
  if (click === null) return message(OLD_BUTTON);
  const outcome = stored(deps.log, 'teams', () => deps.inbox.clicked(click));
  const words = await soon(outcome, deps.answerWithin + 300);
  return message(words === LATE ? SLOW : (words ?? DONE));
}

/** Somebody looks at a card: they get it with the buttons that are for them. */
async function refreshed(deps: ListenDeps, scene: Scene, data: Record<string, unknown>): Promise<HttpAnswer> {
  if (typeof data.id !== 'string') return nothingToShow();
  const asked = { requestId: data.id, person: scene.person, channel: scene.channel };
  const card = await soon(quietly(deps, deps.inbox.cardFor(asked), null), deps.answerWithin);
  if (card === LATE || card === null) return nothingToShow();
  return personalCard(renderPersonal(card, { mriOf: deps.identify.mriOf }));
}

/** What a form offers while somebody types. */
async function searched(deps: ListenDeps, scene: Scene): Promise<HttpAnswer> {
  const parsed = SearchValue.safeParse(scene.activity.value);
  if (!parsed.success) return { status: 400, body: null };
  const { dataset, queryText, queryOptions } = parsed.data;
  if (dataset !== 'machines' && dataset !== 'library') return choices([]);
  const skip = queryOptions?.skip ?? 0;
  const top = Math.min(queryOptions?.top ?? CHOICES, CHOICES);
  const asked = { person: scene.person, subject: dataset, query: queryText ?? '', limit: skip + top } as const;
  const found = await soon(quietly(deps, deps.inbox.suggest(asked), []), SUGGEST_WITHIN);
  return choices(found === LATE ? [] : found.slice(skip, skip + top));
}

/** A form without help is still a form. */
async function quietly<T>(deps: ListenDeps, work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    deps.log.warn({ platform: 'teams', error }, 'A view could not be made');
    return otherwise;
  }
}

/** The form as filled in: from here on, a typed line. */
async function submitted(deps: ListenDeps, scene: Scene): Promise<HttpAnswer> {
  const values = DialogValue.safeParse(scene.activity.value).data?.data ?? {};
  const form = readForm(values);
  if ('error' in form) return dialog(TITLE, formCard({ ...enteredIn(values), error: form.error }));
  const outcome = stored(deps.log, 'teams', () => deps.inbox.typed(lineOf(scene, form.line)));
  const words = await soon(outcome, deps.answerWithin);
  if (words === LATE) return dialogEnds(SLOW);
  if (words?.refused) {
    const error = words.lines.map(plain).join(' ');
    return dialog(TITLE, formCard({ ...enteredIn(values), error }));
  }
  if (words === null || words.buttons.length === 0) return dialogEnds(words ?? TAKEN);
  // A question has buttons, which a dialog's last words can't have.
  await answerLater(deps, scene, words);
  return dialogEnds(answer('I have a question for you in our private chat.'));
}
