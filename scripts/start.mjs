// `npm start`: the exporter with the demo healer. Builds first when dist/ is missing or older than
// the sources, so that one command is enough in a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, 'dist/demo/main.js');

function newestMs(dir) {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((e) =>
    e.isFile(),
  );
  return Math.max(0, ...files.map((e) => statSync(join(e.parentPath, e.name)).mtimeMs));
}

function isStale() {
  if (!existsSync(entry)) return true;
  const builtMs = statSync(entry).mtimeMs;
  const packageMs = statSync(join(root, 'package.json')).mtimeMs;
  return Math.max(newestMs(join(root, 'src')), newestMs(join(root, 'demo')), packageMs) > builtMs;
}

if (isStale()) {
  console.log('Building (once, and again after a change) ...');
  const build = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], {
    stdio: 'inherit',
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}

// The demo runs in this process, so that a SIGTERM to `npm start` reaches it directly.
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
