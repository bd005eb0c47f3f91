/** Which alerts go blind when metrics are not shown: for whoever takes one away, before an alert keeps quiet for good. */
import { DEFAULT_OPTIONS } from './options.js';
import type { Rule } from './rule.js';
import { ruleGroups } from './rules-file.js';

const NAME = /[a-zA-Z_:][\w:]*/g;
/** What a histogram's series are called. */
const PART = /_(?:bucket|sum|count)$/;
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** In the order of the file. Of those written with other options, too: what they read is the same. */
export function alertsWithout(disabled: readonly string[]): readonly string[] {
  if (disabled.length === 0) return [];
  const missing = new Set(disabled);
  const rules = ruleGroups(DEFAULT_OPTIONS).flatMap((group): readonly Rule[] => group.rules);
  // A recorded series of which a part is missing is not what it says; it may be read by others before it in the file.
  for (let size = -1; size !== missing.size;) {
    size = missing.size;
    for (const rule of rules) {
      if (rule.kind === 'record' && reads(rule, missing)) missing.add(rule.record);
    }
  }
  const blind = rules.flatMap((rule) =>
    rule.kind === 'alert' && reads(rule, missing) ? [rule.alert] : [],
  );
  return [...new Set(blind)];
}

function reads({ expr }: Rule, missing: ReadonlySet<string>): boolean {
  const names = expr.replace(QUOTED, '').match(NAME) ?? [];
  return names.some((name) => missing.has(name) || missing.has(name.replace(PART, '')));
}
