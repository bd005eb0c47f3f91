// Events in, text out: what each family of the domain shows, and what it does not.
import { describe, expect, test } from 'vitest';
import type {
  CircuitState,
  DegradationLevel,
  HealingEvent,
  PredictionOutcome,
} from '../../src/core/event.js';
import { at, completed, detected, envelope, started } from '../support/events.js';
import { familyOf, lines, render, scrape, viewOf } from './scrape.js';
import { LiveState } from '../../src/core/state/live-state.js';

const STRATEGY = 'AgentRestartStrategy';

function registered(seconds: number, strategy: string, failureTypes: string[]): HealingEvent {
  return { ...envelope(seconds), type: 'selfhealer.strategy.registered', strategy, failureTypes };
}

function circuit(
  seconds: number,
  name: string,
  state: CircuitState,
  source = '/swarms/alpha',
): HealingEvent {
  const type = 'selfhealer.circuit.changed';
  return { ...envelope(seconds), source, type, circuit: name, state, strategy: undefined };
}

function degraded(
  seconds: number,
  resource: string,
  level: DegradationLevel,
  source = '/swarms/alpha',
): HealingEvent {
  const type = 'selfhealer.degradation.changed';
  return { ...envelope(seconds), source, type, resource, level };
}

function predicted(seconds: number, predictionId: string): HealingEvent {
  return {
    ...envelope(seconds),
    type: 'selfhealer.failure.predicted',
    predictionId,
    failureType: 'agent_down',
    confidence: 0.85,
    agentId: undefined,
    expectedInMs: 60_000,
    predictor: 'trend',
  };
}

function settled(seconds: number, predictionId: string, outcome: PredictionOutcome): HealingEvent {
  return { ...envelope(seconds), type: 'selfhealer.prediction.resolved', predictionId, outcome };
}

