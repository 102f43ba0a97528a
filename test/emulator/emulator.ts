import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { GoBetween } from './go-between.ts';
import { type Actor, ALEX, emulatorSettings, type Identity } from './people.ts';

/** Microsoft's emulator without a browser. */
export interface Emulator {
  url: string;
  /** Alex says something: nobody else can. `@Live Response` in front becomes a mention. */
  say(conversation: string, text: string): Promise<{ messageId: string; postConversationId?: string }>;
  /** A click on an Action.Execute, answered with what the bot said, or with the emulator's error. */
  click(how: {
    who: Actor;
    conversation: string;
    message: string;
    action: object;
  }): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

const LOOPBACK = fileURLToPath(new URL('./loopback.cjs', import.meta.url));
const READY = /^Listening on (\d+)/;

/** Starts the program in `folder`, behind the go-between, with telemetry off and none of this process's environment. */
export async function startEmulator(
  program: string,
  folder: string,
  options: { identity: Identity; between: GoBetween },
): Promise<Emulator> {
  const { identity, between } = options;
  const settings = join(folder, 'settings.yml');
  await writeFile(settings, emulatorSettings(identity));
  const flags = [
    '-c',
    'msteams',
    '-e',
    between.messagesUrl,
    '--service-url',
    between.serviceUrl,
    '--disable-telemetry',
  ];
  const child = spawn(process.execPath, ['--require', LOOPBACK, program, 'start', ...flags], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TEAMSAPPTESTER_BROWSER: 'none',
      M365_AGENTS_PLAYGROUND_CONFIG_PATH: settings,
      M365_AGENTS_PLAYGROUND_LOGFILE: join(folder, 'emulator.log'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const gone = once(child, 'close');
  const lines: string[] = [];
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const found = READY.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    gone.then(() => reject(new Error(`The emulator ended. It said:\n${lines.join('\n')}`)), reject);
  });
  const url = `http://127.0.0.1:${port}`;
  await untilMounted(url);
  between.connect({ emulatorUrl: url });

  async function post(path: string, body: object): Promise<{ status: number; body: unknown }> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  }

  return {
    url,
    async say(conversation, text) {
      const bot = { id: `28:${identity.appId}`, name: 'Live Response' };
      const mention = '<at>Live Response</at>';
      const said = text.replace('@Live Response', mention);
      const answer = await post(`/_conversation/v1/conversations/${encodeURIComponent(conversation)}/messages`, {
        from: { id: ALEX.id },
        text: said,
        textFormat: 'plain',
        ...(said === text ? {} : { mentions: [{ mentioned: bot, text: mention }] }),
      });
      if (answer.status !== 200) throw new Error(`The emulator refused: ${JSON.stringify(answer.body)}`);
      return answer.body as { messageId: string; postConversationId?: string };
    },
    click: ({ who, conversation, message, action }) =>
      post('/_conversation/v1/invoke', {
        name: 'adaptiveCard/action',
        value: { action, trigger: 'manual' },
        from: { id: who.id },
        conversation: { id: conversation },
        replyToId: message,
      }),
    async stop() {
      child.kill();
      await gone;
    },
  };
}

/** It listens before it knows its settings, and ends when they won't do. */
async function untilMounted(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`${url}/_debug/ping`).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The emulator listens, but answers nothing.');
}
