import type { TypedLine } from '../../../flow/ports.ts';
import { stored } from '../../acknowledge.ts';
import { type BlockActions, clickOf } from '../payload.ts';
import { writeReplyTo } from '../thread.ts';
import { ELSEWHERE, type FormDeps } from './deps.ts';
import { namesIn } from './names.ts';
import { NOWHERE, type Origin } from './origin.ts';
import type { Shortcut } from './shapes.ts';
import { personOf, teamsOf } from './who.ts';

/** Somebody wants the form. */
export interface Asked {
  trigger: string;
  origin: Origin;
  /** A line without words, so that whoever may not use it hears it at once, and is counted. */
  line: TypedLine;
  isHome: boolean;
}

type Places = Pick<FormDeps, 'policyChannels' | 'isHome' | 'clock'>;

/** By the shortcut of the workspace, or of a message whose names are offered. */
export function openFromShortcut(shortcut: Shortcut, deps: Places): Asked {
  const channel = shortcut.channel?.id ?? null;
  const thread = shortcut.message?.thread_ts ?? null;
  const person = personOf(shortcut);
  const at = deps.clock.now();
  const replyTo = writeReplyTo({ url: shortcut.response_url || null, channel, person: person.id, thread, at });
  const names = shortcut.message ? namesIn(shortcut.message) : [];
  return asked(deps, {
    ...{ trigger: shortcut.trigger_id, person, replyTo, isHome: deps.isHome(teamsOf(shortcut)) },
    origin: { ...NOWHERE, channel, thread, names },
  });
}

/** By the button of an answer that had no modal to open. */
export function openFromButton(body: BlockActions, deps: Places): Asked {
  const { person, channel, replyTo } = clickOf(body, 'results', '', deps.clock.now());
  return asked(deps, {
    ...{ trigger: body.trigger_id ?? '', person, replyTo, isHome: deps.isHome(teamsOf(body)) },
    origin: { ...NOWHERE, channel, thread: body.container?.thread_ts ?? null },
  });
}

function asked(
  deps: Places,
  from: Pick<Asked, 'trigger' | 'origin' | 'isHome'> & Pick<TypedLine, 'person' | 'replyTo'>,
): Asked {
  const { trigger, origin, isHome, person, replyTo } = from;
  // Asked for elsewhere, its card goes to a channel of the policy, as from a private chat.
  const channel = deps.policyChannels().find((id) => id === origin.channel) ?? null;
  const line = { delivery: `slack:${trigger}`, person, channel, place: channel, thread: null, text: '', replyTo };
  return { trigger, origin, isHome, line };
}

/** Opens the form, or says why not: in a modal where that can still be opened, else privately. */
export async function openAsked({ trigger, origin, line, isHome }: Asked, deps: FormDeps): Promise<void> {
  const said = isHome ? await stored(deps.log, 'slack', () => deps.inbox.typed(line)) : ELSEWHERE;
  if (said === null) return;
  const open = said.form ? deps.modals.form(trigger, origin) : deps.modals.notice(trigger, said);
  if (!(await open)) deps.tellLater(line.replyTo, Promise.resolve(said));
}
