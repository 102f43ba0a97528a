import { type DestinationStream, pino } from 'pino';
import type { LogLevel } from './config/values.ts';
import type { Log } from './flow/ports.ts';
import { createScrubber, factsOf } from './log/scrub.ts';

/** Where the lines go (stdout unless given), and values that must never stand in one. */
export interface LogOptions {
  destination?: DestinationStream;
  secrets?: readonly string[];
}

/** A log of JSON lines. Whatever gets into it, tokens and links don't get out: each line is scrubbed as a whole. */
export function createLog(level: LogLevel, options: LogOptions = {}): Log {
  const scrub = createScrubber(options.secrets ?? []);
  const settings = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: scrub },
  };
  const logger = options.destination === undefined ? pino(settings) : pino(settings, options.destination);
  return {
    debug: (facts, message) => logger.debug(factsOf(facts), message),
    info: (facts, message) => logger.info(factsOf(facts), message),
    warn: (facts, message) => logger.warn(factsOf(facts), message),
    error: (facts, message) => logger.error(factsOf(facts), message),
  };
}
