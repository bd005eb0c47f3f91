/** Short ways to write events in tests. Times are seconds after a fixed moment. */
import type {
  FailureDetected,
  HealingCompleted,
  HealingEvent,
  HealingStarted,
  Input,
  LoggedEvent,
} from '../../src/core/event.js';
import type { AttemptEnded, Fact } from '../../src/core/facts.js';
import { LiveState } from '../../src/core/state/live-state.js';

export const T0 = Date.UTC(2026, 10, 23, 12);

let ids = 0;

export function at(seconds: number): number {
  return T0 + seconds * 1000;
}

export function envelope(seconds: number): { source: string; id: string; timeMs: number } {
  ids += 1;
  return { source: '/swarms/alpha', id: `e${ids}`, timeMs: at(seconds) };
}

export function detected(
  seconds: number,
  failureId: string,
  more: Partial<FailureDetected> = {},
): FailureDetected {
  return {
    ...envelope(seconds),
    type: 'selfhealer.failure.detected',
    failureId,
    failureType: 'agent_down',
    agentId: undefined,
    severity: 'high',
    ...more,
  };
}

export function started(
  seconds: number,
  failureId: string,
  more: Partial<HealingStarted> = {},
): HealingStarted {
  return {
    ...envelope(seconds),
    type: 'selfhealer.healing.started',
    failureId,
    strategy: 'AgentRestartStrategy',
    failureType: undefined,
    agentId: undefined,
    ...more,
  };
}

export function completed(
  seconds: number,
  failureId: string,
  more: Partial<HealingCompleted> = {},
): HealingCompleted {
  return {
    ...envelope(seconds),
    type: 'selfhealer.healing.completed',
    failureId,
    strategy: 'AgentRestartStrategy',
    outcome: 'succeeded',
    durationMs: 1000,
    actions: [],
    failureType: 'agent_down',
    agentId: undefined,
    severity: 'high',
    reason: undefined,
    trigger: 'reactive',
    ...more,
  };
}

/** What folds are told of an attempt that ran. */
export function attemptEnded(
  strategy: string,
  timeMs: number,
  succeeded: boolean,
  durationMs = 1,
): AttemptEnded {
  return {
    kind: 'attempt_ended',
    source: '/test',
    timeMs,
    failureId: 'f',
    strategy,
    failureType: 'agent_down',
    agentId: undefined,
    severity: 'high',
    outcome: succeeded ? 'succeeded' : 'failed',
    reason: 'unspecified',
    trigger: 'reactive',
    durationMs,
    attempt: 1,
    attemptOfStrategy: 1,
    firstOfStrategy: true,
    inOrder: true,
  };
}

export function logged(event: HealingEvent, seq: number, input: Input = 'http'): LoggedEvent {
  return { seq, input, receivedMs: event.timeMs + 5, event };
}

/** Folds events in the order given. */
export function fold(
  events: readonly HealingEvent[],
  state = new LiveState(),
): { state: LiveState; facts: Fact[] } {
  const facts: Fact[] = [];
  for (const event of events) facts.push(...state.apply(logged(event, state.seq + 1)));
  return { state, facts };
}

export function factsOf<K extends Fact['kind']>(
  facts: readonly Fact[],
  kind: K,
): Extract<Fact, { kind: K }>[] {
  return facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
}
