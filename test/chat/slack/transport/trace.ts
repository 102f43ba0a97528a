import type { Modal, Snapshot } from '../../../../src/playground/slack-workspace/index.ts';
import type { FormBot } from '../form-bot.ts';

/** All that there is to see of what was delivered, and of what came of it. */
export interface Trace {
  /** What it was, the status of the acknowledgement, and its words. */
  deliveries: [kind: string, status: number | null, words: unknown][];
  lines: FormBot['lines'];
  clicks: FormBot['clicks'];
  told: FormBot['told'];
  /** Method and Slack's code, of those calls that people see something of. */
  calls: [method: string, error: string | null][];
  ephemerals: [to: string, text: string][];
  modals: Pick<Modal, 'user' | 'view' | 'errors' | 'trouble'>[];
  homes: Snapshot['homes'];
}

/** Calls by which a bot learns who and where it is, and those by which it connects, come at their own time. */
const SEEN = /^(views|chat)\.|^response_url$/;

/** The trace of a bot so far, with names of Slack's making replaced by their number, since no two are the same. */
export function traceOf({ workspace, lines, clicks, told }: FormBot): Trace {
  const { deliveries, calls, ephemerals, modals, homes } = workspace.state();
  const trace: Trace = {
    deliveries: deliveries.map(({ kind, status, body }) => [kind, status, wordsOf(body)]),
    ...{ lines, clicks, told },
    calls: calls.filter(({ method }) => SEEN.test(method)).map(({ method, error }) => [method, error]),
    ephemerals: ephemerals.map(({ to, text }) => [to, text]),
    modals: modals.map(({ user, view, errors, trouble }) => ({ user, view, errors, trouble })),
    homes,
  };
  return numbered(trace);
}

/** Keys under which an inbox was given something. */
export const keysOf = ({ lines, clicks, told }: Pick<FormBot, 'lines' | 'clicks' | 'told'>): Set<string> =>
  new Set([...lines, ...clicks, ...told].map(({ delivery }) => delivery));

/** Triggers, addresses, views, events and messages, then times. */
const NAMES =
  /\d{14,}\.\d+\.[0-9a-f]{32}|127\.0\.0\.1:\d+|\b[0-9a-f]{24,39}\b|\d+\.[0-9a-f]{12}\b|\bV[0-9A-F]{12}|\bEv[0-9A-F]{12}|\d{10}\.\d{6}/g;
const TIMES = /\b\d{13}\b/g;

function numbered<T>(value: T): T {
  const known = new Map<string, string>();
  const words = JSON.stringify(value).replace(NAMES, (name) => {
    const number = known.get(name) ?? `#${known.size}`;
    known.set(name, number);
    return number;
  });
  return JSON.parse(words.replace(TIMES, '0')) as T;
}

function wordsOf(body: string): unknown {
  return body === '' ? '' : JSON.parse(body);
}