describe('failures and healing', () => {
  test('a failure is counted by type and severity, the other severities of a known type start at 0', async () => {
    const events = [registered(0, STRATEGY, ['agent_down']), detected(1, 'f1')];

    expect(await scrape(events, 'selfhealer_failures_total')).toBe(
      lines(
        '# HELP selfhealer_failures_total Failures detected, one per incident.',
        '# TYPE selfhealer_failures_total counter',
        'selfhealer_failures_total{failure_type="agent_down",severity="critical"} 0',
        'selfhealer_failures_total{failure_type="agent_down",severity="high"} 1',
        'selfhealer_failures_total{failure_type="agent_down",severity="medium"} 0',
        'selfhealer_failures_total{failure_type="agent_down",severity="low"} 0',
      ),
    );
  });

  test('a registered strategy starts at 0 with everything that it may do', async () => {
    const events = [registered(0, STRATEGY, ['agent_down'])];

    expect(await scrape(events, 'selfhealer_healing_attempts_total')).toBe(
      lines(
        '# HELP selfhealer_healing_attempts_total Healing attempts that ran to a result.',
        '# TYPE selfhealer_healing_attempts_total counter',
        `selfhealer_healing_attempts_total{strategy="${STRATEGY}",failure_type="agent_down",trigger="reactive"} 0`,
        `selfhealer_healing_attempts_total{strategy="${STRATEGY}",failure_type="agent_down",trigger="preventive"} 0`,
      ),
    );
    expect(await scrape(events, 'selfhealer_healing_failures_total')).toBe(
      lines(
        '# HELP selfhealer_healing_failures_total Healing attempts that ran and failed.',
        '# TYPE selfhealer_healing_failures_total counter',
        `selfhealer_healing_failures_total{strategy="${STRATEGY}",failure_type="agent_down",trigger="reactive"} 0`,
        `selfhealer_healing_failures_total{strategy="${STRATEGY}",failure_type="agent_down",trigger="preventive"} 0`,
      ),
    );
    const durations = await scrape(events, 'selfhealer_healing_duration_seconds');
    expect(durations).toContain(`_count{strategy="${STRATEGY}",outcome="succeeded"} 0`);
    expect(durations).toContain(`_count{strategy="${STRATEGY}",outcome="failed"} 0`);
    expect(durations).not.toContain('outcome="skipped"');
  });

  test('a failed attempt counts as attempt and as failure, a successful one as attempt alone', async () => {
    const events = [
      detected(0, 'f1'),
      completed(1, 'f1', { outcome: 'failed' }),
      completed(2, 'f1'),
    ];
    const labels = `{strategy="${STRATEGY}",failure_type="agent_down",trigger="reactive"}`;

    expect(await scrape(events, 'selfhealer_healing_attempts_total')).toContain(`${labels} 2`);
    expect(await scrape(events, 'selfhealer_healing_failures_total')).toContain(`${labels} 1`);
  });

  test('a skipped attempt is counted as skipped, and stays out of the attempts', async () => {
    const events = [
      detected(0, 'f1'),
      completed(1, 'f1', {
        strategy: 'TaskRetryStrategy',
        outcome: 'skipped',
        reason: 'declined',
      }),
    ];

    expect(await scrape(events, 'selfhealer_healing_skipped_total')).toBe(
      lines(
        '# HELP selfhealer_healing_skipped_total Healing not attempted; outside every success ratio.',
        '# TYPE selfhealer_healing_skipped_total counter',
        'selfhealer_healing_skipped_total{strategy="TaskRetryStrategy",reason="declined"} 1',
      ),
    );
    for (const name of ['attempts_total', 'failures_total', 'duration_seconds', 'in_progress']) {
      expect(await scrape(events, `selfhealer_healing_${name}`)).not.toMatch(/TaskRetryStrategy/);
    }
  });

  test('an attempt is in progress from its start to its completion', async () => {
    const before = [detected(0, 'f1'), started(1, 'f1')];
    const name = 'selfhealer_healing_in_progress';

    expect(await scrape(before, name)).toBe(
      lines(
        `# HELP ${name} Attempts started and not ended.`,
        `# TYPE ${name} gauge`,
        `${name}{strategy="${STRATEGY}"} 1`,
      ),
    );
    expect(await scrape([...before, completed(2, 'f1')], name)).toContain('} 0');
  });

  test('durations fall into cumulative buckets, with their sum and count', async () => {
    const events = [
      completed(1, 'f1', { durationMs: 250 }),
      completed(2, 'f2', { durationMs: 251 }),
      completed(900, 'f3', { durationMs: 700_000 }),
    ];
    const text = await scrape(events, 'selfhealer_healing_duration_seconds');
    const name = 'selfhealer_healing_duration_seconds';
    const of = `strategy="${STRATEGY}",outcome="succeeded"`;

    expect(text.split('\n').slice(0, 2)).toEqual([
      `# HELP ${name} One attempt, start to result.`,
      `# TYPE ${name} histogram`,
    ]);
    expect(text.split('\n').filter((line) => line.includes(of))).toEqual([
      ...[0.005, 0.01, 0.025, 0.05, 0.1].map((le) => `${name}_bucket{le="${le}",${of}} 0`),
      `${name}_bucket{le="0.25",${of}} 1`,
      ...[0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600].map(
        (le) => `${name}_bucket{le="${le}",${of}} 2`,
      ),
      `${name}_bucket{le="+Inf",${of}} 3`,
      `${name}_sum{${of}} 700.501`,
      `${name}_count{${of}} 3`,
    ]);
  });

  test('the last success is a time; before the first there is none', async () => {
    const name = 'selfhealer_healing_last_success_timestamp_seconds';
    const heads = lines(`# HELP ${name} Unix time of the last success.`, `# TYPE ${name} gauge`);
    const failed = completed(1, 'f1', { outcome: 'failed' });

    expect(await scrape([failed], name)).toBe(heads);
    // One that arrives late does not turn it back.
    expect(await scrape([completed(3, 'f2'), completed(2, 'f3')], name)).toBe(
      lines(heads, `${name}{strategy="${STRATEGY}"} ${at(3) / 1000}`),
    );
  });
});

