// Runs the suites in two processes side by side: those that start real processes spend their time waiting, so the others, whose
// coverage is measured, fill it. What the first wrote is shown when the second has ended. Exit code: 0 only when both were 0.
import { spawn } from 'node:child_process';

/** Suites that start bots, browsers or commands as processes of their own. */
const PROCESSES = ['torture', 'journeys', 'browser'].map((folder) => `test/${folder}/**/*.test.ts`);
const others = PROCESSES.flatMap((pattern) => ['--ignore', pattern]);

const [processes, inside] = await Promise.all([
  run(['mocha', ...PROCESSES], 'pipe'),
  run(['c8', 'mocha', 'test/**/*.test.ts', ...others], 'inherit'),
]);
process.stdout.write(processes.output);
process.exitCode = processes.code || inside.code;

/** Ends with the command, its exit code and, where it was piped, what it wrote. */
function run(command, stdio) {
  return new Promise((resolve, reject) => {
    const child = spawn('npx', command, { stdio: ['ignore', stdio, stdio] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks) }));
  });
}
