import assert from 'node:assert/strict';
import { type FormBot, startFormBot } from './form-bot.ts';
import { EVENTS } from './transport/event-stories.ts';
import { FORMS } from './transport/form-stories.ts';
import type { Story } from './transport/story.ts';
import { keysOf, type Trace, traceOf } from './transport/trace.ts';
import { TYPED } from './transport/typed-stories.ts';

const TRANSPORTS = { http: {}, 'Socket Mode': { appToken: 'xapp-1-A0LIVE-secret' } };

/** Plays the story, and then delivers all of it once more. */
async function played({ play }: Story, transport: keyof typeof TRANSPORTS): Promise<Trace> {
  const bot: FormBot = await startFormBot(undefined, TRANSPORTS[transport]);
  try {
    const { workspace } = bot;
    await play(bot);
    const trace = traceOf(bot);
    const keys = keysOf(bot);
    for (const { id } of workspace.state().deliveries) await workspace.replay(id);
    assert.deepEqual(keysOf(bot), keys, 'what comes twice has the same keys');
    assert.deepEqual(workspace.socketMode?.complaints() ?? [], []);
    return trace;
  } finally {
    await bot.stop();
  }
}

describe('both ways in which Slack delivers, each story told over HTTP and in Socket Mode', () => {
  for (const story of [...TYPED, ...FORMS, ...EVENTS]) {
    it(story.name, async () => {
      const [http, socket] = await Promise.all([played(story, 'http'), played(story, 'Socket Mode')]);
      story.comesTo(http);
      assert.deepEqual(socket, http);
    });
  }
});
