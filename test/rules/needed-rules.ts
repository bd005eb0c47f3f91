/**
 * The committed rules without what an alert or a recorded series does not read, directly or through others: promtool
 * evaluates every rule of a file at every step of hours, and a test looks at one of them.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

export const RULES = fileURLToPath(new URL('../../prometheus/rules.yml', import.meta.url));

const ruleSchema = z.looseObject({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: z.string(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const fileSchema = z.object({
  groups: z.array(z.looseObject({ rules: z.array(ruleSchema) })),
});
type Rule = z.infer<typeof ruleSchema>;

/** Of a metric, a recorded series or an alert, wherever it stands: expressions, and queries in annotations. */
const NAME = /[a-zA-Z_:][\w:]*/g;

const { groups } = fileSchema.parse(parse(readFileSync(RULES, 'utf8')));

/** As YAML, groups and their order kept. `names`: of alerts and recorded series. */
export function neededRules(names: readonly string[]): string {
  const all = groups.flatMap(({ rules }) => rules);
  const needed = new Set(names);
  const taken = new Set<Rule>();
  for (let size = -1; size !== taken.size;) {
    size = taken.size;
    for (const rule of all) {
      if (taken.has(rule) || !needed.has(rule.record ?? rule.alert ?? '')) continue;
      taken.add(rule);
      for (const name of namesIn(rule)) needed.add(name);
    }
  }
  const left = groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => taken.has(rule)) }))
    .filter(({ rules }) => rules.length > 0);
  return stringify({ groups: left });
}

function namesIn({ expr, annotations = {} }: Rule): readonly string[] {
  return [expr, ...Object.values(annotations)].flatMap((text) => text.match(NAME) ?? []);
}
