/**
 * How much Slack takes: lengths in characters (counted as UTF-16 units, which is never less than Slack counts), arrays in
 * elements. From the types of @slack/types 3.2; what the documentation doesn't say is marked.
 */
export const LIMITS = {
  message: {
    blocks: 50,
    /** chat.update refuses more with `msg_too_long`. */
    text: 4000,
    /** All the words in the blocks of one message: our own cap, with room below `hard`. */
    words: 10_000,
    /** Undocumented: about here Slack answers `msg_blocks_too_long`. */
    hard: 13_000,
  },
  header: 150,
  section: { text: 3000, fields: 10, field: 2000 },
  context: { elements: 10, text: 3000 },
  actions: 25,
  button: { text: 75, value: 2000, url: 3000, label: 75 },
  confirm: { title: 100, text: 300, choice: 30 },
  /** `block_id` and `action_id`. */
  id: 255,
  url: 3000,
  /** The documentation says 150 for a value by now, the types still 75. */
  option: { text: 75, description: 75, value: 75 },
  options: 100,
  placeholder: 150,
  input: { label: 2000, hint: 2000, text: 3000 },
  modal: { title: 24, blocks: 100, metadata: 3000, callback: 255 },
} as const;
