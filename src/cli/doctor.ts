import { examine, type Finding } from '../doctor/index.ts';

/**
 * `liveresponse doctor`: one line for each finding, or with `json` the list of them, on standard output. Ends the process: 1 when
 * anything failed, else 0.
 */
export async function doctor(options: { json?: true; send?: string }, env: NodeJS.ProcessEnv): Promise<void> {
  const findings = await examine({ env, ...(options.send === undefined ? {} : { send: options.send }) });
  const text = options.json === true ? `${JSON.stringify(findings, null, 2)}\n` : linesOf(findings);
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  // At once: what gave no answer may still hold a connection.
  process.exit(findings.some(({ status }) => status === 'failed') ? 1 : 0);
}

/** Aligned lines: `ok       Slack  accepts the token; workspace Contoso.` */
export function linesOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, status, message, mend }) => {
    const words = mend === null ? message : `${message} Mend: ${mend}`;
    // An answer from outside must not begin a line of its own, or move the cursor.
    return `${status.padEnd(9)}${check.padEnd(width + 2)}${words.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')}`;
  });
  return `${lines.join('\n')}\n`;
}
