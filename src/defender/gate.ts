import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { TransportError } from '../outbound/exchange.ts';

/** A connection that is open, for one request, whose first byte leaves only if the gate says yes. */
export interface GatedConnection {
  /** Gives the connection to the one request that is made with it. */
  agent: HttpAgent;
  /** What the gate said; null while nobody has tried to write. */
  passed(): boolean | null;
  close(): void;
}

/**
 * Opens a fresh connection, TLS included, and puts the gate in front of its first write: the gate's answer and the write
 * are one synchronous step. So a process that is stopped while it connects, and wakes up late, asks the gate after it woke up.
 * Throws TransportError; the gate wasn't asked then.
 */
export async function openGated(
  address: string,
  gate: () => boolean,
  options: { signal: AbortSignal; ca?: string },
): Promise<GatedConnection> {
  const url = new URL(address);
  const socket = await open(url, options);
  let passed: boolean | null = null;
  const write = socket.write.bind(socket);
  // Node writes a request by `write` and never goes around it. Without a yes the bytes stay here and the connection ends.
  socket.write = ((...args: Parameters<typeof write>) => {
    // A connection that ended meanwhile carries nothing, so there is nothing to ask.
    if (passed === null && !socket.destroyed && !socket.readableEnded) passed = ask(gate);
    if (passed === true) return write(...args);
    socket.destroy(new TransportError('unreachable', 'not sent'));
    return false;
  }) as typeof socket.write;
  const agent = url.protocol === 'https:' ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  agent.createConnection = () => socket;
  return { agent, passed: () => passed, close: () => socket.destroy() };
}

/** A gate that throws is shut. */
function ask(gate: () => boolean): boolean {
  try {
    return gate() === true;
  } catch {
    return false;
  }
}

function open(url: URL, { signal, ca }: { signal: AbortSignal; ca?: string }): Promise<Socket> {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const to = { host, port: Number(url.port) || (secure ? 443 : 80) };
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new TransportError('deadline', 'No connection in time'));
    // A name for SNI may not be an address.
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const trust = ca === undefined ? {} : { ca };
    const socket = secure ? connectTls({ ...to, ...name, ...trust, ALPNProtocols: ['http/1.1'] }) : connectTcp(to);
    const late = () => socket.destroy(new TransportError('deadline', 'No connection in time'));
    signal.addEventListener('abort', late, { once: true });
    const done = () => signal.removeEventListener('abort', late);
    const failed = (error: Error) => {
      done();
      reject(error instanceof TransportError ? error : new TransportError('unreachable', codeOf(error)));
    };
    socket.once('error', failed);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      done();
      socket.removeListener('error', failed);
      // Until the request listens, an error must not end the process; the request sees the dead socket.
      socket.on('error', () => {});
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'connection failed';
}
