// `npm test`: everything that must hold before a change lands. Steps run one after another (two cores
// are enough), every step runs even when an earlier one failed, and the last lines are vitest's own
// closing lines, then what failed or did not run, by name.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inCi = process.env.CI === 'true';

// With CI=true a missing server fails. Elsewhere its tests are named as not run.
const STEPS = [
  {
    name: 'servers',
    command: ['scripts/servers.sh', 'prometheus', 'alertmanager', 'compose'],
    optional: !inCi,
  },
  { name: 'lint', npm: 'lint' },
  { name: 'typecheck', npm: 'typecheck' },
  { name: 'build', npm: 'build' },
  { name: 'docs up to date', npm: 'docs:check' },
  { name: 'package contents', npm: 'check:package' },
  { name: 'unused code', npm: 'check:unused' },
  // Last, so that its closing lines are the end of the output.
  { name: 'unit, property and end-to-end tests', command: ['vitest', 'run'] },
];

function run({ name, npm, command = ['npm', 'run', '--silent', npm] }) {
  console.log(`\n=== ${name}`);
  const [file, ...args] = command;
  const startedMs = performance.now();
  const { status, error } = spawnSync(file, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Plain text where nobody watches: logs are read and searched.
    env: process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' },
  });
  if (error) console.error(error.message);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`=== ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  return status === 0;
}

const failed = [];
const notRun = [];
for (const step of STEPS) {
  if (run(step)) continue;
  (step.optional ? notRun : failed).push(step.name);
}
if (notRun.length > 0)
  console.log(`\nDid not run: ${notRun.join(', ')} (see above for what is missing)`);
if (failed.length > 0) {
  console.error(`\nFAILED: ${failed.join(', ')}`);
  process.exitCode = 1;
}