describe('incidents', () => {
  test('are open until they are resolved', async () => {
    const events = [detected(0, 'f1'), detected(1, 'f2'), completed(2, 'f1')];
    const name = 'selfhealer_incidents_open';

    expect(await scrape(events, name)).toBe(
      lines(
        `# HELP ${name} Detected and not resolved.`,
        `# TYPE ${name} gauge`,
        `${name}{failure_type="agent_down",severity="high"} 1`,
      ),
    );
    expect(await scrape(events, 'selfhealer_incidents_resolved_total')).toBe(
      lines(
        '# HELP selfhealer_incidents_resolved_total Incidents closed.',
        '# TYPE selfhealer_incidents_resolved_total counter',
        ...['healed', 'superseded', 'self_recovered', 'manual', 'expired'].map(
          (word) =>
            `selfhealer_incidents_resolved_total{failure_type="agent_down",resolution="${word}"} ` +
            (word === 'healed' ? '1' : '0'),
        ),
      ),
    );
  });

  test('the oldest open one is told by the time of its detection, and by nothing when none is open', async () => {
    const name = 'selfhealer_incident_oldest_open_timestamp_seconds';
    const heads = lines(
      `# HELP ${name} Detection time of the oldest open incident; absent when none.`,
      `# TYPE ${name} gauge`,
    );
    const events = [detected(5, 'f2'), detected(1, 'f1'), detected(3, 'f3')];

    expect(await scrape(events, name)).toBe(
      lines(heads, `${name}{failure_type="agent_down"} ${at(1) / 1000}`),
    );
    expect(await scrape([detected(1, 'f1'), completed(2, 'f1')], name)).toBe(heads);
  });

  test('time to recovery counts for the strategy whose success ended the incident', async () => {
    const events: HealingEvent[] = [
      registered(0, 'TaskRetryStrategy', ['agent_down']),
      detected(0, 'f1'),
      completed(10, 'f1', { strategy: 'TaskRetryStrategy', outcome: 'failed' }),
      completed(45, 'f1'),
      detected(50, 'f2'),
      completed(55, 'f2'),
      detected(60, 'f3'),
      {
        ...envelope(90),
        type: 'selfhealer.failure.resolved',
        failureId: 'f3',
        resolution: 'manual',
      },
    ];
    const retry = '{strategy="TaskRetryStrategy"}';
    const restart = `{strategy="${STRATEGY}"}`;

    const recoveries = await scrape(events, 'selfhealer_healing_recoveries_total');
    expect(recoveries).toContain(`selfhealer_healing_recoveries_total${retry} 0`);
    expect(recoveries).toContain(`selfhealer_healing_recoveries_total${restart} 2`);
    const seconds = await scrape(events, 'selfhealer_healing_recovery_seconds_total');
    expect(seconds).toContain(`selfhealer_healing_recovery_seconds_total${retry} 0`);
    expect(seconds).toContain(`selfhealer_healing_recovery_seconds_total${restart} 50`);
  });

  test('time to recovery goes from the first detection to recovery, across all attempts', async () => {
    const events = [
      detected(0, 'f1'),
      completed(10, 'f1', { outcome: 'failed', durationMs: 4000 }),
      completed(45, 'f1', { durationMs: 1000 }),
    ];
    const recovery = 'selfhealer_incident_recovery_duration_seconds';
    const delay = 'selfhealer_incident_first_attempt_delay_seconds';
    const attempts = 'selfhealer_incident_attempts';
    const of = 'failure_type="agent_down"';

    const recoveries = await scrape(events, recovery);
    expect(recoveries).toContain(
      `# HELP ${recovery} Time to recovery: first detection to recovery, across all attempts.`,
    );
    expect(recoveries).toContain(`${recovery}_bucket{le="30",${of}} 0`);
    expect(recoveries).toContain(`${recovery}_bucket{le="60",${of}} 1`);
    expect(recoveries).toContain(`${recovery}_sum{${of}} 45`);
    const delays = await scrape(events, delay);
    expect(delays).toContain(`# HELP ${delay} Detection to the start of the first attempt.`);
    expect(delays).toContain(`${delay}_sum{${of}} 6`);
    expect(await scrape(events, attempts)).toBe(
      lines(
        `# HELP ${attempts} Attempts that a resolved incident took.`,
        `# TYPE ${attempts} histogram`,
        `${attempts}_bucket{le="1",${of}} 0`,
        ...[2, 3, 5, 8, 13, '+Inf'].map((le) => `${attempts}_bucket{le="${le}",${of}} 1`),
        `${attempts}_sum{${of}} 2`,
        `${attempts}_count{${of}} 1`,
      ),
    );
  });
});

