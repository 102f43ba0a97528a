import type { Request, Response } from 'express';
import { z } from 'zod';

/** A route that checks its JSON, acts and answers; 400 for what has another shape, 409 with a sentence for what won't do. */
export function answering<T>(schema: z.ZodType<T>, act: (input: T) => unknown) {
  return async (request: Request, response: Response): Promise<void> => {
    const input = schema.safeParse(request.body);
    if (!input.success) {
      response.status(400).json({ error: z.prettifyError(input.error) });
      return;
    }
    try {
      response.json((await act(input.data)) ?? { ok: true });
    } catch (error) {
      response.status(409).json({ error: error instanceof Error ? error.message : 'That did not work.' });
    }
  };
}
