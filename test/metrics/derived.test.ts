// What the analyses found, as gauges.
import { describe, expect, test } from 'vitest';
import { deriveGauges, NOTHING_DERIVED, type DerivedGauges } from '../../src/analysis/derived.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, detected, envelope, fold, logged } from '../support/events.js';
import { familyOf, lines, render, samplesOf, viewOf } from './scrape.js';

const REGISTERED = {
  ...envelope(0),
  type: 'selfhealer.strategy.registered',
  strategy: 'S',
  failureTypes: ['agent_down'],
} as const;

const REPORT: DerivedGauges = {
  atMs: at(30),
  successRatio: [
    { window: '1h', ratio: 0.75, samples: 8 },
    { window: '1d', ratio: undefined, samples: 0 },
  ],
  strategies: [
    {
      strategy: 'S',
      windows: [
        {
          window: '1h',
          samples: 0,
          ratio: undefined,
          lower: undefined,
          upper: undefined,
          meanDurationSeconds: undefined,
        },
        {
          window: '1d',
          samples: 8,
          ratio: 0.75,
          lower: 0.4,
          upper: 0.9,
          meanDurationSeconds: 1.5,
        },
      ],
      trend: 'degrading',
      trendScore: -0.9,
      trendChangedMs: at(10),
      successDelta: -0.2,
      recommendation: 'investigate',
      durationTrend: 'slower',
    },
  ],
  mttr: [{ window: '1d', seconds: 45 }],
  failureTypeMttr: [{ failureType: 'agent_down', window: '1d', seconds: 44 }],
  mttrTrends: [{ failureType: 'agent_down', trend: 'faster' }],
  anomalies: [{ failureType: 'agent_down', score: 1.5 }],
  cascades: [{ cause: 'agent_down', effect: 'task_timeout', lift: 3 }],
  best: [{ failureType: 'agent_down', strategy: 'S', probability: 0.9 }],
  recommendations: [
    { kind: 'strategy', severity: 'warning', count: 2 },
    { kind: 'strategy', severity: 'info', count: 0 },
  ],
  analyses: [
    { analysis: 'mttr', durationSeconds: 0.002, lastSuccessMs: at(30), errors: 0 },
    { analysis: 'strategies', durationSeconds: 0.003, lastSuccessMs: undefined, errors: 3 },
  ],
};

async function shown(report: DerivedGauges, state = fold([REGISTERED]).state): Promise<string> {
  return render(viewOf(state, { report }));
}

