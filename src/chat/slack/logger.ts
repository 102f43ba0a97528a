import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../flow/ports.ts';

/**
 * The SDK's logger on ours, from `warn` up. Only its own first words pass: what it appends (errors of the JSON parser quote the
 * body) might hold what people typed.
 */
export function bridgeLogger(log: Log): Logger {
  const quiet = () => {};
  return {
    debug: quiet,
    info: quiet,
    warn: (...words: unknown[]) => log.warn({ platform: 'slack', from: 'sdk' }, ownWords(words)),
    error: (...words: unknown[]) => log.error({ platform: 'slack', from: 'sdk' }, ownWords(words)),
    setLevel: quiet,
    getLevel: () => LogLevel.WARN,
    setName: quiet,
  };
}

function ownWords([first]: unknown[]): string {
  if (first instanceof Error) return first.name;
  return typeof first === 'string' ? (first.split(/[(:\n]/)[0] ?? '').trim().slice(0, 200) : 'Slack SDK';
}
