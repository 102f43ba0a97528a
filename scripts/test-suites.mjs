// Runs the suites in two processes side by side: those that start bots, browsers and commands as processes of their own spend
// their time waiting, so the others, whose coverage is measured, fill it. What the first wrote is shown when the second has
// ended. Exit code: 0 only when both were 0.
import { spawn } from 'node:child_process';

const [processes, inside] = await Promise.all([run('test:processes', 'pipe'), run('test:inside', 'inherit')]);
process.stdout.write(processes.output);
process.exitCode = processes.code || inside.code;

/** Ends with the script, its exit code and, where it was piped, what it wrote. */
function run(script, stdio) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', stdio, stdio] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks) }));
  });
}
