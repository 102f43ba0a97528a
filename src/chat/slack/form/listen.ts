import type { App } from '@slack/bolt';
import { LATE, SLOW, soon, stored } from '../../acknowledge.ts';
import { INPUTS } from '../../form.ts';
import { BlockActions } from '../payload.ts';
import { readAs } from '../unreadable.ts';
import { type Asked, openAsked, openFromButton, openFromShortcut } from './ask.ts';
import { ELSEWHERE, type FormDeps } from './deps.ts';
import { enteredInView } from './entered.ts';
import { optionsFor } from './options.ts';
import { readOrigin } from './origin.ts';
import { Shortcut, Submission, Typing } from './shapes.ts';
import { at, readReason, readSubmission, take, wordsFor } from './submit.ts';
import { ANOTHER, DENIAL, FORM, formView, noticeView, OPEN, REASON, TYPEAHEAD } from './view.ts';
import { personOf, teamsOf } from './who.ts';

/** Milliseconds within which a typeahead helps; what comes later is not waited for. */
const SUGGEST_WITHIN = 900;

/** The form in Slack: what opens it, choices while somebody types, room for more commands, and what becomes of it. */
export function listenToForms(app: App, deps: FormDeps): void {
  app.shortcut(/^liveresponse_/, async ({ body, ack }) => {
    await openInTime(openFromShortcut(readAs(Shortcut, body), deps), deps);
    await ack();
  });

  app.action({ type: 'block_actions', action_id: OPEN }, async ({ body, ack }) => {
    await openInTime(openFromButton(readAs(BlockActions, body), deps), deps);
    await ack();
  });

  app.options(TYPEAHEAD, async ({ body, ack }) => {
    const options = await soon(choicesFor(readAs(Typing, body), deps), SUGGEST_WITHIN);
    await ack({ options: options === LATE ? [] : options });
  });

  app.action({ type: 'block_actions', action_id: ANOTHER }, async ({ body, ack }) => {
    const { view } = readAs(Submission, body);
    await ack();
    const origin = readOrigin(view.private_metadata);
    const roomier = { ...origin, commands: origin.commands + 1 };
    const entered = enteredInView(view.state.values);
    await deps.modals.redraw(view, formView({ entered, origin: roomier, channels: deps.modals.channels() }));
  });

  app.view({ type: 'view_submission', callback_id: FORM }, async ({ body, ack }) => {
    const submission = readAs(Submission, body);
    if (!deps.isHome(teamsOf(submission))) return ack({ response_action: 'update', view: noticeView(ELSEWHERE) });
    const filled = await readSubmission(submission, deps);
    if ('errors' in filled) return ack({ response_action: 'errors', errors: filled.errors });
    const taken = take(filled.line, deps);
    const errors = await soon(taken, deps.ackBy);
    if (errors === LATE) {
      await ack({ response_action: 'update', view: noticeView(SLOW) });
      return deps.tellLater(filled.line.replyTo, wordsFor(taken));
    }
    await (errors === null ? ack() : ack({ response_action: 'errors', errors }));
  });

  const reasonFor = (callback: string, action: 'add_reason' | 'deny_reason') =>
    app.view({ type: 'view_submission', callback_id: callback }, async ({ body, ack }) => {
      const submission = readAs(Submission, body);
      if (!deps.isHome(teamsOf(submission))) return ack({ response_action: 'update', view: noticeView(ELSEWHERE) });
      const click = readReason(submission, action, deps.clock.now());
      if (click.words === null) {
        return ack({ response_action: 'errors', errors: at(INPUTS.reason, 'Say why, in a few words.') });
      }
      const outcome = stored(deps.log, 'slack', () => deps.inbox.clicked(click));
      await soon(outcome, deps.ackBy);
      await ack();
      deps.tellLater(click.replyTo, outcome);
    });
  reasonFor(REASON, 'add_reason');
  reasonFor(DENIAL, 'deny_reason');
}

/** A modal is all that answers it, so nothing is acknowledged with words; what is late goes on after the acknowledgement. */
async function openInTime(asked: Asked, deps: FormDeps): Promise<void> {
  const opening = openAsked(asked, deps);
  const outcome = await soon(opening, deps.ackBy);
  if (outcome === LATE)
    deps.tellLater(
      asked.line.replyTo,
      opening.then(() => null),
    );
}

/** Nothing where it can't be had: a form without help is still a form. */
async function choicesFor(typing: Typing, deps: FormDeps): ReturnType<typeof optionsFor> {
  if (!deps.isHome(teamsOf(typing))) return [];
  const subject = typing.action_id === `lrform:${INPUTS.machine}` ? 'machines' : 'library';
  const { names } = readOrigin(typing.view?.private_metadata);
  try {
    return await optionsFor(deps.inbox.suggest, {
      ...{ person: personOf(typing), subject, names },
      query: typing.value ?? '',
    });
  } catch (error) {
    deps.log.warn({ platform: 'slack', error }, 'A view could not be made');
    return [];
  }
}
