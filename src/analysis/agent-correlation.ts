/** Which agents fail together. */
import type { MinuteBits } from '../core/state/failure-minutes.js';
import { chanceOf, coOccurrence, hourly } from './co-occurrence.js';
import { falseDiscovery } from './false-discovery.js';

/** Minutes with failures that an agent needs. */
const AGENT_MINUTES_MIN = 10;
/** Beyond these, the agents with the fewest failures are left out: the work grows with the square. */
const AGENTS_COMPARED_MAX = 200;
const TOGETHER_MIN = 5;
const LIFT_MIN = 1.5;
const FALSE_SHARE_MAX = 0.05;

export interface AgentPair {
  readonly agents: readonly [string, string];
  readonly lift: number;
  readonly together: number;
  readonly expected: number;
  readonly qValue: number;
}

export interface AgentCorrelation {
  readonly pairs: readonly AgentPair[];
  readonly compared: number;
  /** Agents with too few failures, or beyond the most that are compared. */
  readonly leftOut: number;
}

/**
 * Pairs of agents that fail in the same minutes more often than the hour explains.
 *
 * Units: minutes with at least one failure of an agent.
 * Left out: agents of fewer than 10 minutes; beyond the 200 with the most.
 * No data: no pairs. Of those listed, at most one in twenty is there by chance, on average.
 * Errors: none.
 * Source: Cochran (1954), Mantel, Haenszel (1959), by hour; Benjamini, Hochberg (1995) over all pairs.
 */
export function agentCorrelation(agents: ReadonlyMap<string, MinuteBits>): AgentCorrelation {
  const compared = [...agents]
    .map(([name, bits]) => ({ name, minutes: hourly(bits) }))
    .filter(({ minutes }) => minutes.total >= AGENT_MINUTES_MIN)
    .sort((a, b) => b.minutes.total - a.minutes.total || (a.name < b.name ? -1 : 1))
    .slice(0, AGENTS_COMPARED_MAX);
  const found = compared.flatMap((a, i) =>
    compared.slice(i + 1).map((b) => {
      const shared = coOccurrence(a.minutes, b.minutes);
      return { agents: [a.name, b.name] as const, ...shared, p: chanceOf(shared) };
    }),
  );
  const q = falseDiscovery(found.map(({ p }) => p));
  const pairs = found.flatMap(({ agents: pair, together, expected }, i): AgentPair[] => {
    const lift = together / expected;
    const qValue = q[i] ?? 1;
    const isPair = qValue <= FALSE_SHARE_MAX && together >= TOGETHER_MIN && lift >= LIFT_MIN;
    return isPair ? [{ agents: pair, lift, together, expected, qValue }] : [];
  });
  return {
    pairs: pairs.sort((a, b) => b.lift - a.lift),
    compared: compared.length,
    leftOut: agents.size - compared.length,
  };
}
