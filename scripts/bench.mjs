// `npm run bench [-- NAME...] [--short]`: runs the benchmarks of bench/ (all, or those named), each in a
// process of its own, one after another. Every file there is one benchmark that runs from the sources (an exporter that
// it starts is built from them first), prints a table and JSON, and exits with 1 when it is outside its limits; shared
// code is in folders.
// --short sets BENCH_SHORT=1: a benchmark then takes seconds, enough to show that it still works.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith('--'));
const env = { ...process.env, ...(args.includes('--short') ? { BENCH_SHORT: '1' } : {}) };

const all = readdirSync(join(root, 'bench'), { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => entry.name.slice(0, -'.ts'.length))
  .sort();
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${all.join(', ')}`);
  process.exit(2);
}

// An older build would be measured, and could not even read what the sources have written.
const build = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (build.status !== 0) process.exit(build.status ?? 1);

// The peers and servers that some benchmarks need. They say so when one is missing.
spawnSync(join(root, 'scripts/servers.sh'), ['mtail', 'prometheus'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});

const loader = pathToFileURL(join(root, 'test/support/register-ts.mjs')).href;
const failed = [];
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n=== bench/${name}`);
  const { status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', loader, join(root, 'bench', `${name}.ts`)],
    { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nOutside their limits, or broken: ${failed.join(', ')}`);
  process.exitCode = 1;
}
