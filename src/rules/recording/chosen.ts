/** The objective and the burn rates that were chosen, as series: dashboards read them, so that both say the same. */
import { formatDuration } from '../duration.js';
import type { RuleOptions } from '../options.js';
import { BURN_LIMIT, OBJECTIVE } from '../recorded.js';
import type { RuleGroup } from '../rule.js';

export function chosenGroup({ objective, burnRates }: RuleOptions): RuleGroup {
  return {
    name: 'selfhealer-chosen',
    comment: 'What was chosen: dashboards read it, so that they show what the alerts look at.',
    intervalMs: 60_000,
    rules: [
      { kind: 'record', record: OBJECTIVE, expr: `vector(${objective})` },
      ...burnRates.map(({ factor, longMs, shortMs }) => ({
        kind: 'record' as const,
        record: BURN_LIMIT,
        expr: `vector(${factor})`,
        labels: { long: formatDuration(longMs), short: formatDuration(shortMs) },
      })),
    ],
  };
}
