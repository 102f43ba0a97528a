import { spawn } from 'node:child_process';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What each delivery is proved with: Slack's signature, made when it is due, or a token of the Bot Framework. */
export type Proof = { slackSecret: string } | { bearer: string };

/** Deliveries to send, in order, evenly spaced. */
export interface Load extends Deliveries {
  url: string;
  proof: Proof;
}

/** The same without a word on where to and how. */
export interface Deliveries {
  perSecond: number;
  bodies: string[];
}

/** What became of one: milliseconds from the moment it was due to the end of the answer; status 0 for none. */
export interface Sent {
  ms: number;
  status: number;
  body: string;
}

/** Sends the load from a process of its own; answers in its order. */
export async function drive(load: Load): Promise<Sent[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('./load.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(load));
  return (await json(child.stdout)) as Sent[];
}
