/** "Did you mean …": the known name that is nearest to the one that was typed. */

/**
 * The nearest of `known`, undefined when none is near: at most a third of the letters may differ.
 */
export function suggest(typed: string, known: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase().slice(0, 100);
  let nearest: string | undefined;
  let leastEdits = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of known) {
    const edits = editDistance(wanted, name.toLowerCase());
    if (edits >= leastEdits) continue;
    leastEdits = edits;
    nearest = name;
  }
  return nearest;
}

/** `; did you mean x?`, or nothing. */
export function didYouMean(typed: string, known: Iterable<string>): string {
  const nearest = suggest(typed, known);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Insertions, deletions and replacements of one letter (Levenshtein), row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
