import { z } from 'zod';
import { refusal } from './wire.ts';

const text = z.string().refine((value) => value.trim() !== '', 'must not be empty');

const params = <K extends string>(keys: readonly [K, ...K[]]) =>
  z
    .array(z.strictObject({ key: z.enum(keys), value: text }))
    .refine((list) => new Set(list.map((param) => param.key)).size === list.length, 'names a key twice');

const has = (key: string) => (list: { key: string }[]) => list.some((param) => param.key === key);

const commandShape = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('PutFile'),
    params: params(['FileName']).refine(has('FileName'), 'lacks FileName'),
  }),
  z.strictObject({
    type: z.literal('RunScript'),
    params: params(['ScriptName', 'Args']).refine(has('ScriptName'), 'lacks ScriptName'),
  }),
  z.strictObject({ type: z.literal('GetFile'), params: params(['Path']).refine(has('Path'), 'lacks Path') }),
]);

const submittedShape = z.strictObject({ Commands: z.array(commandShape).min(1), Comment: text });
const cancelShape = z.strictObject({ Comment: text });

/** The body of a submission: names in exactly this case. */
export type Submitted = z.infer<typeof submittedShape>;

const ORDER = { PutFile: 0, RunScript: 1, GetFile: 2 } as const;

/** Reads JSON, or refuses. */
function json(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw refusal(400, 'InvalidRequestBody', 'Request body is incorrect: not valid JSON.');
  }
}

function check<T>(shape: z.ZodType<T>, raw: string): T {
  const value = json(raw);
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  const missing = missingTopLevel(value);
  if (missing !== null) throw refusal(400, 'MissingRequiredParameter', `The parameter '${missing}' is required.`);
  throw refusal(400, 'InvalidRequestBody', `Request body is incorrect: ${where} ${issue?.message ?? ''}`.trim());
}

function missingTopLevel(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const names = Object.keys(value);
  // A wrong case is a name that isn't known, and a required one that isn't there.
  if (!names.includes('Comment')) return 'Comment';
  return null;
}

/** A submission's body, checked as strictly as documented: case, params as a list, order, a comment. */
export function readSubmission(raw: string): Submitted {
  const body = check(submittedShape, raw);
  const order = body.Commands.map((command) => ORDER[command.type]);
  if (order.some((position, i) => position < (order[i - 1] ?? 0))) {
    throw refusal(400, 'InvalidInput', 'Commands must be in the order PutFile, RunScript, GetFile.');
  }
  return body;
}

/** The body of a cancel. */
export function readCancel(raw: string): { Comment: string } {
  return check(cancelShape, raw);
}

/** The value of a command's parameter, empty where absent. */
export function paramOf(command: { params: readonly { key: string; value: string }[] }, key: string): string {
  return command.params.find((param) => param.key === key)?.value ?? '';
}
