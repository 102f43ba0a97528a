import type { App, RespondArguments } from '@slack/bolt';
import { AppError } from '../../errors.ts';
import type { Click, Clock, Log, Metrics } from '../../flow/ports.ts';
import { answer, type ButtonAction, type PrivateAnswer } from '../../model/notice.ts';
import { LATE, SLOW, soon, stored } from '../acknowledge.ts';
import type { InFlight } from '../in-flight.ts';
import type { Inbox } from '../inbox.ts';
import { OUR_ACTIONS, readActionId } from './buttons.ts';
import type { Channels } from './channels.ts';
import { ELSEWHERE } from './form/deps.ts';
import { listenToForms } from './form/listen.ts';
import type { Modals } from './form/open.ts';
import { NOWHERE } from './form/origin.ts';
import { listenToHomes } from './home/listen.ts';
import type { PublishHome } from './home/publish.ts';
import { BlockActions, ByBot, clickOf, lineOf, lineOfMention, Mention, SlashCommand } from './payload.ts';
import { proofOf } from './proof.ts';
import { renderAnswer } from './render.ts';
import { readAs } from './unreadable.ts';
import type { Whisper } from './whisper.ts';
import type { Workspace } from './workspace.ts';

const OLD_BUTTON = answer('That button is from an older version of me. Ask for a fresh card: show <id>.');

/** Of the time for an acknowledgement, what a form has to open; the rest is for storing the click without it. */
const OPENED = 0.6;

interface Deps {
  inbox: Pick<Inbox, 'typed' | 'clicked' | 'tell' | 'suggest' | 'home'>;
  modals: Modals;
  publishHome: PublishHome;
  /** The policy's channels. */
  policyChannels: () => readonly string[];
  channels: Channels;
  workspace: Workspace;
  whisper: Whisper;
  inFlight: InFlight;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** What isn't stored by then is acknowledged all the same and answered later. Milliseconds. */
  ackBy: number;
}

/**
 * Turns what Slack delivers into typed lines and clicks. Bolt has checked the signature by now; each is handed to the
 * inbox, and acknowledged when the inbox has stored it.
 */
export function listen(app: App, deps: Deps): void {
  const { inbox, modals, channels, workspace, clock } = deps;

  app.command(/.*/, async ({ command, ack, context }) => {
    const parsed = readAs(SlashCommand, command);
    if (!isHome([parsed.team_id, parsed.enterprise_id], deps)) return ack(ephemeral(ELSEWHERE));
    channels.learn(parsed.channel_id, parsed.channel_name ?? undefined);
    const line = lineOf(parsed, proofOf(context), clock.now());
    const outcome = stored(deps.log, 'slack', () => inbox.typed(line)).then((said) => formInstead(parsed, said));
    const said = await soon(outcome, deps.ackBy);
    if (said === LATE) {
      await ack(ephemeral(SLOW)).catch(() => {});
      return tellLater(deps, line.replyTo, outcome);
    }
    // Stored, and answered a moment later: nothing to say yet.
    if (said === null) return ack();
    // The connection that it came on may be gone (Socket Mode); what was to be said there isn't.
    await ack(ephemeral(said)).catch(() => tellLater(deps, line.replyTo, outcome));
  });

  app.action({ type: 'block_actions', action_id: OUR_ACTIONS }, async ({ body, ack, context }) => {
    const parsed = readAs(BlockActions, body);
    const action = readActionId(parsed.actions[0].action_id);
    const click = clickOf(parsed, action ?? 'results', proofOf(context), clock.now());
    if (!isHome([parsed.team?.id, parsed.team?.enterprise_id, parsed.enterprise?.id], deps)) {
      await ack();
      return tellLater(deps, click.replyTo, Promise.resolve(ELSEWHERE));
    }
    if (parsed.channel) channels.learn(parsed.channel.id, parsed.channel.name ?? undefined);
    const outcome = outcomeOf(parsed, action, click);
    await soon(outcome, deps.ackBy);
    await ack();
    tellLater(deps, click.replyTo, outcome);
  });

  /** The form opens where it is what somebody came for; the words stay for when it can't. */
  async function formInstead(command: SlashCommand, said: PrivateAnswer | null): Promise<PrivateAnswer | null> {
    if (!said?.form || !command.trigger_id) return said;
    const origin = { ...NOWHERE, channel: command.channel_id };
    return (await modals.form(command.trigger_id, origin)) ? null : said;
  }

  async function outcomeOf(
    body: BlockActions,
    action: ButtonAction | null,
    click: Click,
  ): Promise<PrivateAnswer | null> {
    if (action === null) return OLD_BUTTON;
    // The words come with the form; where it can't be opened, the click asks how else.
    if (await opened(body, action, click)) return null;
    return stored(deps.log, 'slack', () => inbox.clicked(click));
  }

  /** Whether a form asks for the words now that belong to this click. One that isn't there in time is not waited for. */
  async function opened(body: BlockActions, action: ButtonAction, click: Click): Promise<boolean> {
    if ((action !== 'add_reason' && action !== 'deny_reason') || !body.trigger_id) return false;
    const thread = body.container?.thread_ts ?? null;
    const origin = { ...NOWHERE, channel: click.channel, thread, request: click.id };
    const open = action === 'deny_reason' ? modals.denial : modals.reason;
    return (await soon(open(body.trigger_id, origin), deps.ackBy * OPENED)) === true;
  }

  app.event('app_mention', async ({ body, context }) => {
    if (ByBot.safeParse(body).success) return;
    const parsed = readAs(Mention, body);
    const installed = (parsed.authorizations ?? []).flatMap((each) => [each.team_id, each.enterprise_id]);
    const teams = [parsed.team_id, parsed.enterprise_id, parsed.context_team_id, ...installed];
    if (!isHome(teams, deps)) return;
    const line = lineOfMention(parsed, workspace.known()?.botUser ?? null, proofOf(context), clock.now());
    // Not stored, it throws: then Slack gets no 200 and delivers it again.
    const said = await inbox.typed(line);
    tellLater(deps, line.replyTo, Promise.resolve(said));
  });

  listenToHomes(app, { ...deps, isHome: (teams) => isHome(teams, deps) });
  listenToForms(app, {
    ...deps,
    isHome: (teams) => isHome(teams, deps),
    tellLater: (to, said) => tellLater(deps, to, said),
  });
}

/**
 * Whether the delivery is about the workspace, or its organisation, that the bot's token is for. While that isn't known yet,
 * and for one that names no workspace: yes. It is signed for our app, and who the person is gets looked up anyway.
 */
function isHome(teams: (string | null | undefined)[], { workspace, metrics }: Deps): boolean {
  const home = workspace.known();
  const named = teams.filter(Boolean);
  if (home === null || named.length === 0) return true;
  if (named.some((team) => team === home.team || team === home.enterprise)) return true;
  metrics.rejectedInbound('slack', 'workspace');
  return false;
}

/** Sends an answer after the acknowledgement, when there is one. A failure stays in the log: the card tells the story anyway. */
function tellLater({ inFlight, whisper, log }: Deps, to: string, outcome: Promise<PrivateAnswer | null>): void {
  inFlight
    .run(async () => {
      const said = await outcome;
      if (said !== null) await whisper(to, said);
    })
    .catch((error: unknown) => {
      const code = error instanceof AppError ? error.code : 'unexpected';
      log.warn({ platform: 'slack', code }, 'A private answer did not arrive');
    });
}

function ephemeral(said: PrivateAnswer): RespondArguments {
  const { text, blocks } = renderAnswer(said);
  return { response_type: 'ephemeral', text, ...(blocks.length === 0 ? {} : { blocks }) };
}
