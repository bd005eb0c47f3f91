// The state that the benchmarks of the scrape and of the push read.
import { deriveGauges } from '../../src/analysis/derived.js';
import type { HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { SelfCounts } from '../../src/metrics/self-counts.js';
import type { MetricsView } from '../../src/metrics/view.js';

const START_MS = Date.UTC(2026, 10, 23);

/** Each strategy is registered for one type, and has failed once and succeeded once. */
export function stateOf(strategies: number): LiveState {
  const state = new LiveState();
  const apply = (event: HealingEvent): void => {
    state.apply({ seq: state.seq + 1, input: 'http', receivedMs: event.timeMs, event });
  };
  for (let i = 0; i < strategies; i += 1) {
    const about = { source: '/bench', timeMs: START_MS + i * 1000 };
    const strategy = `Strategy${i}`;
    const failureType = `failure_type_${i}`;
    const type = 'selfhealer.strategy.registered';
    apply({ ...about, id: `r${i}`, type, strategy, failureTypes: [failureType] });
    for (const [n, outcome] of (['failed', 'succeeded'] as const).entries()) {
      apply({
        ...about,
        id: `c${i}-${n}`,
        type: 'selfhealer.healing.completed',
        failureId: `f${i}`,
        strategy,
        outcome,
        // At the bounds of buckets: the sums of both are then the same, too.
        durationMs: outcome === 'failed' ? 500 : 250,
        actions: [],
        failureType,
        agentId: `agent-${i}`,
        severity: 'high',
        reason: undefined,
        trigger: 'reactive',
      });
    }
  }
  return state;
}

export function viewOf(state: LiveState): MetricsView {
  return {
    nowMs: START_MS,
    state,
    report: deriveGauges(state, START_MS),
    self: new SelfCounts(),
    store: { events: 1, bytes: 1, walBytes: 1, corruptEvents: 0, missingEvents: 0 },
    build: { version: '0.1.0', revision: 'bench', nodeVersion: process.version },
    startedMs: START_MS,
  };
}
