import { z } from 'zod';
import { few, MessageBlock, pointer, twice, words } from '../check.ts';
import { LIMITS } from '../limits.ts';

const View = z.strictObject({
  type: z.literal('home'),
  callback_id: words(LIMITS.modal.callback).optional(),
  private_metadata: z.string().max(LIMITS.modal.metadata).optional(),
  blocks: few(MessageBlock, LIMITS.modal.blocks),
});

/** What Slack would refuse in a Home tab, one line each, as `checkMessage` does for messages. Empty when all is well. */
export function checkHomeView(view: unknown): string[] {
  const parsed = View.safeParse(view);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${pointer(path)}: ${message}`);
  const { blocks } = parsed.data;
  return [...twice(blocks, 'block_id'), ...twice(blocks, 'action_id')];
}
