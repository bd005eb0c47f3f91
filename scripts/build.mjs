// `npm run build`: dist/ from src/ (the package), then dist/demo/ from demo/ (which imports the
// package by name, so it needs dist/ first). Files that tsc does not carry over are copied.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(import.meta.dirname ?? dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const tscPath = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

/** Read at run time from beside the compiled file: migrations, protocol schemas, page files. */
const ASSET_EXTENSIONS = new Set(['.sql', '.proto', '.json', '.html', '.css', '.svg', '.js']);

function compile(project) {
  execFileSync(process.execPath, [tscPath, '-p', project], { cwd: root, stdio: 'inherit' });
}

function copyAssets(fromDir, toDir) {
  for (const entry of readdirSync(fromDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !ASSET_EXTENSIONS.has(extname(entry.name))) continue;
    const path = join(entry.parentPath, entry.name);
    cpSync(path, join(toDir, path.slice(fromDir.length)));
  }
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
compile('tsconfig.build.json');
copyAssets(join(root, 'src'), join(root, 'dist'));
if (existsSync(join(root, 'demo'))) {
  compile('tsconfig.demo.json');
  copyAssets(join(root, 'demo'), join(root, 'dist/demo'));
}
// tsc writes plain files; the `bin` entry must be executable for `npm link` and a checkout.
if (existsSync(join(root, 'dist/cli.js'))) chmodSync(join(root, 'dist/cli.js'), 0o755);
