// How Node finds and reads .ts files: resolve ./x.js to ./x.ts, and drop the types. What was made
// of a file is kept under .cache/, so that the compiler is loaded only for what has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { threadId } from 'node:worker_threads';

const ROOT = new URL('../../', import.meta.url);
const CACHE = new URL('.cache/transpiled/', ROOT);
const PACKAGES = new URL('node_modules/', ROOT).href;
const require = createRequire(import.meta.url);
const { version } = require('typescript/package.json');

/** The package's own name means its sources, as in tsconfig.json and vitest.config.ts. */
const OWN_NAME = 'selfhealer-exporter';
const OWN_INDEX = new URL('src/index.ts', ROOT).href;

export async function resolve(specifier, context, next) {
  if (specifier === OWN_NAME) return { url: OWN_INDEX, format: 'module', shortCircuit: true };
  const isPath = /^(?:\.|file:)/.test(specifier);
  if (isPath && specifier.endsWith('.js')) {
    const url = new URL(specifier, context.parentURL);
    const source = new URL(url.href.replace(/\.js$/, '.ts'));
    const isOurs = url.href.startsWith(ROOT.href) && !url.href.startsWith(PACKAGES);
    if (isOurs && !existsSync(url) && existsSync(source)) {
      return { url: source.href, format: 'module', shortCircuit: true };
    }
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: transpiled(url), shortCircuit: true };
}

function transpiled(url) {
  const text = readFileSync(new URL(url), 'utf8');
  const hash = createHash('sha256').update(version).update(url).update(text).digest('hex');
  const path = new URL(`${hash}.js`, CACHE);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  const ts = require('typescript');
  const { outputText } = ts.transpileModule(text, {
    fileName: url,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  });
  // Others may be writing the same: each writes a file of its own, and whole files take the place.
  const own = new URL(`${hash}.${process.pid}-${threadId}`, CACHE);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(own, outputText);
  renameSync(own, path);
  return outputText;
}
