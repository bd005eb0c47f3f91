/**
 * How often a trend may be called where nothing has changed: the budget of false alarms, and what it means for a
 * stream of results. Success trends, those by failure type and those of durations keep to it, each kind by itself.
 */

/** Days from one false alarm to the next, at least and on average. */
export interface FalseAlarmBudget {
  /** Of one strategy alone. */
  readonly perStrategyDays: number;
  /** Of all strategies together. */
  readonly fleetDays: number;
}

export const USUAL_BUDGET: FalseAlarmBudget = { perStrategyDays: 30, fleetDays: 1 };

const GAMMA_MIN = 1e3;
const GAMMA_MAX = 1e10;

/** What of a stream the number of results to a false alarm depends on. */
export interface Flow {
  readonly perDay: number;
  /** Streams that share the budget of the fleet. */
  readonly streams: number;
}

/** One false alarm in so many results keeps within both parts of the budget. */
export function resultsPerFalseAlarm({ perDay, streams }: Flow, budget: FalseAlarmBudget): number {
  const days = Math.max(budget.perStrategyDays, streams * budget.fleetDays);
  return Math.min(GAMMA_MAX, Math.max(GAMMA_MIN, perDay * days));
}
