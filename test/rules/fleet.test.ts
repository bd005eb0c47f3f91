/**
 * The fleet view against the gauges: real events are folded, the exporter's own text is scraped once a minute, and
 * promtool evaluates the committed rules over what was scraped.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { deriveGauges } from '../../src/analysis/derived.js';
import type { Fact, IncidentResolved } from '../../src/core/facts.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { render, samplesOf, viewOf } from '../metrics/scrape.js';
import { at, completed, logged } from '../support/events.js';
import { uniform } from '../support/random.js';
import { describeWith } from '../support/servers.js';
import { neededRules } from './needed-rules.js';

const run = promisify(execFile);

const MINUTES = 300;
/** From here on the second rate holds: the recent window, an hour, is all after the change. */
const CHANGE = 240;
const ATTEMPTS_A_MINUTE = 3;
const MEAN_RECOVERY = 'job_strategy:selfhealer_healing_recovery_seconds:mean1d';
const SCRAPED = /^selfhealer_healing_(attempts|failures|recoveries|recovery_seconds)_total/;

/** Success rates before and after the change, and the words for it. */
const STRATEGIES = [
  { strategy: 'Steady', rates: [0.97, 0.97], trend: 'stable', word: 'keep' },
  { strategy: 'Degrading', rates: [0.95, 0.3], trend: 'degrading', word: 'replace' },
  { strategy: 'Slipping', rates: [0.97, 0.62], trend: 'degrading', word: 'investigate' },
  { strategy: 'Improving', rates: [0.6, 0.98], trend: 'improving', word: 'keep' },
  { strategy: 'Poor', rates: [0.3, 0.3], trend: 'stable', word: 'replace' },
  { strategy: 'Rare', rates: [0.9, 0.9], trend: 'insufficient_data', word: 'insufficient_data' },
] as const;

/** What was scraped of each series, minute by minute, and the state at the end. */
async function live(): Promise<{
  state: LiveState;
  scraped: Map<string, string[]>;
  recoveries: readonly IncidentResolved[];
}> {
  const recoveries: IncidentResolved[] = [];
  const state = new LiveState();
  const scraped = new Map<string, string[]>();
  const next = uniform(4);
  for (let minute = 0; minute <= MINUTES; minute++) {
    for (const [place, { strategy, rates }] of STRATEGIES.entries()) {
      const count = strategy === 'Rare' ? Number(minute % 60 === 0) : ATTEMPTS_A_MINUTE;
      for (let i = 0; i < count; i++) {
        const succeeded = next() < rates[minute < CHANGE ? 0 : 1];
        const seconds = minute * 60 + i * 15;
        const outcome = succeeded ? 'succeeded' : 'failed';
        const durationMs = 1000 * (place + 1) * (1 + i);
        const told = { strategy, outcome, durationMs } as const;
        const event = completed(seconds, `${strategy}-${minute}-${i}`, told);
        const facts = state.apply(logged(event, state.seq + 1));
        // What the first scrape finds there is no increase.
        if (minute > 0) recoveries.push(...facts.filter(isHealed));
      }
    }
    const text = await render(viewOf(state, { nowMs: at(minute * 60 + 59) }));
    for (const { series, value } of samplesOf(text)) {
      if (!SCRAPED.test(series)) continue;
      const own = series.replace('{', '{job="swarm",instance="a:9464",');
      const values = scraped.get(own) ?? Array.from({ length: minute }, () => '_');
      values.push(String(value));
      scraped.set(own, values);
    }
  }
  return { state, scraped, recoveries };
}

function isHealed(fact: Fact): fact is IncidentResolved {
  return fact.kind === 'incident_resolved' && fact.strategy !== undefined;
}

/** What the rules record is the mean of what the strategy healed, incident by incident. */
function meanRecoveryTest(recoveries: readonly IncidentResolved[], strategy: string) {
  const own = recoveries.filter((one) => one.strategy === strategy);
  const seconds = own.reduce((sum, { recoveryMs = NaN }) => sum + recoveryMs / 1000, 0);
  const series = `{job="swarm",strategy="${strategy}"}`;
  return {
    expr: `abs(${MEAN_RECOVERY}${series} / ${seconds / own.length} - 1) < bool 0.01`,
    eval_time: `${MINUTES}m`,
    exp_samples: [{ labels: series, value: 1 }],
  };
}

describeWith(['promtool'], 'on one exporter', ({ promtool }) => {
  test('gauges and rules say the same of what is steady, clearly worse or clearly better', async () => {
    const { state, scraped, recoveries } = await live();
    const gauges = deriveGauges(state, at(MINUTES * 60 + 59)).strategies;
    expect(
      gauges.map(({ strategy, trend, recommendation }) => [strategy, trend, recommendation]),
    ).toEqual(STRATEGIES.map(({ strategy, trend, word }) => [strategy, trend, word]));

    const states = (
      gauge: string,
      label: string,
      wordOf: (one: (typeof STRATEGIES)[number]) => string,
    ) => {
      const record = `job_strategy:${gauge}:fleet`;
      return {
        expr: `${record} == 1`,
        eval_time: `${MINUTES}m`,
        exp_samples: STRATEGIES.map((one) => ({
          labels: `${record}{job="swarm",strategy="${one.strategy}",${label}="${wordOf(one)}"}`,
          value: 1,
        })),
      };
    };
    const sums = (gauge: string) => ({
      expr: `count(sum by (strategy) (job_strategy:${gauge}:fleet) == 1)`,
      eval_time: `${MINUTES}m`,
      exp_samples: [{ labels: '{}', value: STRATEGIES.length }],
    });
    const trend = 'selfhealer_strategy_trend';
    const recommendation = 'selfhealer_strategy_recommendation';
    const tests = [
      {
        interval: '1m',
        input_series: [...scraped].map(([series, values]) => ({
          series,
          values: values.join(' '),
        })),
        promql_expr_test: [
          states(trend, 'trend', (one) => one.trend),
          states(recommendation, 'recommendation', (one) => one.word),
          sums(trend),
          sums(recommendation),
          ...STRATEGIES.map(({ strategy }) => meanRecoveryTest(recoveries, strategy)),
        ],
      },
    ];
    const dir = mkdtempSync(join(tmpdir(), 'fleet-'));
    const path = join(dir, 'fleet.yml');
    const rules = join(dir, 'rules.yml');
    writeFileSync(
      rules,
      neededRules([
        `job_strategy:${trend}:fleet`,
        `job_strategy:${recommendation}:fleet`,
        MEAN_RECOVERY,
      ]),
    );
    writeFileSync(path, stringify({ rule_files: [rules], evaluation_interval: '30s', tests }));
    const result = await run(promtool, ['test', 'rules', path]).catch((error: unknown) => ({
      stdout: String(error),
    }));
    rmSync(dir, { recursive: true });
    expect(result.stdout).not.toContain('FAILED');
  }, 120_000);
});
