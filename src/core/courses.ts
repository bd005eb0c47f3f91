/** What patterns are looked for in, piece by piece. */

/** Attempts of one strategy in one hour (Unix time in hours). The same hour may come more than once. */
export interface StrategyHour {
  readonly strategy: string;
  readonly hour: number;
  readonly attempts: number;
  readonly failures: number;
}

/** Minutes with failures, flat [hour, minutes 0–29, minutes 30–59, …], a bit a minute; ascending by hour. */
export type MinutesByName = ReadonlyMap<string, readonly number[]>;

/** The range is older than what is kept in detail, or a filter leaves nothing to look at. */
export type CourseMissing =
  | { readonly missing: 'forgotten'; readonly keptFromMs: number }
  | { readonly missing: 'agent_id' | 'strategy' | 'failure_type' };
