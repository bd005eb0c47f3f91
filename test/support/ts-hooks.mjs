// How Node finds and reads .ts files: resolve ./x.js to ./x.ts, and drop the types.
import { existsSync } from 'node:fs';
import { transpiled } from './transpiled.mjs';

const ROOT = new URL('../../', import.meta.url);
const PACKAGES = new URL('node_modules/', ROOT).href;

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
