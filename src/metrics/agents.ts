/** Per agent: many, short-lived and rarely worth a time series each, so only when asked for. */
import { counter, gauge, OPEN_SET, type MetricRows } from './define.js';

export const AGENTS = {
  selfhealer_agent_failures_total: counter({
    otel: 'selfhealer.agent.failures',
    unit: '{failure}',
    help: 'Failures detected, per agent.',
    optIn: 'agents',
    labels: { agent_id: OPEN_SET },
    family: ({ state }) => state.counts.agentFailures,
  }),
  selfhealer_agent_healing_failures_total: counter({
    otel: 'selfhealer.agent.healing.failures',
    unit: '{attempt}',
    help: 'Healing attempts that ran and failed, per agent.',
    optIn: 'agents',
    labels: { agent_id: OPEN_SET },
    family: ({ state }) => state.counts.agentAttemptFailures,
  }),
  selfhealer_agent_incidents_open: gauge({
    otel: 'selfhealer.agent.incidents.open',
    unit: '{incident}',
    help: 'Detected and not resolved, per agent.',
    additive: true,
    optIn: 'agents',
    labels: { agent_id: OPEN_SET },
    family: ({ state }) => state.counts.agentOpenIncidents,
  }),
} satisfies MetricRows;
