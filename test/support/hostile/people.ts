import type { Inbox } from '../../../src/chat/inbox.ts';
import { openFromShortcut } from '../../../src/chat/slack/form/ask.ts';
import { optionsFor } from '../../../src/chat/slack/form/options.ts';
import { NOWHERE, writeOrigin } from '../../../src/chat/slack/form/origin.ts';
import { Shortcut, Submission } from '../../../src/chat/slack/form/shapes.ts';
import { readSubmission, take } from '../../../src/chat/slack/form/submit.ts';
import { denialView, formView, noticeView, reasonView } from '../../../src/chat/slack/form/view.ts';
import {
  BlockActions,
  clickOf,
  lineOf,
  lineOfMention,
  Mention,
  SlashCommand,
} from '../../../src/chat/slack/payload.ts';
import { renderAnswer } from '../../../src/chat/slack/render.ts';
import { homeOf } from '../../../src/flow/home.ts';
import { clicked, tell, typed } from '../../../src/flow/inbox.ts';
import { suggest } from '../../../src/flow/suggest.ts';
import { type ButtonAction, type PrivateAnswer, plain } from '../../../src/model/notice.ts';
import { quiet, type World } from '../world.ts';
import type { Scene } from './scene.ts';
import type { Wire } from './wire.ts';

const CHANNEL = 'C0SOC';
const TEAM = { id: 'T0CONTOSO' };

/** People in Slack: what they do comes as Slack delivers it, and what they are shown at once is kept with what is sent. */
export interface People {
  /** Types a command, or calls the bot in a thread; resolves when all that follows has been done. */
  type(user: string, text: string, thread?: string): Promise<string>;
  click(user: string, action: ButtonAction, id: string, words?: string): Promise<void>;
  /** Opens the Home tab. */
  visit(user: string): Promise<void>;
  /** Opens the form from a message, looks at what it offers, and sends it. */
  fillIn(user: string, form: Scene['form']): Promise<void>;
}

/** Slack's escaping of what people type. */
const asDelivered = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Creates them. */
export function createPeople({ deps, settle, now }: World, wire: Wire): People {
  let count = 0;
  const next = (): string => {
    count += 1;
    return `trigger-${count}`;
  };
  const inbox: Pick<Inbox, 'typed' | 'clicked' | 'suggest' | 'tell'> = {
    typed: (line) => typed(deps, line),
    clicked: (click) => clicked(deps, click),
    suggest: (asked) => suggest(deps, asked),
    tell: (said) => tell(deps, 'slack', said),
  };
  const show = (method: string, args: object): void => {
    wire.sent.push({ method, args: JSON.parse(JSON.stringify(args)) as Record<string, unknown> });
  };
  const shown = (said: PrivateAnswer | null): string => {
    if (said === null) return '';
    show('acknowledgement', renderAnswer(said));
    show('view', noticeView(said));
    return said.lines.map(plain).join('\n');
  };
  // Every other answer goes to a response address, the rest by the Web API.
  const address = () => (count % 2 === 0 ? 'https://hooks.slack.com/commands/T0/1/x' : undefined);

  return {
    async type(user, text, thread) {
      const trigger = next();
      const line =
        thread === undefined
          ? lineOf(SlashCommand.parse({ ...slash(user, text, trigger), response_url: address() }), trigger, now())
          : lineOfMention(Mention.parse(mention(user, text, trigger, thread)), 'U0BOT', trigger, now());
      const said = await typed(deps, line);
      await settle();
      return shown(said);
    },
    async click(user, action, id, words) {
      const trigger = next();
      const body = BlockActions.parse({
        ...acting(user),
        ...pressed(action, id),
        trigger_id: trigger,
        response_url: address(),
      });
      await clicked(deps, { ...clickOf(body, action, trigger, now()), words: words ?? null });
      await settle();
    },
    async visit(id) {
      const person = { platform: 'slack', id, tenant: TEAM.id, name: id } as const;
      await wire.publishHome(id, () => homeOf(deps, { delivery: next(), person, offset: 0 }));
    },
    async fillIn(user, form) {
      const message = {
        ts: '1700000000.1',
        text: form.message,
        blocks: [{ type: 'section', text: { text: form.machine } }],
      };
      const shortcut = Shortcut.parse({ ...acting(user), trigger_id: next(), channel: { id: CHANNEL }, message });
      const places = { policyChannels: () => [CHANNEL], isHome: () => true, clock: deps.clock };
      const origin = { ...openFromShortcut(shortcut, places).origin, commands: 2 };
      const channels = [{ value: CHANNEL, text: `#${wire.told.channel}` }];
      const person = { platform: 'slack', id: user, tenant: TEAM.id, name: user } as const;
      for (const subject of ['machines', 'library'] as const) {
        const options = await optionsFor(inbox.suggest, { person, subject, query: '', names: origin.names });
        show('options', { options });
        const [machine = NONE, script = NONE] = options.map(({ text, value }) => ({
          text: text.text,
          value: value ?? '',
        }));
        const entered = { words: { words1: form.words, reason: form.reason }, choices: { machine, script1: script } };
        show('view', formView({ entered, origin, channels }));
      }
      show('view', reasonView({ ...NOWHERE, request: 'LR-8K3F2Q' }));
      show('view', denialView({ ...NOWHERE, request: 'LR-8K3F2Q' }));
      const view = { id: next(), hash: 'h', private_metadata: writeOrigin(origin), state: { values: valuesOf(form) } };
      const filled = await readSubmission(Submission.parse({ ...acting(user), view }), { inbox, clock: deps.clock });
      const errors =
        'errors' in filled ? filled.errors : await take(filled.line, { inbox, tellLater() {}, log: quiet });
      if (errors !== null) show('errors', { errors });
      await settle();
    },
  };
}

const NONE = { text: 'none', value: 'none' };

const acting = (id: string) => ({ user: { id, team_id: TEAM.id, name: '<!here>*x*' }, team: TEAM });

function slash(user_id: string, text: string, trigger_id: string) {
  const where = { team_id: TEAM.id, channel_id: CHANNEL, channel_name: '<!channel>' };
  return { user_id, user_name: '<!here>*x*', ...where, text: asDelivered(text), trigger_id };
}

function mention(user: string, text: string, event_id: string, thread: string) {
  const [channel, thread_ts] = thread.split(':');
  const event = {
    user,
    user_team: TEAM.id,
    text: `<@U0BOT> ${asDelivered(text)}`,
    channel,
    ts: '1700000001.1',
    thread_ts,
  };
  return { team_id: TEAM.id, event_id, event };
}

const pressed = (action: ButtonAction, value: string) => ({
  channel: { id: CHANNEL, name: '<!channel>' },
  actions: [{ action_id: `lr:${action}`, value }],
});

function valuesOf({ machine, script, words, reason }: Scene['form']) {
  const choice = (text: string) => ({ x: { selected_option: { text: { text }, value: text } } });
  return {
    machine: choice(machine),
    kind1: choice('run'),
    script1: choice(script),
    words1: { x: { value: words } },
    reason: { x: { value: reason } },
  };
}