describe('circuit breakers and degradation', () => {
  test('breakers are counted in every state, also where there are none', async () => {
    const name = 'selfhealer_circuit_breakers';
    const heads = [`# HELP ${name} Breakers in each state.`, `# TYPE ${name} gauge`];
    const counted = (closed: number, open: number, halfOpen: number): string =>
      lines(
        ...heads,
        `${name}{state="closed"} ${closed}`,
        `${name}{state="open"} ${open}`,
        `${name}{state="half_open"} ${halfOpen}`,
      );
    const events = [circuit(1, 'a', 'open'), circuit(2, 'b', 'open'), circuit(3, 'c', 'half_open')];

    expect(await scrape([], name)).toBe(counted(0, 0, 0));
    expect(await scrape([...events, circuit(4, 'a', 'closed')], name)).toBe(counted(1, 1, 1));
  });

  test('transitions are counted, and begin at 0; the same state again is none', async () => {
    const name = 'selfhealer_circuit_breaker_transitions_total';
    const events = [circuit(1, 'a', 'open'), circuit(2, 'a', 'open')];

    expect(await scrape(events, name)).toBe(
      lines(
        `# HELP ${name} Breaker transitions.`,
        `# TYPE ${name} counter`,
        `${name}{from="closed",to="open"} 1`,
        `${name}{from="closed",to="half_open"} 0`,
        `${name}{from="open",to="closed"} 0`,
        `${name}{from="open",to="half_open"} 0`,
        `${name}{from="half_open",to="closed"} 0`,
        `${name}{from="half_open",to="open"} 0`,
      ),
    );
  });

  test('the longest-open breaker is told by the time at which it opened', async () => {
    const name = 'selfhealer_circuit_breaker_oldest_open_timestamp_seconds';
    const heads = lines(
      `# HELP ${name} When the longest-open breaker opened; absent when none is open.`,
      `# TYPE ${name} gauge`,
    );
    const events = [circuit(1, 'a', 'open'), circuit(2, 'b', 'open'), circuit(3, 'c', 'open')];

    expect(await scrape(events, name)).toBe(lines(heads, `${name} ${at(1) / 1000}`));
    expect(await scrape([...events, circuit(4, 'a', 'half_open')], name)).toBe(
      lines(heads, `${name} ${at(2) / 1000}`),
    );
    expect(await scrape([circuit(1, 'a', 'half_open')], name)).toBe(heads);
  });

  test('a breaker is in exactly one state; of two sources with its name, in the worse one', async () => {
    const name = 'selfhealer_circuit_breaker_state';
    const events = [circuit(1, 'a', 'half_open'), circuit(2, 'a', 'closed', '/swarms/beta')];

    expect(await scrape(events, name)).toBe(
      lines(
        `# HELP ${name} Exactly one 1 per circuit.`,
        `# TYPE ${name} gauge`,
        `${name}{circuit="a",state="closed"} 0`,
        `${name}{circuit="a",state="open"} 0`,
        `${name}{circuit="a",state="half_open"} 1`,
      ),
    );
  });

  test('a resource shows its level; of two sources with its name, the worse one', async () => {
    const name = 'selfhealer_degradation_level';
    const events = [
      degraded(1, 'queue', 3),
      degraded(2, 'queue', 1, '/swarms/beta'),
      degraded(3, 'cache', 2),
      degraded(4, 'cache', 0),
    ];

    expect(await scrape(events, name)).toBe(
      lines(
        `# HELP ${name} 0 full, 1–3 reduced, 4 minimal.`,
        `# TYPE ${name} gauge`,
        `${name}{resource="queue"} 3`,
        `${name}{resource="cache"} 0`,
      ),
    );
    expect(await scrape(events, 'selfhealer_degradation_transitions_total')).toBe(
      lines(
        '# HELP selfhealer_degradation_transitions_total Level changes.',
        '# TYPE selfhealer_degradation_transitions_total counter',
        'selfhealer_degradation_transitions_total{resource="queue",direction="degrade"} 2',
        'selfhealer_degradation_transitions_total{resource="queue",direction="restore"} 0',
        'selfhealer_degradation_transitions_total{resource="cache",direction="degrade"} 1',
        'selfhealer_degradation_transitions_total{resource="cache",direction="restore"} 1',
      ),
    );
  });
});

