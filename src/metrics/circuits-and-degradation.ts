/** Circuit breakers and levels of service. Sources that use the same name share a series: the worst one counts. */
import { CIRCUIT_STATES, type CircuitState, type DegradationLevel } from '../core/event.js';
import type { Levels } from '../core/state/levels.js';
import { counter, firstCome, gauge, OPEN_SET, stateSet, type MetricRows } from './define.js';

/** From the best to the worst. */
const BADNESS: Readonly<Record<CircuitState, number>> = { closed: 0, half_open: 1, open: 2 };

export const CIRCUITS_AND_DEGRADATION = {
  selfhealer_circuit_breakers: gauge({
    otel: 'selfhealer.circuit_breakers',
    unit: '{breaker}',
    help: 'Breakers in each state.',
    additive: true,
    labels: { state: CIRCUIT_STATES },
    read: ({ state }, add) => {
      const breakers: Record<CircuitState, number> = { closed: 0, open: 0, half_open: 0 };
      for (const circuit of state.levels.circuits.values()) breakers[circuit.state] += 1;
      for (const word of CIRCUIT_STATES) add({ state: word }, breakers[word]);
    },
  }),
  selfhealer_circuit_breaker_transitions_total: counter({
    otel: 'selfhealer.circuit_breaker.transitions',
    unit: '{transition}',
    help: 'Breaker transitions.',
    labels: { from: CIRCUIT_STATES, to: CIRCUIT_STATES },
    family: ({ state }) => state.counts.circuitTransitions,
  }),
  selfhealer_circuit_breaker_oldest_open_timestamp_seconds: gauge({
    otel: 'selfhealer.circuit_breaker.oldest_open.timestamp',
    unit: 's',
    help: 'When the longest-open breaker opened; absent when none is open.',
    absent: 'Absent while no breaker is open.',
    labels: {},
    read: ({ state }, add) => {
      let oldestMs: number | undefined;
      for (const circuit of state.levels.circuits.values()) {
        if (circuit.state !== 'open') continue;
        oldestMs = Math.min(oldestMs ?? circuit.sinceMs, circuit.sinceMs);
      }
      add({}, oldestMs === undefined ? undefined : oldestMs / 1000);
    },
  }),
  selfhealer_circuit_breaker_state: stateSet({
    otel: 'selfhealer.circuit_breaker.state',
    unit: '1',
    help: 'Exactly one 1 per circuit.',
    optIn: 'circuits',
    labels: { circuit: OPEN_SET },
    stateLabel: 'state',
    states: CIRCUIT_STATES,
    bound: ({ state, labelSetsMax }) =>
      firstCome(worstCircuits(state.levels), CIRCUIT_STATES.length, labelSetsMax).bound,
    read: ({ state, labelSetsMax }, add) => {
      const circuits = worstCircuits(state.levels);
      const shown = firstCome(circuits, CIRCUIT_STATES.length, labelSetsMax);
      for (const [circuit, worst] of circuits) if (shown.has(circuit)) add({ circuit }, worst);
    },
  }),
  selfhealer_degradation_level: gauge({
    otel: 'selfhealer.degradation.level',
    unit: '',
    help: '0 full, 1–3 reduced, 4 minimal.',
    labels: { resource: OPEN_SET },
    bound: ({ state, labelSetsMax }) => firstCome(worstLevels(state.levels), 1, labelSetsMax).bound,
    read: ({ state, labelSetsMax }, add) => {
      const levels = worstLevels(state.levels);
      const shown = firstCome(levels, 1, labelSetsMax);
      for (const [resource, worst] of levels) if (shown.has(resource)) add({ resource }, worst);
    },
  }),
  selfhealer_degradation_transitions_total: counter({
    otel: 'selfhealer.degradation.transitions',
    unit: '{transition}',
    help: 'Level changes.',
    labels: { resource: OPEN_SET, direction: ['degrade', 'restore'] },
    family: ({ state }) => state.counts.degradationTransitions,
  }),
} satisfies MetricRows;

function worstCircuits({ circuits }: Levels): ReadonlyMap<string, CircuitState> {
  const worst = new Map<string, CircuitState>();
  for (const { circuit, state } of circuits.values()) {
    const known = worst.get(circuit);
    if (known === undefined || BADNESS[state] > BADNESS[known]) worst.set(circuit, state);
  }
  return worst;
}

function worstLevels({ resources }: Levels): ReadonlyMap<string, DegradationLevel> {
  const worst = new Map<string, DegradationLevel>();
  for (const { resource, level } of resources.values()) {
    if (level >= (worst.get(resource) ?? 0)) worst.set(resource, level);
  }
  return worst;
}
