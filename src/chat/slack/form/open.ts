import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../../flow/ports.ts';
import type { PrivateAnswer } from '../../../model/notice.ts';
import type { Channels } from '../channels.ts';
import { slackCode } from '../failures.ts';
import { type Choice, NOTHING } from './entered.ts';
import type { Origin } from './origin.ts';
import { CHANNEL, denialView, formView, noticeView, reasonView } from './view.ts';

/** Opens modals. What Slack lets a person open for three seconds and once isn't tried again; each tells whether it is open. */
export interface Modals {
  form(trigger: string, origin: Origin): Promise<boolean>;
  reason(trigger: string, origin: Origin): Promise<boolean>;
  denial(trigger: string, origin: Origin): Promise<boolean>;
  /** Words where there is no place for a private message. */
  notice(trigger: string, said: PrivateAnswer): Promise<boolean>;
  /** Draws an open form anew. With the hash that was shown, so that of two clicks one counts. */
  redraw(view: { id: string; hash: string }, next: ModalView): Promise<void>;
  /** The channels to choose from, as people read them. */
  channels(): Choice[];
}

/** Creates what opens modals; `policyChannels` are those in which the bot answers now. */
export function createModals(deps: {
  client: WebClient;
  channels: Pick<Channels, 'nameOf'>;
  policyChannels: () => readonly string[];
  log: Log;
}): Modals {
  const { client, log } = deps;

  async function open(trigger: string, view: ModalView): Promise<boolean> {
    try {
      await client.views.open({ trigger_id: trigger, view });
      return true;
    } catch (error) {
      const code = slackCode(error);
      log.warn({ platform: 'slack', code }, 'A form could not be opened');
      // Used already: the same delivery came before, and has opened it.
      return code === 'exchanged_trigger_id';
    }
  }

  const channels = (): Choice[] =>
    deps.policyChannels().map((id) => {
      const name = deps.channels.nameOf(id);
      // Two channels without a name must not look like one.
      return { value: id, text: name.startsWith('#') ? name : id };
    });

  return {
    channels,
    form(trigger, origin) {
      const all = channels();
      const here = all.find(({ value }) => value === origin.channel);
      const entered = here === undefined ? NOTHING : { words: {}, choices: { [CHANNEL]: here } };
      return open(trigger, formView({ entered, origin, channels: all }));
    },
    reason: (trigger, origin) => open(trigger, reasonView(origin)),
    denial: (trigger, origin) => open(trigger, denialView(origin)),
    notice: (trigger, said) => open(trigger, noticeView(said)),
    async redraw({ id, hash }, view) {
      try {
        await client.views.update({ view_id: id, hash, view });
      } catch (error) {
        log.warn({ platform: 'slack', code: slackCode(error) }, 'A form could not be drawn anew');
      }
    },
  };
}
