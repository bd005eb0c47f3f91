// `npm run docs` writes the pages that are derived from the code, one per file in scripts/docs/;
// `npm run docs:check` (a step of npm test) fails when a page is not what the code says.
//
// A page is a file in scripts/docs/ that exports `outputPath` (from the project's root) and
// `render(): string`. To add one, add a file; nothing else lists it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

interface Page {
  readonly outputPath: string;
  readonly render: () => string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const pagesDir = join(root, 'scripts/docs');

function isPage(module: unknown): module is Page {
  if (typeof module !== 'object' || module === null) return false;
  if (!('outputPath' in module) || !('render' in module)) return false;
  return typeof module.outputPath === 'string' && typeof module.render === 'function';
}

async function loadPages(): Promise<Page[]> {
  const names = readdirSync(pagesDir, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const module: unknown = await import(pathToFileURL(join(pagesDir, name)).href);
      if (isPage(module)) return module;
      throw new Error(`scripts/docs/${name}: expected exports outputPath and render`);
    }),
  );
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const onlyCheck = process.argv.includes('--check');
const stale: string[] = [];
for (const { outputPath, render } of await loadPages()) {
  const path = join(root, outputPath);
  const text = render();
  if (readIfPresent(path) === text) continue;
  stale.push(outputPath);
  if (onlyCheck) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
if (onlyCheck && stale.length > 0) {
  console.error(`Not what the code says: ${stale.join(', ')}. Run \`npm run docs\` and commit.`);
  process.exitCode = 1;
} else if (!onlyCheck) {
  console.log(stale.length === 0 ? 'Nothing changed.' : `Written: ${stale.join(', ')}`);
}
