import { submitActivity } from './activities.ts';
import { checkCard } from './card-check.ts';
import { typedParts } from './card-parts.ts';
import { findAction } from './click.ts';
import type { Oddity } from './deliver.ts';
import { dataOf, type Filled } from './inputs.ts';
import { type Exchange, explain, invoke, messageScene, type Onlooker, seenCard, WENT_WRONG, within } from './invoke.ts';
import { type Json, object, text } from './json.ts';
import type { TalkDeps } from './talk.ts';
import type { TeamsDelivery, TeamsDialog } from './view.ts';

/** A click on an Action.Submit of a message. */
export interface Submit extends Onlooker {
  title?: string;
  index?: number;
  inputs?: Filled;
  /** In place of the button's own data. */
  data?: Json;
}

/** What somebody does with the dialog that is open for them. */
export interface SubmitDialog {
  person: string;
  inputs?: Filled;
  /** Which button, where there are several: by its title, or its place among all actions in the card's JSON. */
  actionTitle?: string;
  index?: number;
  /** In place of the button's data and the inputs. */
  data?: Json;
  oddity?: Oddity;
}

export interface Submitted {
  delivery: TeamsDelivery;
  /** The dialog that is open afterwards, if one is. */
  dialog: TeamsDialog | null;
  /** What Teams shows in place of a dialog, or over it. */
  notice: { text: string; error: boolean } | null;
}

/** Where a client would show the card of a dialog. */
const CARD = 'application/vnd.microsoft.card.adaptive';
const THEME = { theme: 'default' };
const SIZES = ['small', 'medium', 'large'];

/** Clicks on an Action.Submit: a dialog is fetched where the data says so, else the bot gets a message with a value. */
export async function submit(deps: TalkDeps, how: Submit): Promise<Submitted> {
  const { scene, message } = messageScene(deps, how);
  const shown = findAction([seenCard(deps, how.person, message)], 'Action.Submit', how);
  const data = how.data ?? dataOf(shown, how.inputs);
  const what = text(shown.action.title);
  if (object(data.msteams)?.type !== 'task/fetch') {
    const activity = submitActivity(deps.state, scene, data, message);
    const about = { kind: 'submit', what, person: scene.person.id } as const;
    return { delivery: await deps.deliveries.deliver(about, activity, how.oddity), dialog: null, notice: null };
  }
  const value = { data, context: THEME };
  const exchange = await invoke(deps, how, { kind: 'dialog', what, name: 'task/fetch', value });
  return showTask(deps, how, exchange);
}

/** Submits the dialog that is open for somebody. Throws where none is, or where the client would refuse the inputs. */
export async function submitDialog(deps: TalkDeps, how: SubmitDialog): Promise<Submitted> {
  const dialog = deps.state.dialog(how.person);
  if (dialog === null) throw new Error('No dialog is open.');
  const { actionTitle: title, index } = how;
  const which = { ...(title === undefined ? {} : { title }), ...(index === undefined ? {} : { index }) };
  const shown = findAction([dialog.card], 'Action.Submit', which);
  const value = { data: how.data ?? dataOf(shown, how.inputs), context: THEME };
  const who = { ...how, message: dialog.message };
  const what = text(shown.action.title);
  const exchange = await invoke(deps, who, { kind: 'dialog_submit', what, name: 'task/submit', value });
  return showTask(deps, who, exchange);
}

/** Does what the answer to task/fetch or task/submit says. */
function showTask(deps: TalkDeps, who: Onlooker, { delivery, body }: Exchange): Submitted {
  const { state } = deps;
  const result = (notice: Submitted['notice']): Submitted => {
    if (notice) state.addNotice({ person: who.person, message: who.message, ...notice });
    return { delivery, dialog: structuredClone(state.dialog(who.person)), notice };
  };
  const task = within(body, 'task');
  // An answer without a task closes a dialog; there is nothing to close yet when one is fetched.
  if (task === null && delivery.status === 200 && delivery.kind === 'dialog_submit' && isNothing(delivery.body)) {
    state.closeDialog(who.person);
    return result(null);
  }
  if (task?.type === 'message' && typeof task.value === 'string' && task.value !== '') {
    state.closeDialog(who.person);
    return result({ text: task.value, error: false });
  }
  const problems = task?.type === 'continue' ? dialogProblems(deps, task.value) : ['The answer is no task.'];
  if (problems.length > 0) {
    explain(deps, delivery, problems.join(' '));
    return result({ text: WENT_WRONG, error: true });
  }
  const value = within(task, 'value');
  const card = object(value?.card)?.content;
  state.openDialog({ person: who.person, message: who.message, title: text(value?.title), card });
  return result(null);
}

const isNothing = (body: string): boolean => ['', '{}', 'null'].includes(body.trim());

/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/invoking-task-modules */
function dialogProblems(deps: TalkDeps, value: unknown): string[] {
  const info = object(value);
  const card = object(info?.card);
  if (info === null || card?.contentType !== CARD) return ['The dialog has no Adaptive Card.'];
  const sizes = [info.width, info.height].filter((size) => size !== undefined);
  const sized = sizes.every((size) => (typeof size === 'number' && size > 0) || SIZES.includes(text(size)));
  const executes = typedParts(card.content).some(({ type }) => type === 'Action.Execute');
  return [
    ...(text(info.title) === '' ? ['The dialog has no title.'] : []),
    ...(sized ? [] : ['Width and height are pixels, or small, medium or large.']),
    ...(executes ? ['An Action.Execute does nothing in a dialog.'] : []),
    ...checkCard(card.content, (id) => deps.state.person(id) !== null).problems,
  ];
}