describe('predictions', () => {
  test('are counted when issued and when settled, each once', async () => {
    const events = [
      predicted(0, 'p1'),
      detected(21, 'f1'),
      settled(22, 'p1', 'false_positive'),
      predicted(22, 'p2'),
      settled(23, 'p2', 'prevented'),
    ];
    const outcomes = 'selfhealer_prediction_outcomes_total';
    const lead = 'selfhealer_prediction_lead_time_seconds';
    const confidence = 'selfhealer_prediction_confidence_ratio';

    expect(await scrape(events, 'selfhealer_predictions_total')).toBe(
      lines(
        '# HELP selfhealer_predictions_total Predictions issued.',
        '# TYPE selfhealer_predictions_total counter',
        'selfhealer_predictions_total{failure_type="agent_down",predictor="trend"} 2',
      ),
    );
    expect(await scrape(events, outcomes)).toBe(
      lines(
        `# HELP ${outcomes} Predictions settled, each once.`,
        `# TYPE ${outcomes} counter`,
        `${outcomes}{failure_type="agent_down",predictor="trend",outcome="occurred"} 1`,
        `${outcomes}{failure_type="agent_down",predictor="trend",outcome="prevented"} 1`,
        `${outcomes}{failure_type="agent_down",predictor="trend",outcome="false_positive"} 0`,
        `${outcomes}{failure_type="agent_down",predictor="trend",outcome="expired"} 0`,
      ),
    );
    expect(await scrape(events, 'selfhealer_failures_predicted_total')).toBe(
      lines(
        '# HELP selfhealer_failures_predicted_total Failures that a still valid prediction had announced.',
        '# TYPE selfhealer_failures_predicted_total counter',
        'selfhealer_failures_predicted_total{failure_type="agent_down"} 1',
      ),
    );
    const leads = await scrape(events, lead);
    expect(leads).toContain(`# HELP ${lead} From issue to occurrence.`);
    expect(leads).toContain(`${lead}_sum{predictor="trend"} 21`);
    expect(leads).toContain(`${lead}_count{predictor="unknown"} 0`);
    const confidences = await scrape(events, confidence);
    expect(confidences).toContain(`# HELP ${confidence} Confidence when issued.`);
    expect(confidences).toContain(`${confidence}_bucket{le="0.8",predictor="trend"} 0`);
    expect(confidences).toContain(`${confidence}_bucket{le="0.9",predictor="trend"} 2`);
  });
});

describe('agents', () => {
  const events = [
    detected(0, 'f1', { agentId: 'agent-017' }),
    completed(1, 'f1', { agentId: 'agent-017', outcome: 'failed' }),
  ];

  test.each([
    ['selfhealer_agent_failures_total', 'counter', 'Failures detected, per agent.'],
    [
      'selfhealer_agent_healing_failures_total',
      'counter',
      'Healing attempts that ran and failed, per agent.',
    ],
    ['selfhealer_agent_incidents_open', 'gauge', 'Detected and not resolved, per agent.'],
  ])('%s tells them apart', async (name, type, help) => {
    expect(await scrape(events, name)).toBe(
      lines(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name}{agent_id="agent-017"} 1`),
    );
  });

  test('are shown only when asked for', async () => {
    const text = await render(viewOf(new LiveState()));
    expect(text).not.toMatch(/selfhealer_agent_|selfhealer_circuit_breaker_state/);
    expect(familyOf(text, 'selfhealer_exporter_series')).not.toMatch(/agent/);
    expect(await render(viewOf(new LiveState()), { optIns: ['agents'] })).toMatch(
      /# TYPE selfhealer_agent_failures_total counter/,
    );
  });
});
