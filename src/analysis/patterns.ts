/** What fails, how often, when, and where. */
import type { History } from '../core/ports.js';
import { HOUR_MS } from '../core/rollup.js';
import type { OverallStats } from './overall.js';
import { attemptsOf, type Totals } from './totals.js';

const MOST_COMMON_MAX = 5;

export interface AgentRate {
  /** Over the same hours as the frequency of all failures. */
  readonly failuresPerHour: number | undefined;
  readonly attempts: number;
  readonly succeeded: number;
}

export interface FailurePatterns {
  /** At most five, most first. */
  readonly mostCommon: readonly { readonly failureType: string; readonly count: number }[];
  /** Failures per hour. */
  readonly perHour: number;
  /** Hour of day (UTC, 0–23) to attempts that ran; only hours with any. */
  readonly hours: ReadonlyMap<number, number>;
  /** Agent to failures (of one strategy: to its attempts), most first. */
  readonly agents: ReadonlyMap<string, number>;
  /** The same agents: undefined where a rate is not known. */
  readonly agentRates: ReadonlyMap<string, AgentRate>;
  /** Agents beyond those listed, and their failures. */
  readonly agentsLeftOut: History['agentsLeftOut'];
}

/**
 * The patterns of a history.
 *
 * Units: counts; failures per hour over the span from the first to the last completion, at least one hour.
 * Left out: failures without an agent, from `agents`.
 * `ofStrategy`: the history is that of one strategy; it knows its attempts per agent, not the agent's failures.
 * No data: empty; the frequency is 0 below two completions, where there is no span.
 * Errors: none.
 * Source: the report of the original analytics.
 */
export function failurePatterns(
  { agents, agentsLeftOut }: History,
  { overall }: Totals,
  stats: OverallStats,
  ofStrategy: boolean,
): FailurePatterns {
  const spanMs = (overall.lastAttemptMs ?? 0) - (overall.firstAttemptMs ?? 0);
  const hours = Math.max(spanMs, HOUR_MS) / HOUR_MS;
  const isRateKnown = attemptsOf(overall) >= 2 && !ofStrategy;
  const counts = agents.map(({ agentId, failures, succeeded, failed }): [string, number] => [
    agentId,
    ofStrategy ? succeeded + failed : failures,
  ]);
  return {
    mostCommon: [...stats.byFailureType]
      .slice(0, MOST_COMMON_MAX)
      .map(([failureType, count]) => ({ failureType, count })),
    perHour: attemptsOf(overall) < 2 ? 0 : stats.failures / hours,
    hours: new Map([...overall.hours].filter(([, n]) => n > 0).sort(([a], [b]) => a - b)),
    agents: new Map(counts.filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1])),
    agentRates: new Map(
      agents.map(({ agentId, failures, succeeded, failed }) => [
        agentId,
        {
          failuresPerHour: isRateKnown ? failures / hours : undefined,
          attempts: succeeded + failed,
          succeeded,
        },
      ]),
    ),
    agentsLeftOut,
  };
}
