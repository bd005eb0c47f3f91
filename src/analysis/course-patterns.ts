/** The patterns that need weeks: seasons, agents that fail together, failures that follow others. */
import type { StrategyHour } from '../core/courses.js';
import type { CourseRange, Courses } from '../core/ports.js';
import { HOUR_ROW, TYPES_KEPT_MAX, type MinuteBits } from '../core/state/failure-minutes.js';
import { agentCorrelation, type AgentCorrelation } from './agent-correlation.js';
import { cascades, type Cascade } from './cascades.js';
import {
  DAILY,
  seasonal,
  seasonality,
  WEEKLY,
  type Cycle,
  type NamedSeason,
  type PhaseCounts,
  type SeasonNeeds,
} from './seasonality.js';

/** Strategies beyond these, those with the fewest attempts, are not tested for seasons. */
const STRATEGIES_TESTED_MAX = 1_000;
const DAY_HOURS = 24;
const WEEK_DAYS = 7;
/** 1 January 1970 was a Thursday; weeks begin on Monday. */
const DAYS_TO_MONDAY = 3;

export interface Seasons {
  readonly found: readonly NamedSeason[];
  /** Strategies with enough data, and all others. */
  readonly tested: number;
  readonly leftOut: number;
}

export interface CoursePatterns {
  readonly seasonRange: CourseRange;
  /** Phases are hours of the day, UTC. */
  readonly hourOfDay: Seasons;
  /** Phases are days of the week, Monday first. */
  readonly dayOfWeek: Seasons;
  readonly agentsRange: CourseRange;
  readonly agents: AgentCorrelation;
  readonly typesRange: CourseRange;
  readonly cascades: readonly Cascade[];
  /** Failure types beyond those compared. */
  readonly typesLeftOut: number;
}

/** Each with its own minimum of data; what has less is left out and counted. Empty lists when nothing is known. */
export function coursePatterns(courses: Courses): CoursePatterns {
  const strategies = busiest(courses.hours);
  const types = mostFrequent(courses.types);
  return {
    seasonRange: courses.seasons,
    hourOfDay: seasonsOf(strategies, daysOf, DAILY),
    dayOfWeek: seasonsOf(strategies, weeksOf, WEEKLY),
    agentsRange: courses.agentsRange,
    agents: agentCorrelation(courses.agents),
    typesRange: courses.typesRange,
    cascades: cascades(types),
    typesLeftOut: courses.types.size - types.size,
  };
}

interface StrategyCourse {
  readonly strategy: string;
  readonly hours: readonly StrategyHour[];
  readonly attempts: number;
}

function busiest(hours: readonly StrategyHour[]): {
  readonly tested: readonly StrategyCourse[];
  readonly all: number;
} {
  const byStrategy = new Map<string, StrategyHour[]>();
  for (const hour of hours) {
    const known = byStrategy.get(hour.strategy);
    if (known === undefined) byStrategy.set(hour.strategy, [hour]);
    else known.push(hour);
  }
  const tested = [...byStrategy]
    .map(([strategy, of]) => ({
      strategy,
      hours: of,
      attempts: of.reduce((sum, { attempts }) => sum + attempts, 0),
    }))
    .sort((a, b) => b.attempts - a.attempts || (a.strategy < b.strategy ? -1 : 1))
    .slice(0, STRATEGIES_TESTED_MAX);
  return { tested, all: byStrategy.size };
}

function seasonsOf(
  { tested, all }: ReturnType<typeof busiest>,
  cyclesOf: (hours: readonly StrategyHour[]) => Cycle[],
  needs: SeasonNeeds,
): Seasons {
  const known = tested.flatMap(({ strategy, hours }) => {
    const season = seasonality(cyclesOf(hours), needs);
    return season === undefined ? [] : [{ name: strategy, season }];
  });
  return { found: seasonal(known), tested: known.length, leftOut: all - known.length };
}

function daysOf(hours: readonly StrategyHour[]): Cycle[] {
  return cyclesOf(hours, DAY_HOURS, (hour) => hour);
}

function weeksOf(hours: readonly StrategyHour[]): Cycle[] {
  return cyclesOf(hours, WEEK_DAYS, (hour) => Math.floor(hour / DAY_HOURS) + DAYS_TO_MONDAY);
}

/** The same hour may come more than once: sources are counted apart until here. */
function cyclesOf(
  hours: readonly StrategyHour[],
  phases: number,
  phaseOf: (hour: number) => number,
): Cycle[] {
  const cycles = new Map<number, PhaseCounts[]>();
  for (const { hour, attempts, failures } of hours) {
    const running = phaseOf(hour);
    const number = Math.floor(running / phases);
    const phase = running - number * phases;
    const cycle =
      cycles.get(number) ?? Array.from({ length: phases }, () => ({ attempts: 0, failures: 0 }));
    cycles.set(number, cycle);
    const known = cycle[phase] ?? { attempts: 0, failures: 0 };
    cycle[phase] = { attempts: known.attempts + attempts, failures: known.failures + failures };
  }
  return [...cycles.values()];
}

function mostFrequent(types: ReadonlyMap<string, MinuteBits>): ReadonlyMap<string, MinuteBits> {
  if (types.size <= TYPES_KEPT_MAX) return types;
  const byHours = [...types].sort((a, b) => b[1].length / HOUR_ROW - a[1].length / HOUR_ROW);
  return new Map(byHours.slice(0, TYPES_KEPT_MAX));
}
