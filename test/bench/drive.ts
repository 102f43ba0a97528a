import { spawn } from 'node:child_process';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Deliveries to send, in order, evenly spaced. */
export interface Load {
  url: string;
  secret: string;
  perSecond: number;
  bodies: string[];
}

/** What became of one: milliseconds from the moment it was due to the end of the answer; status 0 for none. */
export interface Sent {
  ms: number;
  status: number;
  body: string;
}

/** Sends the load from a process of its own. Throws when any delivery was not acknowledged with 200. */
export async function drive(load: Load): Promise<Sent[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('./load.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(load));
  const sent = (await json(child.stdout)) as Sent[];
  const lost = sent.filter(({ status }) => status !== 200);
  if (lost.length > 0) throw new Error(`${lost.length} of ${sent.length} were answered otherwise: ${JSON.stringify(lost[0])}`);
  return sent;
}
