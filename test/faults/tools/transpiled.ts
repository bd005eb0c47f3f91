/**
 * The sources as JavaScript in a folder of their own: a process that starts a hundred times should
 * not compile each time.
 */
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Compiles folders (of .ts files, without what lies below them) and single files; paths are
 * relative to the project.
 */
export function transpile(target: string, sources: readonly string[]): void {
  const files = sources.flatMap((source) =>
    source.endsWith('.ts')
      ? [source]
      : readdirSync(join(ROOT, source))
          .filter((name) => name.endsWith('.ts'))
          .map((name) => join(source, name)),
  );
  for (const file of files) {
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, file), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    });
    const path = join(target, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputText);
  }
  writeFileSync(join(target, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(target, 'node_modules'));
}
