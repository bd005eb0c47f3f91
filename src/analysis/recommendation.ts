/** What a recommendation is. The words are label values and part of the report. */

export const RECOMMENDATION_KINDS = [
  'overall',
  'strategy',
  'mttr',
  'prevention',
  'resource',
  'circuit_breaker',
  'proposal',
  'tuning',
  'prediction',
] as const;
export type RecommendationKind = (typeof RECOMMENDATION_KINDS)[number];

export const RECOMMENDATION_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type RecommendationSeverity = (typeof RECOMMENDATION_SEVERITIES)[number];

/** Numbers by name, as they go out: snake_case, units last, null for unknown. */
export type Figures = Readonly<Record<string, number | string | boolean | null>>;

export interface Recommendation {
  /** The same for the same advice about the same thing, whenever it is given. */
  readonly id: string;
  readonly kind: RecommendationKind;
  readonly severity: RecommendationSeverity;
  readonly strategy?: string;
  readonly failureType?: string;
  /** For people, in the words of the original analytics. */
  readonly message: string;
  /** What it rests on. */
  readonly evidence: Figures;
  /** What to do, in one sentence. */
  readonly action: string;
}
