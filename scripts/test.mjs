// `npm test`: everything that must hold before a change lands. What only reads the sources runs in two
// lanes at once (two cores are enough), then the tests have the machine to themselves. Every step runs
// even when an earlier one failed, and the last lines are vitest's own closing lines, then what failed
// or did not run, by name.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inCi = process.env.CI === 'true';

/** One after another within a lane: what is checked of the package must have been built before. */
const LANES = [
  [{ name: 'lint', npm: 'lint' }],
  [
    // With CI=true a missing server fails. Elsewhere its tests are named as not run.
    {
      name: 'servers',
      command: ['scripts/servers.sh', 'prometheus', 'alertmanager', 'compose'],
      optional: !inCi,
    },
    { name: 'typecheck', npm: 'typecheck' },
    { name: 'build', npm: 'build' },
    { name: 'docs up to date', npm: 'docs:check' },
    { name: 'package contents', npm: 'check:package' },
    { name: 'unused code', npm: 'check:unused' },
  ],
];
// Last, so that its closing lines are the end of the output.
const TESTS = { name: 'unit, property and end-to-end tests', command: ['vitest', 'run'] };

/** `isShared`: what it says is shown when it has ended, so that two lanes do not speak at once. */
async function run({ name, npm, command = ['npm', 'run', '--silent', npm] }, { isShared }) {
  const [file, ...args] = command;
  const startedMs = performance.now();
  const said = [];
  if (!isShared) console.log(`\n=== ${name}`);
  const status = await new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: isShared ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      // Plain text where nobody watches: logs are read and searched.
      env: process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' },
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part) => said.push(part));
    child.on('error', (error) => {
      said.push(Buffer.from(`${error.message}\n`));
      resolve(undefined);
    });
    child.on('close', resolve);
  });
  if (isShared) console.log(`\n=== ${name}`);
  process.stdout.write(Buffer.concat(said));
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`=== ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  return status === 0;
}

const failed = [];
const notRun = [];
async function runAll(steps, options) {
  for (const step of steps) {
    if (await run(step, options)) continue;
    (step.optional ? notRun : failed).push(step.name);
  }
}

await Promise.all(LANES.map((steps) => runAll(steps, { isShared: true })));
await runAll([TESTS], { isShared: false });
if (notRun.length > 0)
  console.log(`\nDid not run: ${notRun.join(', ')} (see above for what is missing)`);
if (failed.length > 0) {
  console.error(`\nFAILED: ${failed.join(', ')}`);
  process.exitCode = 1;
}
