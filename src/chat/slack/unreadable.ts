import type { z } from 'zod';

/** A signed delivery that isn't what Slack documents. Its message names places, never what stood there. */
export class Unreadable extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'Unreadable';
  }
}

/** The delivery in this shape; throws Unreadable. */
export function readAs<T extends z.ZodType>(shape: T, body: unknown): z.output<T> {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Unreadable(parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join(', '));
}