describe('each derived gauge', () => {
  const head = (name: string, help: string, type = 'gauge'): string =>
    lines(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);

  test.each([
    [
      'selfhealer_strategy_best',
      'Derived: probability that this strategy is the best for the type.',
      ['{failure_type="agent_down",strategy="S"} 0.9'],
    ],
    [
      'selfhealer_success_ratio',
      'Derived: share of attempts that succeeded.',
      ['{window="1h"} 0.75'],
    ],
    [
      'selfhealer_strategy_success_ratio',
      'Derived, per strategy: share of attempts that succeeded.',
      ['{strategy="S",window="1d"} 0.75'],
    ],
    [
      'selfhealer_strategy_success_ratio_lower',
      'Derived: lower end of the 95 % interval of the success ratio.',
      ['{strategy="S",window="1d"} 0.4'],
    ],
    [
      'selfhealer_strategy_success_ratio_upper',
      'Derived: upper end of the 95 % interval of the success ratio.',
      ['{strategy="S",window="1d"} 0.9'],
    ],
    [
      'selfhealer_strategy_samples',
      'Attempts behind the ratio.',
      ['{strategy="S",window="1h"} 0', '{strategy="S",window="1d"} 8'],
    ],
    [
      'selfhealer_strategy_duration_seconds',
      'Derived: mean attempt duration.',
      ['{strategy="S",window="1d"} 1.5'],
    ],
    [
      'selfhealer_strategy_trend',
      'Derived: direction of the success rate; exactly one 1.',
      [
        '{strategy="S",trend="improving"} 0',
        '{strategy="S",trend="stable"} 0',
        '{strategy="S",trend="degrading"} 1',
        '{strategy="S",trend="insufficient_data"} 0',
      ],
    ],
    [
      'selfhealer_strategy_trend_score',
      'Derived: −1 (surely degrading) to 1 (surely improving).',
      ['{strategy="S"} -0.9'],
    ],
    [
      'selfhealer_strategy_trend_changed_timestamp_seconds',
      'Derived: when the present trend began; absent while stable since the start.',
      [`{strategy="S"} ${at(10) / 1000}`],
    ],
    [
      'selfhealer_strategy_success_delta_ratio',
      'Derived: recent minus baseline success ratio.',
      ['{strategy="S"} -0.2'],
    ],
    [
      'selfhealer_strategy_duration_trend',
      'Derived: direction of attempt durations; exactly one 1.',
      ['faster', 'stable', 'slower', 'insufficient_data'].map(
        (word) => `{strategy="S",trend="${word}"} ${word === 'slower' ? 1 : 0}`,
      ),
    ],
    [
      'selfhealer_mttr_trend',
      'Derived: direction of recovery times; exactly one 1.',
      ['faster', 'stable', 'slower', 'insufficient_data'].map(
        (word) => `{failure_type="agent_down",trend="${word}"} ${word === 'faster' ? 1 : 0}`,
      ),
    ],
    [
      'selfhealer_failure_anomaly_score',
      'Derived: how unusual the present failure rate is; 0 usual, 1 or more anomalous.',
      ['{failure_type="agent_down"} 1.5'],
    ],
    [
      'selfhealer_failure_cascades',
      'Derived: lift of failures of type effect following cause; only significant pairs.',
      ['{cause="agent_down",effect="task_timeout"} 3'],
    ],
    [
      'selfhealer_strategy_recommendation',
      'Derived: what to do with the strategy; exactly one 1.',
      ['keep', 'tune', 'replace', 'investigate', 'monitor', 'insufficient_data'].map(
        (word) => `{strategy="S",recommendation="${word}"} ${word === 'investigate' ? 1 : 0}`,
      ),
    ],
    [
      'selfhealer_recommendations',
      'Recommendations standing now.',
      ['{kind="strategy",severity="warning"} 2', '{kind="strategy",severity="info"} 0'],
    ],
    [
      'selfhealer_mttr_seconds',
      'Derived: mean time to recovery, all types, open incidents accounted for.',
      ['{window="1d"} 45'],
    ],
    [
      'selfhealer_failure_type_mttr_seconds',
      'Derived: mean time to recovery per failure type, open incidents accounted for.',
      ['{failure_type="agent_down",window="1d"} 44'],
    ],
    [
      'selfhealer_exporter_analysis_duration_seconds',
      'How long the last run of the analysis took.',
      ['{analysis="mttr"} 0.002', '{analysis="strategies"} 0.003'],
    ],
    [
      'selfhealer_exporter_analysis_last_success_timestamp_seconds',
      'Unix time of the last run that succeeded.',
      [`{analysis="mttr"} ${at(30) / 1000}`],
    ],
  ])('%s', async (name, help, series) => {
    const expected = lines(head(name, help), ...series.map((one) => `${name}${one}`));
    expect(familyOf(await shown(REPORT), name)).toBe(expected);
  });

  test('failed analyses are a counter', async () => {
    const name = 'selfhealer_exporter_analysis_errors_total';
    expect(familyOf(await shown(REPORT), name)).toBe(
      lines(
        head(name, 'Runs that failed.', 'counter'),
        `${name}{analysis="mttr"} 0`,
        `${name}{analysis="strategies"} 3`,
      ),
    );
  });
});

