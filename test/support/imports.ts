// Reads which file imports which, for the tests that keep the architecture.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface SourceFile {
  /** From the project's root, with forward slashes: `src/core/event.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** As written: `./event.js`, `node:fs`, `express`. */
  readonly specifier: string;
  /** The project file it means; undefined for packages and Node's own modules. */
  readonly target: string | undefined;
}

/** Every .ts file under some folders; a folder that does not exist has none. */
export function readSources(...folders: string[]): SourceFile[] {
  return folders.flatMap((folder) => {
    const paths = listFiles(join(root, folder)).map((path) => posix.join(folder, path));
    return paths
      .filter((path) => path.endsWith('.ts'))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  });
}

function listFiles(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}

/** Static and dynamic imports, type imports and re-exports, read by the compiler's own scanner. */
export function importsOf({ path, text }: SourceFile): Import[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName: specifier }) => ({
    from: path,
    specifier,
    target: specifier.startsWith('.')
      ? posix.join(dirname(path), specifier).replace(/\.js$/, '.ts')
      : undefined,
  }));
}
