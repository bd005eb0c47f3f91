// The layer rule of ARCHITECTURE.md: imports point one way, so that a layer can be read, tested and
// replaced without the ones above it. Type imports count: a type is knowledge, too.
import { describe, expect, test } from 'vitest';
import { importsOf, readSources, type Import, type SourceFile } from './support/imports.js';

/** What each layer may import, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  analysis: ['core'],
  metrics: ['core', 'analysis'],
  rules: ['core', 'analysis', 'metrics'],
  exposition: ['core', 'analysis', 'metrics'],
  sources: ['core'],
  store: ['core'],
  pipeline: ['core', 'analysis'],
  page: ['core', 'analysis'],
  app: [
    'core',
    'analysis',
    'metrics',
    'rules',
    'exposition',
    'sources',
    'store',
    'pipeline',
    'page',
  ],
  // src/index.ts and src/cli.ts: wiring that others see.
  top: ['core', 'analysis', 'metrics', 'exposition', 'sources', 'store', 'pipeline', 'app'],
  // Dashboards and rules are generated from the metric table and what the rules record.
  generators: ['core', 'analysis', 'metrics', 'rules'],
};

/** Layers that compute and never touch the outside: no packages, and of Node only these. */
const PURE_LAYERS = new Set(['core', 'analysis']);
const PURE_MODULES = new Set(['node:buffer']);

function layerOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  if (first === 'grafana' || first === 'prometheus') return 'generators';
  if (first !== 'src') return first;
  return second.endsWith('.ts') ? 'top' : second;
}

function violation({ from, specifier, target }: Import): string | undefined {
  const layer = layerOf(from);
  const allowed = MAY_IMPORT[layer];
  if (allowed === undefined) {
    return `${from}: ${layer}/ is no layer; add it to ARCHITECTURE.md and to this test`;
  }
  if (target === undefined) {
    if (!PURE_LAYERS.has(layer) || PURE_MODULES.has(specifier)) return undefined;
    return `${from} imports '${specifier}': ${layer} is pure, hand the value in instead`;
  }
  const other = layerOf(target);
  if (other === layer || allowed.includes(other)) return undefined;
  const may = allowed.length === 0 ? 'nothing outside itself' : `only ${allowed.join(', ')}`;
  return `${from} imports '${specifier}': ${layer} may import ${may}, not ${other}`;
}

function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap(importsOf).flatMap((found) => violation(found) ?? []);
}

/** The first import cycle of each strongly tangled group, as `a -> b -> a`. */
function cycles(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map((file) => [file.path, importsOf(file).flatMap(({ target }) => target ?? [])]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(' -> '));
    if (start >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}

describe('the sources', () => {
  test('import only along the layers', () => {
    expect(violations(readSources('src', 'grafana', 'prometheus'))).toEqual([]);
  });

  test('have no import cycles', () => {
    expect(cycles(readSources('src'))).toEqual([]);
  });
});

describe('the rule itself', () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });

  test('names file and import of a layer that reaches up', () => {
    expect(violations([file('src/core/a.ts', `import type { B } from '../store/b.js';`)])).toEqual([
      "src/core/a.ts imports '../store/b.js': core may import nothing outside itself, not store",
    ]);
    expect(violations([file('src/store/a.ts', `export { b } from '../app/b.js';`)])).toEqual([
      "src/store/a.ts imports '../app/b.js': store may import only core, not app",
    ]);
    expect(violations([file('src/sources/a.ts', `await import('../store/b.js');`)])).toHaveLength(
      1,
    );
    expect(violations([file('src/app/a.ts', `import '../../demo/b.js';`)])).toHaveLength(1);
  });

  test('refuses input and output in a pure layer, and a layer nobody knows', () => {
    expect(violations([file('src/core/a.ts', `import { readFile } from 'node:fs';`)])).toEqual([
      "src/core/a.ts imports 'node:fs': core is pure, hand the value in instead",
    ]);
    expect(violations([file('src/helpers/a.ts', `import '../core/b.js';`)])).toHaveLength(1);
  });

  test('lets imports along the layers pass', () => {
    const text = `import { a } from '../core/a.js'; import { b } from './b.js'; import 'node:fs';`;
    expect(violations([file('src/store/a.ts', text)])).toEqual([]);
    expect(violations([file('src/index.ts', `export { a } from './app/a.js';`)])).toEqual([]);
  });

  test('sees a cycle', () => {
    const a = file('src/core/a.ts', `import './b.js';`);
    const b = file('src/core/b.ts', `import type { C } from './c.js';`);
    const c = file('src/core/c.ts', `import './a.js';`);
    expect(cycles([a, b, c])).toEqual([
      'src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts',
    ]);
    expect(cycles([a, b])).toEqual([]);
  });
});
