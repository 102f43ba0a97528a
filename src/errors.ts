/** Codes of the errors that the product raises on purpose; anything else is a programming error. */
export type ErrorCode =
  | 'usage'
  | 'config'
  | 'policy'
  | 'transition'
  | 'conflict'
  | 'database'
  | 'folder_locked'
  | 'entra_sign_in'
  | 'entra_unreachable'
  | 'defender_sign_in'
  | 'defender_unreachable'
  | 'defender_throttled'
  | 'defender_forbidden'
  | 'defender_not_found'
  | 'defender_refused'
  | 'defender_unexpected'
  | 'chat_throttled'
  | 'chat_unreachable'
  | 'chat_unclear'
  | 'chat_refused'
  | 'chat_too_long'
  | 'chat_not_in_channel'
  | 'chat_blocked'
  | 'chat_gone';

/** An error with a code to branch on and a message that a person may read: what happened, why, what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}

/** Typed words that cannot be understood: where in the line (0-based, UTF-16), and a line that would work. */
export class UsageError extends AppError {
  readonly position: number;
  readonly example: string;
  constructor(message: string, position: number, example: string) {
    super('usage', message);
    this.name = 'UsageError';
    this.position = position;
    this.example = example;
  }
}

/**
 * No token from Microsoft Entra. `entra_sign_in`: it was refused, and somebody has to mend something first. `entra_unreachable`: nobody
 * answered, worth another try.
 */
export class EntraError extends AppError {
  constructor(code: Extract<ErrorCode, `entra_${string}`>, message: string) {
    super(code, message);
    this.name = 'EntraError';
  }
}

/**
 * Trouble with a read at Defender; `retryAfter` in milliseconds where Defender named a wait; `trouble` where it answered that it has
 * trouble of its own, so that it was reached all the same; `unasked` where the read had to wait for its turn and never left.
 */
export class DefenderError extends AppError {
  readonly retryAfter: number | null;
  readonly trouble: boolean;
  readonly unasked: boolean;
  constructor(
    code: Extract<ErrorCode, `defender_${string}`>,
    message: string,
    options?: { cause?: unknown; retryAfter?: number | null; trouble?: boolean; unasked?: boolean },
  ) {
    super(code, message, options);
    this.name = 'DefenderError';
    this.retryAfter = options?.retryAfter ?? null;
    this.trouble = options?.trouble ?? false;
    this.unasked = options?.unasked ?? false;
  }
}

/**
 * Trouble with a chat platform. `chat_unclear`: the message may have been posted. `chat_unreachable`, `chat_throttled`:
 * certainly not posted, worth another try. `chat_too_long`: not posted, and a shorter one may be. `chat_blocked`: not posted, and not to
 * be tried again. The rest: certainly not posted, and another try needs somebody's help first.
 */
export class ChatError extends AppError {
  readonly retryAfter: number | null;
  /** The platform's own word for a refusal, so that one trouble can be told from another. */
  readonly reason: string | null;
  /** What a refusal holds for: everything in the channel, or everything everywhere; this one message unless said. */
  readonly holdsFor: 'message' | 'channel' | 'everything';
  constructor(
    code: Extract<ErrorCode, `chat_${string}`>,
    message: string,
    options: {
      cause?: unknown;
      retryAfter?: number | null;
      reason?: string;
      holdsFor?: ChatError['holdsFor'];
    } = {},
  ) {
    super(code, message, options);
    this.name = 'ChatError';
    this.retryAfter = options.retryAfter ?? null;
    this.reason = options.reason ?? null;
    this.holdsFor = options.holdsFor ?? 'message';
  }
}

/** The sentence a person gets for an error. Only our own errors speak; the inside of any other stays in the log. */
export function sentenceFor(error: unknown): string {
  return error instanceof AppError
    ? error.message
    : 'Something went wrong on my side. It is in the log; try again, or tell whoever runs this bot.';
}
