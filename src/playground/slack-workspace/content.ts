import { checkMessage } from '../../chat/slack/check.ts';
import { LIMITS } from '../../chat/slack/limits.ts';

/** Words that Slack would take. */
export interface Content {
  text: string;
  blocks: unknown[] | null;
}

/** Slack's refusal of a call: its code, and what response_metadata says. */
export interface Refusal {
  error: string;
  messages?: string[];
}

/** postMessage cuts longer text; everything else refuses it. */
const CUT_AT = 40_000;

/** Reads `text` and `blocks` as Slack would, and refuses what Slack refuses. */
export function readContent(
  args: Record<string, unknown>,
  method: 'chat.postMessage' | 'chat.update' | 'chat.postEphemeral' | 'response_url',
): Content | Refusal {
  const blocks = fromJson(args.blocks);
  if (blocks !== null && !Array.isArray(blocks)) return { error: 'invalid_blocks_format' };
  const text = typeof args.text === 'string' ? args.text : '';
  const none = blocks === null || blocks.length === 0;
  if (none && text === '') return { error: 'no_text' };
  if (method === 'chat.update' && text.length > LIMITS.message.text) return { error: 'msg_too_long' };
  const refusal = none ? null : refuseBlocks(blocks, text);
  return refusal ?? { text: text.slice(0, CUT_AT), blocks: none ? null : withIds(blocks) };
}

function refuseBlocks(blocks: unknown[], text: string): Refusal | null {
  const problems = checkMessage({ text: text.slice(0, LIMITS.message.text) || ' ', blocks }, LIMITS.message.hard);
  if (problems.length === 0) return null;
  const tooLong = problems.every((problem) => problem.startsWith('/blocks:') && problem.includes('characters of text'));
  if (tooLong) return { error: 'msg_blocks_too_long' };
  return { error: 'invalid_blocks', messages: problems.map((problem) => `[ERROR] ${problem}`) };
}

/** Slack gives a block_id to each block that lacks one. */
function withIds(blocks: unknown[]): unknown[] {
  return blocks.map((block, index) =>
    typeof block === 'object' && block !== null ? { block_id: `b${index}x`, ...block } : block,
  );
}

/** Nested arguments arrive as JSON in urlencoded bodies, as they are in JSON bodies. */
export function fromJson(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A boolean as either body carries it. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1';
