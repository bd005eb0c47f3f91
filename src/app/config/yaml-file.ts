/** YAML as plain values, with the line of each key for messages. */
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

export type YamlFile =
  | {
      readonly ok: true;
      readonly tree: unknown;
      /** From 1. Of the key, or of the nearest thing around it that the file has. */
      readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
    }
  | { readonly ok: false; readonly problems: readonly YamlProblem[] };

export interface YamlProblem {
  readonly message: string;
  readonly line: number | undefined;
}

/** Aliases that unfold into something huge are refused. */
const ALIASES_MAX = 100;

export function readYamlFile(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems = document.errors.map(({ message, linePos }) => {
    // The parser adds a drawing of the place from the second line on.
    const [what = ''] = message.split('\n', 1);
    const withoutPlace = what.replace(/ at line \d+, column \d+:?$/, '');
    return { message: `expected YAML: ${withoutPlace}`, line: linePos?.[0].line };
  });
  if (problems.length > 0) return { ok: false, problems };
  try {
    const tree: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return { ok: true, tree, lineOf: (path) => lineOf(document, path, lines) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [{ message: `expected YAML: ${reason}`, line: 1 }] };
  }
}

function lineOf(
  document: Document,
  path: readonly PropertyKey[],
  lines: LineCounter,
): number | undefined {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(part),
      );
      offset = offsetOf(pair?.key) ?? offset;
      node = pair?.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = offsetOf(node) ?? offset;
    } else {
      break;
    }
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
