/**
 * The demo as plain JavaScript in a folder of its own. Its workers start a hundred times in a test,
 * and a process that has to compile TypeScript first needs ten times as long to start.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const SOURCES = fileURLToPath(new URL('../../demo/', import.meta.url));

export interface CompiledDemo {
  /** Of a module, as in `url('worker.js')`. */
  url(path: string): URL;
  remove(): void;
}

export function compileDemo(): CompiledDemo {
  const folder = mkdtempSync(join(tmpdir(), 'selfhealer-demo-test-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const path of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    // main.ts imports the package, which is not there.
    if (!path.endsWith('.ts') || path === 'main.ts') continue;
    const target = join(folder, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, transpile(readFileSync(join(SOURCES, path), 'utf8')));
  }
  return {
    url: (path) => pathToFileURL(join(folder, path)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function transpile(source: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}
