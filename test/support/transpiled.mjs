// A .ts file without its types. What was made of it is kept under .cache/, so that the compiler is
// loaded only for what has changed.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { threadId } from 'node:worker_threads';

const ROOT = new URL('../../', import.meta.url);
const CACHE = new URL('.cache/transpiled/', ROOT);
const require = createRequire(import.meta.url);
const { version } = require('typescript/package.json');

/** Once before all tests, so that none of them waits for it in a fresh clone: seconds, on a busy machine many. */
export function setup() {
  const sources = new URL('src/', ROOT);
  for (const path of readdirSync(sources, { recursive: true })) {
    if (path.endsWith('.ts')) transpiled(new URL(path, sources).href);
  }
}

/** JavaScript of the file at this address. */
export function transpiled(url) {
  const text = readFileSync(new URL(url), 'utf8');
  const path = new URL(`${hashOf(url)}.js`, CACHE);
  const mark = `\n//${hashOf(version + text)}\n`;
  const kept = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (kept.endsWith(mark)) return kept;
  const made = withoutTypes(url, text) + mark;
  // Others may be writing the same: each writes a file of its own, and whole files take the place.
  const own = new URL(`${hashOf(url)}.${process.pid}-${threadId}`, CACHE);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(own, made);
  renameSync(own, path);
  return made;
}

function withoutTypes(url, text) {
  const ts = require('typescript');
  return ts.transpileModule(text, {
    fileName: url,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  }).outputText;
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('hex');
}
