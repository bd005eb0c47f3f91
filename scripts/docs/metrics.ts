// docs/metrics.md, from the metric table: every metric with its type, labels and meaning.
import { OPEN_SET, type MetricRow } from '../../src/metrics/define.js';
import { TOPICS, type Topic } from '../../src/metrics/table.js';

export const outputPath = 'docs/metrics.md';

/** What the table does not say. */
const BEFORE = `# Metrics

<!-- Written by \`npm run docs\` from src/metrics/. Do not edit. -->

What \`/metrics\` shows, in the Prometheus text format 0.0.4. It answers 503 until everything in the log has been read back.

- \`selfhealer_…\` tells about what is being healed. These are computed from the event log, so counters go on after a
  restart exactly where they were, and never fall.
- \`selfhealer_exporter_…\` tells about this exporter. These count since the process started, with one exception:
  \`selfhealer_exporter_events_total\` is computed from the log, too.
- \`process_…\` and \`nodejs_…\` tell about the process; they come from prom-client and are not listed here.

**Zero and absent.** Counters start at 0 as soon as their labels are known: closed lists from the beginning, a strategy and
its failure types with \`strategy.registered\`, so that the first failure is an increase. A value that is not known, such as the
success ratio of no attempts, is absent, never 0.

**Units.** Durations are in seconds, times are Unix times in seconds: \`time() - <metric>\` is an age.

**Label values** are the text that the events carried. Where a label has a closed list, it is given. A missing failure type,
severity or predictor is \`unknown\`, a missing reason of a skipped attempt \`unspecified\`.

**Limits.** A metric whose labels come from events keeps a limited number of label sets apart: those that came first, for ever.
In counters, histograms and gauges that can be added up, the rest shares the label value \`__overflow__\`, so that sums stay
exact. Ratios, states and times have no sum: there the rest is left out. Reports have no such limit. \`selfhealer_exporter_series\`,
\`_series_limit\` and \`_label_overflows_total\` show how far each metric is; an alert on the last one is the one to have.

**State sets** have one series per state: 1 for the present one, 0 for the others. Their sum is always 1; alert on
\`selfhealer_strategy_trend{trend="degrading"} == 1\`.

**Derived** gauges are computed every 15 s (\`analysis.interval\`). They give what PromQL cannot: intervals, open incidents taken into
account, the order of attempts. Rates, means over other windows and quantiles are better taken from the counters and histograms.

**Several sources with one name.** Series of a circuit or a resource do not tell sources apart: when two sources use the same
name, the worst state or level of them is shown. \`selfhealer_circuit_breakers\` counts each of them.

**Opt-in** metrics are shown only when they are asked for, by the name given with them.
`;

export function render(): string {
  return `${BEFORE}${TOPICS.map(renderTopic).join('')}`;
}

function renderTopic({ title, rows }: Topic): string {
  const entries = Object.entries(rows).map(([name, row]) => renderRow(name, row));
  return `\n## ${title}\n${entries.join('')}`;
}

function renderRow(name: string, row: MetricRow): string {
  const facts = [
    `- type: ${renderType(row)}`,
    ...Object.entries(row.labels).map(([label, values]) =>
      values === OPEN_SET
        ? `- label \`${label}\``
        : `- label \`${label}\`: ${values.map((value) => `\`${value}\``).join(', ')}`,
    ),
    ...(row.kind === 'histogram' ? [`- buckets: ${row.buckets.join(', ')}`] : []),
    ...(row.absent === undefined ? [] : [`- ${lowerFirst(row.absent)}`]),
    ...(row.optIn === undefined ? [] : [`- opt-in: \`${row.optIn}\``]),
  ];
  return `\n### \`${name}\`\n\n${row.help}\n\n${facts.join('\n')}\n`;
}

function renderType(row: MetricRow): string {
  return row.kind === 'state_set' ? 'gauge, state set' : row.kind;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}
