import WebSocket from 'ws';

/** How long each thing may take, in milliseconds. */
export interface LinkTimes {
  /** From the first byte to Slack's hello. */
  hello: number;
  /** Between two signs of life that we ask for. */
  beat: number;
  /** Until Slack has closed its half of a connection that we close. */
  goodbye: number;
}

/** So many beats without a sign of life, and the connection is dead. Counted, not timed: a process that stood still isn't deaf. */
const MISSED_BEATS = 3;
/** More than Slack ever sends at once. */
const MAX_FRAME = 1024 * 1024;

/** What arrives on a connection, in order. */
export interface Ear {
  heard(frame: unknown, link: Link): void;
  /** Something that isn't JSON. */
  unreadable(): void;
}

/** One WebSocket to Slack, from hello to its end. */
export interface Link {
  /** Resolves when it has ended, by whatever side: why, in a word or two. */
  gone: Promise<string>;
  /** Throws Gone when nothing can be sent any more. */
  send(frame: object): Promise<void>;
  isOpen(): boolean;
  /** Politely; cut where Slack doesn't answer. Resolves when it has ended. */
  close(): Promise<void>;
}

/** What was to be said can't be said on this connection any more. */
export class Gone extends Error {}

/**
 * Connects, and resolves once Slack has said hello. Rejects with a reason that holds no address: it has a ticket in it.
 * https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export async function openLink(url: string, ear: Ear, times: LinkTimes): Promise<Link> {
  // No redirects, no compression: nothing here is worth a bomb.
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
    handshakeTimeout: times.hello,
  });
  const gone = endOf(socket);
  const link: Link = {
    gone,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send: (frame) =>
      new Promise((resolve, reject) => {
        if (socket.readyState !== WebSocket.OPEN) return reject(new Gone('The connection has ended.'));
        socket.send(JSON.stringify(frame), (error) => (error ? reject(new Gone('It broke off.')) : resolve()));
      }),
    async close() {
      socket.close(1000);
      const force = setTimeout(() => socket.terminate(), times.goodbye);
      await gone;
      clearTimeout(force);
    },
  };
  const greeted = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const frame = parsed(String(data));
      if (frame === undefined) ear.unreadable();
      else if (isHello(frame)) resolve();
      else ear.heard(frame, link);
    });
  });
  watchPulse(socket, times.beat);
  const patience = setTimeout(() => socket.terminate(), times.hello);
  const why = await Promise.race([greeted, gone]);
  clearTimeout(patience);
  if (typeof why === 'string') throw new Gone(why);
  return link;
}

/** How it ended: a status of the handshake, a system code, or the code of closing. */
function endOf(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    let why = '';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      why = error.code ?? /Unexpected server response: \d+/.exec(error.message)?.[0] ?? error.name;
    });
    socket.on('close', (code) => resolve(why || `closed with ${code}`));
  });
}

/** Asks for signs of life and cuts a connection that gives none: of a cut cable neither side would ever learn. */
function watchPulse(socket: WebSocket, beat: number): void {
  let missed = 0;
  const alive = () => {
    missed = 0;
  };
  for (const sign of ['ping', 'pong', 'message'] as const) socket.on(sign, alive);
  const pulse = setInterval(() => {
    if (socket.readyState === WebSocket.CONNECTING) return;
    // Slack may end the conversation and still not close the connection.
    if (missed >= MISSED_BEATS || socket.readyState !== WebSocket.OPEN) return socket.terminate();
    missed += 1;
    socket.ping();
  }, beat);
  socket.on('close', () => clearInterval(pulse));
}

/** Undefined for what isn't JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const isHello = (frame: unknown): boolean =>
  typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'hello';