/** Of the derived gauges: limits are known before anything is derived. */
function derived(text: string) {
  return samplesOf(text).filter(
    ({ family }) =>
      /^selfhealer_(success|strategy|mttr|failure_type|recommendations)/.test(family) ||
      family.startsWith('selfhealer_exporter_analysis'),
  );
}

test('before the analyses have run, and when they failed, nothing is derived', async () => {
  const { state } = fold([REGISTERED, detected(1, 'f1'), completed(2, 'f1')]);
  expect(derived(await render(viewOf(state)))).toEqual([]);
  expect(derived(await shown({ ...NOTHING_DERIVED, atMs: at(30) }, state))).toEqual([]);
});

test('what is no number is absent, so that no sum over it is spoilt', async () => {
  const mttr = [
    { window: '1h', seconds: Number.NaN },
    { window: '1d', seconds: Number.POSITIVE_INFINITY },
  ] as const;
  const text = await shown({ ...REPORT, mttr });
  expect(samplesOf(familyOf(text, 'selfhealer_mttr_seconds'))).toEqual([]);
});

test('a strategy without attempts has samples and words, and no ratio', async () => {
  const { state } = fold([REGISTERED]);
  const text = await shown(deriveGauges(state, at(30)), state);
  const ofStrategy = derived(text).filter(({ series }) => series.includes('strategy="S"'));

  expect(ofStrategy.filter(({ value }) => value !== 0).map(({ series }) => series)).toEqual([
    'selfhealer_strategy_trend{strategy="S",trend="insufficient_data"}',
    'selfhealer_strategy_duration_trend{strategy="S",trend="insufficient_data"}',
    'selfhealer_strategy_recommendation{strategy="S",recommendation="insufficient_data"}',
  ]);
  expect(familyOf(text, 'selfhealer_strategy_success_ratio')).not.toMatch(/^selfhealer/m);
});

test('what the analyses derive from events is what the gauges show', async () => {
  const events = Array.from({ length: 20 }, (_, i) => [
    detected(i, `f${i}`),
    completed(i + 0.5, `f${i}`, { outcome: i % 4 === 0 ? 'failed' : 'succeeded' }),
  ]).flat();
  const { state } = fold(events);
  const text = await shown(deriveGauges(state, at(30)), state);

  expect(text).toContain('selfhealer_success_ratio{window="1h"} 0.75');
  expect(text).toContain(
    'selfhealer_strategy_samples{strategy="AgentRestartStrategy",window="1d"} 20',
  );
  expect(text).toMatch(/^selfhealer_mttr_seconds\{window="1h"\} \d/m);
  expect(text).toMatch(/^selfhealer_failure_type_mttr_seconds\{failure_type="agent_down",/m);
});

test('strategies beyond the cap are left out, the first stay, whatever the order of the report', async () => {
  const state = new LiveState();
  for (let i = 0; i < 700; i += 1) {
    const event = { ...REGISTERED, ...envelope(0), strategy: `Strategy${i}` };
    state.apply(logged(event, state.seq + 1));
  }
  const gauges = deriveGauges(state, at(30));
  const report = { ...gauges, strategies: [...gauges.strategies].reverse() };
  const text = await shown(report, state);
  const strategiesOf = (name: string): Set<string> =>
    new Set(
      samplesOf(familyOf(text, name)).map(
        ({ series }) => /strategy="(\w+)"/.exec(series)?.[1] ?? '',
      ),
    );
  const first = (count: number) => new Set(Array.from({ length: count }, (_, i) => `Strategy${i}`));

  expect(strategiesOf('selfhealer_strategy_trend')).toEqual(first(500));
  expect(strategiesOf('selfhealer_strategy_recommendation')).toEqual(first(333));
  expect(strategiesOf('selfhealer_strategy_samples')).toEqual(first(700));
  expect(familyOf(text, 'selfhealer_exporter_label_overflows_total')).toContain(
    `{metric="selfhealer_strategy_trend"} ${200 * 4}`,
  );
});
