import type { Log } from '../../src/flow/ports.ts';

/** A log that keeps what it is told, as text. */
export function recordingLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (facts: object, message: string) => {
    const values = Object.entries(facts).map(
      ([key, value]) => `${key}=${value instanceof Error ? value.message : value}`,
    );
    lines.push(`${level} ${message} ${values.join(' ')}`);
  };
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}
